"""The base model: from the Hub, from a folder, or from nothing."""
import json
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import PositiveInt, model_validator

from pillm.engine.stage import (
    Estimate,
    From,
    InputPath,
    Makes,
    Metrics,
    Mistake,
    Needs,
    Progress,
    StageConfig,
    Work,
    stage,
)
from pillm.errors import ConfigError, DataError, StageError
from pillm.shape import FirstWeights, Shape
from pillm.stages.fields import SchemaFile

USED = {"hub": ("repo", "revision", "template", "quantized"), "folder": ("path", "template", "quantized"),
        "scratch": ("family", "shape", "context", "seed", "answer_schema", "show_schema", "template", "quantized",
                    "first_weights")}
"""What each source looks at; the rest stays out of the step's identity."""
HUB_NAME = re.compile(r"([\w.-]+/)?[\w.-]+")
WITH_LITERALS = "nano"
"""The family whose tokenizer holds the skeletons of JSON answers as tokens."""
DOWNLOAD_BYTES_PER_S, BUILT_BYTES_PER_S = 20e6, 100e6
SAMPLES = ("Bonjour, ça va? C'est l'fun, pis 3 + 4 = 7.", "two  spaces\n\tand a tab", '{"a": [1, 2.5]} 🙂 日本')
ITS_OWN = "Take the tokenizer that the model came with."


class FetchConfig(StageConfig):
    source: Annotated[Literal["hub", "folder", "scratch"], From("model.source")]
    """From the Hub, from a local folder, or made here: a tokenizer learned on the chats, and random weights."""
    repo: Annotated[str | None, From("model.repo")]
    """The model's name on the Hub, as owner/name."""
    revision: Annotated[str | None, From("model.revision")]
    """The Hub's commit; a branch is resolved, and its commit noted."""
    path: Annotated[InputPath | None, From("model.path")]
    """The local folder."""
    template: Annotated[InputPath | None, From("model.template")]
    """A chat template (Jinja file) in place of the model's own."""
    family: Annotated[str | None, From("model.family")]
    """Architecture and tokenizer type of a model from scratch."""
    shape: Annotated[Shape | None, From("model.shape")]
    """Its sizes."""
    context: Annotated[PositiveInt | None, From("model.context")]
    """Tokens it can attend to."""
    quantized: Annotated[Literal["nf4", "fp4"] | None, From("model.quantized")] = None
    """The weights are stored in 4 bits of this number format; null is 16 or 32 bits."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema of the answers: a nano model's tokenizer has its skeletons as tokens."""
    show_schema: Annotated[bool, From("domain.show_schema")] = False
    """A nano model reads schemas: its tokenizer has the keywords of JSON Schema as tokens."""
    seed: Annotated[int, From("seed")]
    """Draws the random weights."""
    first_weights: Annotated[FirstWeights | None, From("model.first_weights")] = None
    """random; induction: with heads that copy, in the first two layers; neighbours: with these, and embeddings that are
    alike where tokens stand beside the same ones."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_used(cls, values: Any) -> Any:
        if not isinstance(values, dict) or values.get("source") not in USED:
            return values
        used = {"source", *USED[values["source"]]}
        if values.get("family") != WITH_LITERALS:
            used -= {"answer_schema", "show_schema"}
        unused = {"seed": 0, "show_schema": False}
        return {key: value if key in used or key not in cls.model_fields else unused.get(key)
                for key, value in values.items()}


def check(config: FetchConfig) -> Iterator[Mistake]:
    if config.quantized and not find_spec("bitsandbytes"):
        yield "quantized", "weights in 4 bits need bitsandbytes. pip install 'pillm[qlora]'"
    if config.source == "hub" and not config.repo:
        yield "repo", "a model from the Hub needs its name. Set model.repo."
    if config.repo and not HUB_NAME.fullmatch(config.repo):
        yield "repo", f"{config.repo}: not a name on the Hub. Write it as owner/name."
    if config.source == "folder":
        yield from _folder_mistakes(config.path, config.template)
    if config.source == "scratch" and config.shape and config.family:
        yield from _shape_mistakes(config.family, config.shape, config.first_weights or "random")


def _shape_mistakes(family: str, shape: Shape, first_weights: FirstWeights) -> Iterator[Mistake]:
    from pillm.backends.scratch import families

    try:
        yield from ((f"shape.{field}", told) for field, told in families.mistakes(family, shape, first_weights))
    except ConfigError as error:
        yield "family", str(error).removeprefix("family: ")


def _folder_mistakes(path: Path | None, given_template: Path | None) -> Iterator[Mistake]:
    from pillm.backends.weights_folder import NO_TEMPLATE, own_template, problems, readable

    if path is None:
        yield "path", "a local model needs its folder. Set model.path."
    elif not path.is_dir():
        yield "path", f"{path} is a file. Name the model's folder."
    else:
        yield from (("path", f"{path}: {problem}") for problem in problems(path))
        legible = readable(path / "tokenizer_config.json")  # else nobody knows whether there is a template in it
        if legible and not (given_template or own_template(path)):
            yield "template", NO_TEMPLATE


def estimate(config: FetchConfig, recipe: dict[str, Any]) -> Estimate:
    """disk = 2 bytes × parameters, from scratch 4 bytes × those of the shape; seconds = 5, and disk / 20 MB/s from
    the Hub, / 100 MB/s from scratch; memory = 0.5 GiB, from scratch also 2 × disk."""
    if config.source == "scratch" and config.shape:
        size = 4 * config.shape.matrix_values
        return Estimate(seconds=5 + size / BUILT_BYTES_PER_S, ram_gib=0.5 + 2 * size / 2**30, disk_gib=size / 2**30)
    size = 2 * recipe["model"]["parameters"]
    seconds = 5 + (size / DOWNLOAD_BYTES_PER_S if config.source == "hub" else 0)
    return Estimate(seconds=seconds, ram_gib=0.5, disk_gib=size / 2**30)


@stage(version="5", libraries=("tokenizers", "sentencepiece", "torch", "transformers", "scipy"), check=check,
       estimate=estimate)
def fetch(
    config: FetchConfig,
    chats: Annotated[Path | None, Needs("chats", when=("source", "scratch"))],
    weights: Annotated[Path, Makes("weights")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Get the base model from the Hub, from a folder, or from nothing, and check that it is whole."""
    from pillm.backends import weights_folder

    weights.mkdir(parents=True)
    if config.source == "scratch":
        metrics = _from_scratch(config, chats, weights)
    elif config.source == "hub":
        metrics = _from_hub(config, weights, work, progress)
    else:
        metrics = _from_folder(config, weights)
    if found := [*weights_folder.problems(weights)]:
        raise StageError("\n".join(f"{config.repo or config.path}: {problem}" for problem in found))
    if (stored := weights_folder.four_bits(weights)) != config.quantized:
        raise StageError(f"model.quantized: the weights are stored as {stored or 'whole numbers of bits'}, and "
                         f"{config.quantized or 'null'} was expected. Set model.quantized to what they are.")
    template = config.template.read_text(encoding="utf-8-sig") if config.template else None
    weights_folder.normalise(weights, template)
    return metrics | _sound(weights)


