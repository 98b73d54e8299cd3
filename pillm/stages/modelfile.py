"""Ollama's recipe for the model."""
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import NonNegativeFloat, PositiveInt

from pillm.backends.go import render as go
from pillm.backends.llama_cpp import where
from pillm.engine.stage import From, Makes, Metrics, Mistake, Needs, StageConfig, stage
from pillm.errors import StageError


class ModelfileConfig(StageConfig):
    type: Annotated[str, From("device.quant")]
    """Which file of the ladder Ollama is to load."""
    context: Annotated[PositiveInt, From("model.context")]
    """num_ctx: tokens of a conversation."""
    temperature: NonNegativeFloat = 0.0
    """0 answers as evaluation does: the likeliest token each time."""
    system: Annotated[str | None, From("domain.system")]
    """SYSTEM: goes before chats that bring no system message."""
    domain_chats: PositiveInt = 8
    """Chats of the domain, beside those made to differ, on which the template must write what the trained one does."""


def check(config: ModelfileConfig) -> Iterator[Mistake]:
    """The system prompt can stand in a Modelfile."""
    from pillm.serve.ollama.syntax import unwritable

    if config.system and (told := unwritable(config.system)):
        yield "system", told


def here() -> dict[str, str]:
    """Which llama.cpp names the tokens that end an answer, and who renders the template."""
    return where.own_identity() | go.identity()


@stage(version="3", libraries=("jinja2", "xllamacpp"), check=check, fingerprint=here)
def modelfile(config: ModelfileConfig, ladder: Annotated[Path, Needs("ladder")],
              chats: Annotated[Path, Needs("chats")],
              modelfile: Annotated[Path, Makes("modelfile")]) -> Metrics:
    """Write a Modelfile for Ollama whose template says what the trained one says, checked chat by chat."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.serve import parity_chats, shipped
    from pillm.serve.ollama import modelfile as ollama
    from pillm.serve.ollama import syntax

    gguf = files(ladder, [config.type])[config.type]
    facts = shipped.read(gguf)
    cases = [*parity_chats.of_domain(chats, config.domain_chats), *parity_chats.built(facts.marks)]
    source, form, checked = ollama.template(facts, [case.asked for case in cases])
    system = config.system and unicodedata.normalize("NFC", config.system)  # as prepare makes all of training's text
    if system and not form.system and not form.drops_system:
        raise StageError("modelfile.system: the chat template refuses system messages. Set domain.system=null.")
    stops, missing = ollama.stops(form, facts), ollama.refusals(form)
    notes = [f"The template writes {checked.same} chats as the model's own chat template does (by {checked.renderer}).",
             *missing]
    parameters = {"num_ctx": config.context, "temperature": config.temperature, "repeat_penalty": 1}
    modelfile.mkdir()
    (modelfile / "Modelfile").write_text(syntax.write(
        source, file=gguf.name, system=system, parameters=parameters, stops=stops, notes=notes), "utf-8")
    return {"file": gguf.name, "chats": checked.same, "chats_refused": checked.refused, "renderer": checked.renderer,
            "stops": stops, "not_done": missing}
