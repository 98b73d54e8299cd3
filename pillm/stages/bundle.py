import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import PositiveInt

from pillm.engine import digest
from pillm.engine.stage import From, Makes, Metrics, Mistake, Needs, StageConfig, stage
from pillm.errors import StageError
from pillm.serve.chat import Decoding
from pillm.serve.confidence import CALIBRATION, Calibration, read
from pillm.stages.fields import SchemaFile


class BundleConfig(StageConfig):
    name: Annotated[str, From("name")]
    """What the model is called on the board."""
    type: Annotated[str, From("device.quant")]
    """Which file of the ladder is shipped."""
    device: Annotated[dict[str, Any], From("device")]
    """The board: its memory and bandwidth, for what to expect."""
    shape: Annotated[dict[str, Any], From("model.shape")]
    """The model's sizes, for its memory."""
    context: Annotated[PositiveInt, From("model.context")]
    """Tokens of a conversation on the board."""
    system: Annotated[str | None, From("domain.system")]
    """The system prompt."""
    answer_schema: Annotated[SchemaFile | None, From("domain.schema")]
    """The JSON Schema of answers, by its name in schemas/; it goes along."""
    decoding: Annotated[Decoding, From("domain.decoding")]
    """schema: its grammar goes along too."""
    show_schema: Annotated[bool, From("domain.show_schema")] = False
    """Each request brings the schema of its answer; none goes along."""


def check(config: BundleConfig) -> Iterator[Mistake]:
    """The name can be a file's, and decoding has its schema."""
    if not re.fullmatch(r"\w[\w.-]*", config.name):
        yield "name", f"{config.name!r} cannot be a file's name. Use letters, digits, '_', '-' and '.'."
    own = config.show_schema and config.decoding == "schema"
    if config.decoding != "free" and config.answer_schema is None and not own:
        yield "decoding", f"{config.decoding} needs a JSON Schema. Set domain.schema, or choose free."


@stage(version="4", libraries=("xllamacpp", "pillm"), check=check)
def bundle(config: BundleConfig, ladder: Annotated[Path, Needs("ladder")],
           modelfile: Annotated[Path | None, Needs("modelfile")],
           divergence: Annotated[Path | None, Needs("divergence")],
           calibration: Annotated[Path | None, Needs("calibration")],
           bundle: Annotated[Path, Makes("bundle")]) -> Metrics:
    """Gather what a board needs: the file, its Modelfile, schema and grammar, checksums, and a page of commands."""
    from pillm.backends.files import link_or_copy
    from pillm.backends.llama_cpp.ladder import files

    source = files(ladder, [config.type])[config.type]
    bundle.mkdir()
    model = bundle / f"{config.name}-{config.type}.gguf"
    link_or_copy(source, model)
    if modelfile:
        _place_modelfile(modelfile / "Modelfile", bundle, model.name)
    if config.answer_schema:
        _place_schema(config.answer_schema, bundle, config.decoding)
    facts = {"file": model.name, "bytes": model.stat().st_size, "sha256": digest.sha256(model)}
    sure = _place_calibration(calibration, bundle, facts) if calibration else None
    about = {"divergence": _of_type(divergence, config.type), "calibration": sure} | _frame(model)
    _write_page(config, facts | about, bundle)
    _write_sums(bundle)
    return facts | {"files": sorted(path.name for path in bundle.iterdir())}


def _place_modelfile(source: Path, folder: Path, gguf: str) -> None:
    """The Modelfile, reading the file beside it."""
    text = re.sub(r"^FROM .*$", f"FROM ./{gguf}", source.read_text("utf-8"), count=1, flags=re.MULTILINE)
    (folder / "Modelfile").write_text(text, "utf-8")


def _place_schema(file: Path, folder: Path, decoding: Decoding) -> None:
    from pillm.backends.json_schema import schema
    from pillm.backends.llama_cpp import gbnf

    found = schema(file.read_text("utf-8-sig"))
    (folder / "schema.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if decoding == "schema":
        (folder / "answer.gbnf").write_text(gbnf.grammar(found) + "\n", "utf-8")


def _place_calibration(source: Path, folder: Path, facts: dict[str, Any]) -> Calibration:
    """How sure an answer of this very file is."""
    from pillm.backends.files import link_or_copy

    sure = read(source)
    if sure.sha256 != facts["sha256"]:
        raise StageError(f"bundle: the calibration is of another file ({sure.type}) than {facts['file']}. "
                         "Give bundle.type and calibrate.type the same type.")
    link_or_copy(source / CALIBRATION, folder / CALIBRATION)
    return sure


def _of_type(divergence: Path | None, type_: str) -> dict[str, Any] | None:
    return json.loads(divergence.read_text("utf-8")).get(type_) if divergence else None


def _frame(model: Path) -> dict[str, Any]:
    """Whether it thinks before it answers, and the text by which it ends an answer where no token does."""
    from pillm.serve import shipped, thoughts

    facts = shipped.read(model)
    found = thoughts.frame(facts.prompt, facts.control.__contains__)
    return {"thinks": found.opens, "end": found.end}


def _write_page(config: BundleConfig, facts: dict[str, Any], folder: Path) -> None:
    from pillm.backends.llama_cpp.where import BUILD
    from pillm.report.bundle import page

    known = config.model_dump() | facts | {"build": BUILD, "modelfile": (folder / "Modelfile").exists()}
    (folder / "README.md").write_text(page(known), "utf-8")


def _write_sums(folder: Path) -> None:
    """As `sha256sum *` would."""
    lines = [f"{digest.sha256(file)}  {name}\n" for name, file in digest.files(folder)]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")
