"""Chat templates for text that is no chat: the plain form, and forms that users write."""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from pillm.errors import ConfigError, suggest

SAID_BY = {
    "system": "system", "user": "user", "question": "user",
    "assistant": "assistant", "final_answer": "assistant", "thought_stream": "assistant",
}
"""Field of a form → whose words stand there."""
MARK = r"<[^<>\s]+>"
"""`<think>`, `<|im_start|>`, `<｜User｜>` …"""
Piece = tuple[str, str]
"""(literal text, "") or ("", field)."""

PLAIN = """\
{%- for message in messages -%}
    {{ message['content'] }}
    {%- if message['role'] == 'assistant' -%}
        {{ eos_token }}
    {%- endif -%}
    {%- if not loop.last or add_generation_prompt -%}
        {{ '\\n\\n' }}
    {%- endif -%}
{%- endfor -%}
"""
"""System, user and assistant text with blank lines between them."""

WRITTEN = """\
{%%- set seen = namespace(system='', begun=false) -%%}
{%%- for message in messages -%%}
    {%%- if message['role'] == 'system' -%%}
        {%%- set seen.system = message['content'] -%%}
    {%%- else -%%}
        {%%- if not seen.begun -%%}
            %(opening)s
            {%%- set seen.begun = true -%%}
        {%%- endif -%%}
        {%%- if message['role'] == 'user' -%%}
            %(asked)s
            {%%- set seen.system = '' -%%}
        {%%- else -%%}
            %(said)s%(eos)s
        {%%- endif -%%}
    {%%- endif -%%}
{%%- endfor -%%}
%(generation)s"""

THOUGHTFUL = """\
{%%- set thought = message['thought_stream'] or message['reasoning_content'] -%%}
            {%%- if thought and loop.last -%%}
                %(open)s{{ thought }}%(close)s{{ message['content'] }}
            {%%- elif '</think>' in message['content'] -%%}
                {{ message['content'].split('</think>')[-1].lstrip('\\n') }}
            {%%- else -%%}
                {{ message['content'] }}
            {%%- endif -%%}
            %(end)s"""
"""The last answer with its thoughts; in an earlier one they are left out, as reasoning models were trained."""


def chat_template(form: str, written: str | None) -> str | None:
    """The Jinja template of a domain's form (chat, plain, template); None where the model's own is used."""
    if form == "template" and written is not None:
        return from_format(written)
    return PLAIN if form == "plain" else None


def from_format(written: str) -> str:
    """`{question}\\n{thought_stream}\\n{final_answer}` as a Jinja chat template.

    All before the assistant's first field is the prompt. Where the form begins with a mark such as `<|im_start|>`, a
    later turn begins at the last such mark before the question. A mark right before the thoughts opens them.
    Raises ConfigError, as `mistake` tells.
    """
    if wrong := mistake(written):
        raise ConfigError(f"domain.format_template: {wrong}")
    parts = _parts(written)
    said = _jinja(parts.said) if not parts.think else THOUGHTFUL % {
        "open": _literal(parts.think), "close": _literal(parts.close), "end": _jinja(parts.said)}
    asks = f"{{%- if add_generation_prompt -%}}{_literal(parts.think)}{{%- endif -%}}\n" if parts.think else ""
    return WRITTEN % {"opening": _jinja(parts.opening), "asked": _jinja(parts.asked), "said": said,
                      "eos": _eos(written), "generation": asks}


def marks(written: str) -> list[str]:
    """The marks that a form is made of, each once."""
    return list(dict.fromkeys(re.findall(MARK, "".join(literal for literal, _ in _pieces(written)))))


@dataclass(frozen=True)
class _Parts:
    """A form, cut where chats need it cut."""

    opening: list[Piece]
    """Before the first turn only."""
    asked: list[Piece]
    said: list[Piece]
    """What the assistant says; where thoughts are opened, what follows its answer."""
    think: str
    """The mark that opens thoughts, with the white space after it; or nothing."""
    close: str
    """Between thoughts and answer."""


def _parts(written: str) -> _Parts:
    pieces = _pieces(written)
    first = next(n for n, (_, field) in enumerate(pieces) if SAID_BY.get(field) == "assistant")
    asked, said = pieces[:first], pieces[first:]
    opening, asked = _turn(asked)
    think = re.search(rf"{MARK}\s*$", asked[-1][0])
    fields = [field for _, field in said if field]
    if not think or fields[0] != "thought_stream" or fields[1:] not in (["final_answer"], ["assistant"]):
        return _Parts(opening, asked, said, "", "")
    asked[-1] = (asked[-1][0][:think.start()], "")
    answer = next(n for n, (_, field) in enumerate(said) if n and field)
    return _Parts(opening, asked, said[answer + 1:], think[0], "".join(literal for literal, _ in said[1:answer]))


def _turn(asked: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """What stands before the first turn only, and the turn."""
    question = next(n for n, (_, field) in enumerate(asked) if SAID_BY.get(field) == "user")
    mark = re.match(MARK, asked[0][0])
    before = asked[question - 1][0] if question else ""
    place = before.rfind(mark[0]) if mark else 0
    if place < 0 or not mark:
        return [], list(asked)
    return [*asked[:question - 1], (before[:place], "")], [(before[place:], ""), *asked[question:]]


def _pieces(written: str) -> list[Piece]:
    found: list[Piece] = []
    for literal, field, *_ in Formatter().parse(written):
        found += [(literal, "")] * bool(literal) + [("", field or "")] * (field is not None)
    return found


def mistake(written: str) -> str | None:
    """What is wrong with a form. What to do."""
    try:
        fields = [field for _, field, *_ in Formatter().parse(written) if field is not None]
    except ValueError as error:
        return f"{error}. Write a brace that is text twice: {{{{ or }}}}."
    unknown = next((field for field in fields if field not in SAID_BY), None)
    if unknown is not None:
        return f"there is no field {{{unknown}}}.{suggest(unknown, SAID_BY)} There are {', '.join(SAID_BY)}."
    speakers = [SAID_BY[field] for field in fields]
    if "user" not in speakers or "assistant" not in speakers:
        return "it needs what is asked ({question}) and what is answered ({final_answer}). Add them."
    if speakers[speakers.index("assistant"):] != ["assistant"] * speakers.count("assistant"):
        return "what is answered must come after what is asked. Move {final_answer} to the end."
    return None


def _jinja(pieces: Sequence[Piece]) -> str:
    return "".join(_value(field) if field else _literal(literal) for literal, field in pieces)


def _literal(text: str) -> str:
    return f"{{{{ '{_quoted(text)}' }}}}" if text else ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def _eos(written: str) -> str:
    """The token that ends an answer, unless the form's own last mark is that token."""
    last = re.search(rf"({MARK})\s*$", written)
    return (f"{{%- if eos_token != '{_quoted(last[1])}' -%}}{{{{ eos_token }}}}{{%- endif -%}}" if last
            else "{{ eos_token }}")


def _value(field: str) -> str:
    if SAID_BY[field] == "system":
        return "{{ seen.system }}"
    if field == "thought_stream":
        return "{{ message['thought_stream'] or message['reasoning_content'] or '' }}"
    return "{{ message['content'] }}"
