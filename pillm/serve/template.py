"""Chat templates: rendered in a sandbox, to the letter as transformers' `apply_chat_template` renders them."""
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from pillm.errors import DataError, StageError

Message = Mapping[str, Any]


def render(
    template: str, messages: Sequence[Message], *, bos: str = "", eos: str = "", add_generation_prompt: bool = False,
    **extra: Any,
) -> str:
    """The text of a chat; `extra` are further variables (`tools`, `enable_thinking`).

    Raises StageError when the template cannot be read, DataError when it refuses these messages.
    """
    tokens = {name: token for name, token in (("bos_token", bos), ("eos_token", eos)) if token}
    compiled = compile_template(template)
    try:
        return compiled.render(
            messages=list(messages), add_generation_prompt=add_generation_prompt,
            **{"tools": None, "documents": None, **tokens, **extra})
    except (TemplateError, TypeError, LookupError, AttributeError, ValueError, ArithmeticError) as error:
        raise DataError(f"chat template:{_line(error.__traceback__)}: {str(error).rstrip('.')}. "
                        "Change the messages, or the template (model.template).") from error


@lru_cache(maxsize=32)
def compile_template(template: str) -> Template:
    """A template ready to render; raises StageError with the line of a syntax error."""
    try:
        return _environment().from_string(template)
    except TemplateSyntaxError as error:
        raise StageError(f"chat template:{error.lineno}: {error.message}. "
                         "Correct chat_template.jinja, or choose another (model.template).") from error


class Generation(Extension):
    """`{% generation %}` marks what the assistant says; it adds nothing to the text."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it a plain set

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


def _environment() -> ImmutableSandboxedEnvironment:
    """The settings of transformers' `_cached_compile_jinja_template` (utils/chat_template_utils.py, 5.23)."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    environment.filters["tojson"] = _tojson
    functions: dict[str, Callable[..., Any]] = {
        "raise_exception": _refuse, "strftime_now": _no_clock, "namespace": _PublicNamespace}
    environment.globals.update(functions)
    return environment


def _tojson(value: Any, ensure_ascii: bool = False, indent: int | None = None,
            separators: tuple[str, str] | None = None, sort_keys: bool = False) -> str:
    """jinja2's own filter would escape HTML."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


def _no_clock(form: str) -> NoReturn:
    """A prompt with today's date would not be the one trained on tomorrow."""
    raise TemplateError(f"it asks for today's date (strftime_now {form!r}): what is trained would differ every day")


class _PublicNamespace(Namespace):
    """Refuses attributes that begin with an underscore: none but an escape from the sandbox needs them."""

    def __setitem__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            raise TemplateError(f"a namespace cannot hold {name!r}")
        super().__setitem__(name, value)


def _line(traceback: TracebackType | None) -> int:
    """The template's line where an error came from (jinja2 names its frames `<template>`)."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
