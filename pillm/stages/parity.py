"""Whether what ships is what was trained."""
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import NonNegativeFloat, PositiveInt

from pillm.backends.go import render as go
from pillm.backends.hf import machine
from pillm.backends.llama_cpp import where
from pillm.engine.stage import Estimate, From, Makes, Metrics, Needs, Progress, Resolve, StageConfig, stage

if TYPE_CHECKING:
    from pillm.backends.logit_parity import Agreement
    from pillm.serve.ollama.modelfile import Held
    from pillm.serve.parity_chats import Case
    from pillm.serve.shipped import Shipped
    from pillm.serve.token_parity import Report

OPERATIONS_PER_S = 1e10
"""Multiplications and additions of one core on a few hundred tokens in float32; measured with AVX2."""
TEMPLATE_ROOM = 512
"""Tokens of context for a server that only writes prompts."""

Gate = dict[str, Any]


class ParityConfig(StageConfig):
    domain_chats: PositiveInt = 8
    """Chats of the domain's test split, beside those made to differ."""
    logit_tokens: PositiveInt = 1500
    """Logits are compared on so many tokens of these chats, and at least on one chat."""
    max_kl: NonNegativeFloat = 1e-4
    """Largest mean KL divergence of the GGUF's next-token distribution from the weights', in nats; f16 costs 1e-7."""
    min_same_top: NonNegativeFloat = 0.98
    """Smallest share of positions where both put the same token first; near-ties may fall either way."""
    context: Annotated[PositiveInt, From("model.context")]
    """A longer chat is cut there for the comparison of logits."""
    pre: Annotated[str | None, From("model.pre")]
    """llama.cpp's name of the pre-tokenizer that was forced on the conversion."""
    family: Annotated[str, From("model.family")]
    """Whose pre-tokenizer the GGUF must name."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(machine.cores)] = None
    """Threads, on which the order of torch's sums depends; null is one for each core."""


