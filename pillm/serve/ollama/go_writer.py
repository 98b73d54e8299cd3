"""Writes a form of chat as a Go text/template over Ollama's `.Messages`.

Fixed texts are string literals and all white space between actions is trimmed, so that the layout here prints nothing.
Ollama joins neighbouring messages of one role, and passes system messages as messages.
"""
from collections.abc import Iterator, Mapping, Sequence

from pillm.serve.ollama.form import Form, System, Trim
from pillm.serve.ollama.go_trims import definitions, quoted


def write(form: Form) -> str:
    """The template; what the trained template refuses ends in an error that says so."""
    return "\n".join(_shown(line) for line in _lines(form) if line) + "\n"


def _shown(line: str) -> str:
    """Only at a line's start is there white space to be trimmed."""
    return line[:3] + line[3:].replace("{{- ", "{{ ")


def data(messages: Sequence[Mapping[str, str]]) -> dict[str, list[dict[str, str]]]:
    """What Ollama gives a template (`collate` in its template/template.go joins neighbours of one role)."""
    turns: list[dict[str, str]] = []
    for message in messages:
        if turns and turns[-1]["Role"] == message["role"]:
            turns[-1]["Content"] += "\n\n" + message["content"]
        else:
            turns.append({"Role": message["role"], "Content": message["content"],
                          "Thinking": message.get("reasoning_content", "")})
    return {"Messages": turns}


def _lines(form: Form) -> Iterator[str]:
    yield from definitions({form.user_trim, form.assistant_trim, form.system.trim if form.system else "keep"})
    yield '{{- $begun := false }}{{ $told := false }}{{ $system := "" }}'
    yield "{{- range $i, $m := .Messages }}"
    yield "{{- $last := eq (len (slice $.Messages $i)) 1 }}"
    yield '{{- if eq .Role "system" }}'
    yield from _system(form)
    yield '{{- else if eq .Role "user" }}'
    yield from _user(form)
    yield '{{- else if eq .Role "assistant" }}'
    yield from _assistant(form)
    yield "{{- else }}"
    yield _refuse("The chat template knows the roles system, user and assistant only.")
    yield "{{- end }}"
    yield "{{- end -}}"


def _system(form: Form) -> Iterator[str]:
    """A system message is kept until the user message that it stands before."""
    yield "{{- if $last }}"
    yield _refuse("A chat must end with the user's message, or with the beginning of an answer.")
    yield "{{- else if $begun }}"
    if form.later_system:
        before, after = form.later_system
        yield _text(before) + _trimmed(form.system.trim if form.system else "keep", ".Content") + _text(after)
    else:
        yield _refuse("In the trained chat template only a system message at the start has a place of its own.")
    if form.system:
        yield "{{- else if .Content }}" if form.system.empty_is_none else "{{- else }}"
        yield "{{- $told = true }}{{ $system = .Content }}"
    elif not form.drops_system:
        yield "{{- else }}"
        yield _refuse("The trained chat template takes no system message: write it into the first user message.")
    yield "{{- end }}"


def _user(form: Form) -> Iterator[str]:
    content = _trimmed(form.user_trim, ".Content")
    system = form.system
    if system and system.late is not None:
        # The last user message is the last of all, or stands before the answer that is to be gone on from.
        yield "{{- if and $told (eq (len (slice $.Messages $i)) 1 2) }}"
        yield "{{- if $begun }}" + _text(system.late) + "{{- else }}" + _text(system.before) + "{{- end }}"
        yield _trimmed(system.trim, "$system") + _text(system.between) + content
        yield "{{- else if $begun }}" + _text(form.user) + content
    else:
        yield "{{- if $begun }}" + _text(form.user) + content
        if system:
            yield "{{- else if $told }}" + _told(form, system, content)
    yield "{{- else }}" + _text(form.opening) + content
    yield "{{- end }}"
    yield _text(form.user_end)
    yield "{{- $begun = true }}"
    yield "{{- if $last }}" + _text(form.generation) + "{{- end }}"


def _told(form: Form, system: System, content: str) -> str:
    """The first user message with the system message before it."""
    if system.whole:
        inside = system.before.removeprefix(form.opening)
        return _text(form.opening) + _trimmed(
            form.user_trim, f"(print {quoted(inside)} $system {quoted(system.between)} .Content)")
    return _text(system.before) + _trimmed(system.trim, "$system") + _text(system.between) + content


def _assistant(form: Form) -> Iterator[str]:
    """An answer of the history; the last message is gone on from: it follows the generation prompt."""
    content = _trimmed(form.assistant_trim, ".Content") + _text(form.assistant_end)
    yield "{{- if and $begun $last }}" + _resumed(form) + "{{- .Content }}"
    yield "{{- else if $begun }}" + _text(form.assistant) + content
    yield from _greeting(form, content)
    yield "{{- end }}"


def _resumed(form: Form) -> str:
    """Before an answer that is to be gone on from.

    Ollama tells thoughts from answers by the marks that stand as plain text around `.Thinking` (`InferTags` in its
    thinking/template.go): here they are no string literals.
    """
    if form.thought is None:
        return _text(form.generation)
    before, after = form.thought
    turn = "{{- if .Thinking }}" + _text(form.assistant) + "{{- end }}" if form.assistant else ""
    return (f"{turn}{{{{- if .Thinking }}}}{before}{{{{ .Thinking }}}}{after}{{{{ else }}}}{_text(form.generation)}"
            "{{- end }}")


def _greeting(form: Form, content: str) -> Iterator[str]:
    """An answer before any question: what Ollama leaves when it cuts a chat's start. Refused ones are left out."""
    if form.greeting is None:
        return
    after_system = form.greeting.after_system
    if form.system and after_system is not None:
        yield "{{- else if $told }}" + _text(form.system.before) + _trimmed(form.system.trim, "$system")
        yield _text(after_system) + content + "{{- $begun = true }}"
    elif form.system:
        yield "{{- else if $told }}"
        yield _refuse("An answer between the system message and the first question has no place of its own.")
    yield "{{- else }}" + _text(form.greeting.opening) + content + "{{- $begun = true }}"


def _text(text: str) -> str:
    return f"{{{{- {quoted(text)} }}}}" if text else ""


def _refuse(reason: str) -> str:
    """Go has no `fail`; a slice out of range ends with an error that quotes the reason."""
    return f"{{{{- slice {quoted(reason)} 999 }}}}"


def _trimmed(trim: Trim, value: str) -> str:
    return f"{{{{- {value} }}}}" if trim == "keep" else f'{{{{- template "{trim}" {value} }}}}'
