"""Chat templates for text that is no chat: the plain form, and forms that users write."""
from string import Formatter

from pillm.errors import ConfigError, suggest

SAID_BY = {
    "system": "system", "user": "user", "question": "user",
    "assistant": "assistant", "final_answer": "assistant", "thought_stream": "assistant",
}
"""Field of a form → whose words stand there."""

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
{%%- set first = namespace(system='', turn=true) -%%}
{%%- for message in messages -%%}
    {%%- if message['role'] == 'system' -%%}
        {%%- set first.system = message['content'] -%%}
    {%%- elif message['role'] == 'user' -%%}
        %s
        {%%- set first.system = '' -%%}
    {%%- else -%%}
        %s{{ eos_token }}
    {%%- endif -%%}
{%%- endfor -%%}
"""


def chat_template(form: str, written: str | None) -> str | None:
    """The Jinja template of a domain's form (chat, plain, template); None where the model's own is used."""
    if written is not None:
        return from_format(written)
    return PLAIN if form == "plain" else None


def from_format(written: str) -> str:
    """`{question}\\n{thought_stream}\\n{final_answer}` as a Jinja chat template.

    All before the assistant's first field is the prompt. Raises ConfigError, as `mistake` tells.
    """
    if wrong := mistake(written):
        raise ConfigError(f"domain.format_template: {wrong}")
    asked: list[str] = []
    said: list[str] = []
    for literal, field, *_ in Formatter().parse(written):
        speaks = SAID_BY.get(field or "") == "assistant"
        (said if said else asked).append(_literal(literal))
        if field is not None:
            (said if said or speaks else asked).append(_value(field))
    return WRITTEN % ("".join(asked), "".join(said))


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


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"{{{{ '{escaped}' }}}}" if text else ""


def _value(field: str) -> str:
    if SAID_BY[field] == "system":
        return "{{ first.system }}"
    if field == "thought_stream":
        return "{{ message['thought_stream'] or message['reasoning_content'] or '' }}"
    return "{{ message['content'] }}"