def _from_scratch(config: FetchConfig, chats: Path | None, out: Path) -> Metrics:
    from pillm.backends.scratch.build import build

    assert chats and config.family and config.shape and config.context  # the graph and the typed part see to it
    build(config.family, config.shape, list(_texts(chats / "train.jsonl")), out, context=config.context,
          literals=_literals(config), first_weights=config.first_weights or "random", seed=config.seed)
    if config.quantized:
        from pillm.backends.hf import model
        from pillm.backends.hf.options import Quantized

        model.store_quantized(out, Quantized(kind=config.quantized))
    return {}


def _texts(file: Path) -> Iterator[str]:
    """What is said in the chats; never the validation or test ones."""
    with file.open(encoding="utf-8") as lines:
        for n, line in enumerate(lines, 1):
            try:
                for message in json.loads(line)["messages"]:
                    yield from filter(None, (message.get("thought_stream"), message["content"]))
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{file}:{n}: not a chat ({error}). Make the chats again.") from error


def _literals(config: FetchConfig) -> list[str]:
    from pillm.backends.json_schema import schema
    from pillm.serve import shown_schema, spans

    if config.show_schema:
        return list(shown_schema.KEYWORDS)
    answer_schema = config.answer_schema
    found = schema(answer_schema.read_text(encoding="utf-8-sig")) if answer_schema else None
    return spans.literals(found) if found and spans.is_tool_schema(found) else []


def _from_hub(config: FetchConfig, out: Path, work: Path, progress: Progress) -> Metrics:
    from pillm.backends import hub
    from pillm.backends.files import link_or_copy
    from pillm.backends.weights_folder import problems, wanted

    revision = config.revision or "main"
    snapshot = hub.cached(str(config.repo), revision)
    if snapshot is None or any(problems(snapshot.folder)):
        snapshot = hub.download(str(config.repo), revision, work / "download", progress=progress)
    for file in wanted(snapshot.folder):
        link_or_copy(file.resolve(), out / file.name)
    return {"repo": config.repo, "revision": snapshot.commit, "compared_with_hub": snapshot.compared}


def _from_folder(config: FetchConfig, out: Path) -> Metrics:
    """Copies: what the user changes in the folder later must not change here."""
    from pillm.backends.weights_folder import wanted

    assert config.path  # check() sees to it
    for file in wanted(config.path):
        shutil.copyfile(file, out / file.name)
    return {}


def _sound(weights: Path) -> Metrics:
    """Figures of a model whose tokenizer gives text back and whose template takes a chat; else a StageError."""
    from pillm.backends import weights_folder
    from pillm.serve.template import render

    tokenizer = weights_folder.tokenizer(weights)
    for text in SAMPLES:
        if (back := tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids)) != text:
            raise StageError(f"tokenizer.json: {text!r} comes back as {back!r}. {ITS_OWN}")
    tokens, rows = tokenizer.get_vocab_size(with_added_tokens=False), weights_folder.embedding_rows(weights)
    if rows and tokens > rows:  # added ones may be more: Gemma 3 has a token for images that its text models lack
        raise StageError(f"tokenizer.json: {tokens} tokens are more than the model's {rows} embeddings. {ITS_OWN}")
    special = weights_folder.special_tokens(weights)
    chat = [{"role": "user", "content": "ping"}, {"role": "assistant", "content": "pong"}]
    text = render((weights / weights_folder.TEMPLATE_FILE).read_text(encoding="utf-8"), chat,
                  bos=special.get("bos", ""), eos=special.get("eos", ""))
    if not text.find("ping") < text.find("pong"):
        raise StageError(f"chat template: it does not write what is said ({text!r}). Name another (model.template).")
    return {"parameters": weights_folder.parameters(weights), "tokens": tokenizer.get_vocab_size(),
            "bytes": sum(file.stat().st_size for file in weights.iterdir())}