def estimate(config: ParityConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 5 + 4 × parameters × logit_tokens / (OPERATIONS_PER_S × cores).

    memory = (4 + 2) bytes × parameters + 3 × 4 bytes × 512 positions × vocabulary.
    """
    model = recipe["model"]
    operations = 4 * model["parameters"] * config.logit_tokens
    memory = 6 * model["parameters"] + 12 * 512 * model["shape"]["vocab"]
    return Estimate(seconds=5 + operations / (OPERATIONS_PER_S * machine.cores()), ram_gib=memory / 2**30)


def here() -> dict[str, str]:
    """Which llama.cpp computes, and who renders the Modelfile's template."""
    return where.identity() | go.identity()


@stage(version="2", libraries=("torch", "transformers", "jinja2"), estimate=estimate, fingerprint=here)
def parity(config: ParityConfig, weights: Annotated[Path, Needs("weights")],
           ladder: Annotated[Path, Needs("ladder")], chats: Annotated[Path, Needs("chats")],
           modelfile: Annotated[Path | None, Needs("modelfile")],
           parity: Annotated[Path, Makes("parity", "parity.json")], progress: Progress) -> Metrics:
    """Hold tokens and logits of the GGUF, and the Modelfile's prompts, against what training saw."""
    from pillm.backends.hf.chat import tokenizer as read_tokenizer
    from pillm.serve import parity_chats, shipped

    base, others = _files(ladder)
    model = Trained(weights, read_tokenizer(weights), base, shipped.read(base))
    cases = [*parity_chats.of_domain(chats, config.domain_chats), *parity_chats.built(model.shipped.marks)]
    progress("tokens", 0, 3)
    ollama = _hold(modelfile, model, cases)
    report = _tokens(model, cases, ollama)
    progress("metadata", 1, 3)
    metadata = _metadata(model, others, config)
    progress("logits", 2, 3)
    logits = _logits(model, cases, config)
    gates = [*_token_gates(report, ollama), _metadata_gate(metadata), _logit_gate(logits, config)]
    found = {"verdict": "equal" if all(gate["met"] for gate in gates) else "different", "file": base.name,
             "chats": len(cases) - len(report.refused), "sequences": report.compared,
             "chats_that_the_template_refuses": report.refused, "logits": _figures(logits), "metadata": metadata,
             "modelfile": {"prompts_by": ollama.renderer, "problems": ollama.problems} if ollama else None,
             "first_difference": report.differences[0].facts if report.differences else None}
    parity.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return {key: found[key] for key in ("verdict", "chats", "sequences", "logits")} | {"gates": gates}


@dataclass(frozen=True)
class Trained:
    """The weights with their tokenizer, and the unquantized GGUF made of them."""

    weights: Path
    tokenizer: Any
    gguf: Path
    shipped: "Shipped"


def _files(ladder: Path) -> tuple[Path, list[Path]]:
    """The unquantized file and the others."""
    from pillm.backends.llama_cpp import ladder as rungs

    files = rungs.files(ladder)
    name = rungs.base(files)
    return files[name], [file for other, file in files.items() if other != name]


def _hold(modelfile: Path | None, model: Trained, cases: "list[Case]") -> "Held | None":
    from pillm.serve.ollama.modelfile import hold

    if modelfile is None:
        return None
    return hold((modelfile / "Modelfile").read_text("utf-8"), model.shipped, [case.asked for case in cases])


def _tokens(model: Trained, cases: "list[Case]", ollama: "Held | None") -> "Report":
    from pillm.backends.llama_cpp.model import Model
    from pillm.backends.llama_cpp.server import Server
    from pillm.serve.token_parity import Served, compare

    with Model(model.gguf, vocab_only=True) as vocabulary, Server(model.gguf, context=TEMPLATE_ROOM) as server:
        return compare(model.tokenizer, Served(vocabulary, model.shipped, server), cases,
                       ollama.prompts if ollama else None)


def _metadata(model: Trained, others: list[Path], config: ParityConfig) -> list[str]:
    from pillm.backends.scratch.families import FAMILIES
    from pillm.serve.metadata_parity import of_ladder, problems

    known = FAMILIES.get(config.family)
    pre = config.pre or getattr(known and known.tokenizer, "pre", None)
    return [*problems(model.weights, model.tokenizer, model.gguf, model.shipped, pre=pre),
            *of_ladder(model.gguf, others)]


def _logits(model: Trained, cases: "list[Case]", config: ParityConfig) -> "Agreement":
    """On whole chats, the domain's first, until there are tokens enough."""
    from pillm.backends.hf.chat import encode_chat
    from pillm.backends.logit_parity import compare
    from pillm.errors import DataError

    sequences: list[list[int]] = []
    for case in cases:
        if sum(map(len, sequences)) >= config.logit_tokens:
            break
        try:
            sequences.append(encode_chat(model.tokenizer, case.messages).ids[:config.context])
        except DataError:
            continue
    return compare(model.weights, model.gguf, sequences, threads=config.threads)


def _figures(logits: "Agreement") -> dict[str, float]:
    """Three figures: the rest differs with the processor."""
    return {name: float(f"{value:.3g}") for name, value in asdict(logits).items()} | {"positions": logits.positions}


def _token_gates(report: "Report", ollama: "Held | None") -> list[Gate]:
    from pillm.serve.token_parity import LLAMA_CPP, MODELFILE

    gates = [{"name": "token parity", "met": not report.of(LLAMA_CPP), "told": report.told(LLAMA_CPP)}]
    if ollama:
        problems = [*ollama.problems, *([report.told(MODELFILE)] if report.of(MODELFILE) else [])]
        gates.append({"name": "Modelfile parity", "met": not problems,
                      "told": "; ".join(problems) or report.told(MODELFILE)})
    return gates


def _metadata_gate(problems: list[str]) -> Gate:
    return {"name": "metadata parity", "met": not problems,
            "told": "; ".join(problems) or "Template, special tokens, vocabulary and stops are those of training."}


def _logit_gate(logits: "Agreement", config: ParityConfig) -> Gate:
    told = (f"Over {logits.positions} positions the KL divergence of the GGUF from the weights is {logits.kl_mean:.1e} "
            f"(allowed {config.max_kl:.0e}), the same token comes first in {logits.same_top:.1%} "
            f"(at least {config.min_same_top:.0%}), no logit is off by more than {logits.max_difference:.1e}.")
    # A NaN compares as false, so that logits which are no numbers fail.
    met = logits.kl_mean <= config.max_kl and logits.same_top >= config.min_same_top
    return {"name": "logits parity", "met": met, "told": told}
