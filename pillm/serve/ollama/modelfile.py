"""Ollama's Modelfile and the trained chat template: the one is made from the other and held against it."""
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pillm.backends.hf.forms import MARK
from pillm.errors import DataError, StageError
from pillm.serve.ollama import go_template, go_writer
from pillm.serve.ollama.form import Form
from pillm.serve.ollama.probe import probe
from pillm.serve.ollama.syntax import read, stops_of, template_of
from pillm.serve.shipped import Shipped
from pillm.serve.template import Message


@dataclass(frozen=True)
class Checked:
    """How a template was held against the trained one."""

    same: int
    """Chats whose texts are equal."""
    refused: int
    """Chats that the trained template refuses, and this one too."""
    renderer: str
    """What rendered: Go's own text/template, or the subset of it in `go_template`."""


def template(shipped: Shipped, chats: Sequence[Sequence[Message]]) -> tuple[str, Form, Checked]:
    """A Go template that writes these chats as the GGUF's own does, less the BOS that the tokenizer adds.

    Raises StageError where it cannot, with the first chat that differs.
    """
    form = probe(shipped.said)
    form = form.without(shipped.bos) if shipped.adds_bos else form
    source = go_writer.write(form)
    lost = sorted({c for c in source if c not in "\n\t" and not c.isprintable()})
    if lost or '"""' in source:
        raise StageError(f"Modelfile: the template holds {lost or 'three quotes'}, which a Modelfile cannot. "
                         "Use a chat template without them (model.template).")
    return source, form, check(source, shipped, chats)


def check(source: str, shipped: Shipped, chats: Sequence[Sequence[Message]]) -> Checked:
    """Holds a Go template against the trained one; raises StageError with the first chat that differs."""
    texts, renderer = rendered(source, chats)
    same = refused = 0
    for messages, text in zip(chats, texts, strict=True):
        wanted = _wanted(shipped, messages)
        if wanted is None and text is None:
            refused += 1
        elif wanted == text:
            same += 1
        else:
            raise StageError(f"Modelfile: the chat {list(messages)!r} becomes {text!r}, and {wanted!r} in the trained "
                             "template. Use a simpler chat template (model.template).")
    return Checked(same, refused, renderer)


def rendered(source: str, chats: Sequence[Sequence[Message]]) -> tuple[list[str | None], str]:
    """The texts of chats, None where the template ends with an error, and what rendered them."""
    from pillm.backends.go import render as go

    data = [go_writer.data(messages) for messages in chats]
    if go.is_installed():
        return [None if one.error else one.text for one in go.render(source, data)], "Go's text/template"
    return [_or_none(source, one) for one in data], "pillm's own subset of text/template"


def _or_none(source: str, data: dict) -> str | None:
    try:
        return go_template.execute(source, data)
    except DataError:
        return None


def _wanted(shipped: Shipped, messages: Sequence[Message]) -> str | None:
    """The trained template's text. Where it refuses an answer before any question, that answer is left out."""
    try:
        return shipped.prompt(messages)
    except DataError:
        start = 1 if messages[0]["role"] == "system" else 0
        cut = [*messages[:start], *messages[start + 1:]]
        return _wanted(shipped, cut) if messages[start]["role"] == "assistant" and len(cut) > start else None


@dataclass(frozen=True)
class Held:
    """A Modelfile, held against the GGUF it goes with."""

    prompts: list[str | None]
    """What its template writes; None where it ends with an error."""
    renderer: str
    problems: list[str]
    """Stops that it lacks, or why they are not known."""


def hold(text: str, shipped: Shipped, chats: Sequence[Sequence[Message]]) -> Held:
    """The prompts of a Modelfile, and what it lacks of the parameters that the GGUF asks for."""
    commands = read(text)
    prompts, renderer = rendered(template_of(commands), chats)
    return Held(prompts, renderer, _lacking(stops_of(commands), shipped))


def _lacking(given: Sequence[str], shipped: Shipped) -> list[str]:
    try:
        wanted = stops(probe(shipped.said), shipped)
    except StageError as error:
        return [str(error)]
    return [f"the Modelfile does not stop at {stop!r}" for stop in wanted if stop not in given]


def stops(form: Form, shipped: Shipped) -> list[str]:
    """Texts that end an answer: EOS, the tokens and marks that end the assistant's turn, and what begins the user's."""
    begins = form.user.strip().removeprefix(shipped.bos).split("\n")[0].strip()
    found = [shipped.eos, *_control(form.assistant_end, shipped), *_spelled(form.assistant_end, shipped),
             *(_control(form.user.removeprefix(shipped.bos), shipped)[:1] or [begins])]
    return list(dict.fromkeys(stop for stop in found if stop))


def _control(text: str, shipped: Shipped) -> list[str]:
    """The control tokens in a text, in their order."""
    words = sorted(filter(None, shipped.control), key=len, reverse=True)
    return re.findall("|".join(map(re.escape, words)), text) if words else []


def _spelled(text: str, shipped: Shipped) -> list[str]:
    """The mark that an answer ends with, where it is no token: the model spells it out."""
    found = re.match(rf"\s*({MARK})", text)
    return [found[1]] if found and found[1] not in shipped.control else []


def refusals(form: Form) -> list[str]:
    """What the Modelfile's template does not do, in sentences."""
    return list(_refusals(form))


def _refusals(form: Form) -> Iterator[str]:
    yield "Tools: Ollama tells callers that this model has none."
    if form.thought and form.thought[0].strip() in form.generation:
        yield "Thoughts cannot be turned off: the trained template opens them before every answer."
    if form.drops_system:
        yield "A system message is not written: the trained template drops it."
    elif not form.system:
        yield "A system message ends in an error: the trained template refuses it."
    if not form.later_system:
        yield ("A system message after the first question ends in an error: "
               "in the trained template it has no place of its own.")
    if not form.greeting:
        yield "An answer before the first question is left out: the trained template refuses it."
