"""Go templates that trim text. The language has no functions on strings but `slice`, `len`, `eq`: they call themselves.

`{front}` is the text without its last byte and `{last}` that byte, since `len (slice . n)` is the length less n.
"""
import json
from collections.abc import Collection, Iterator

from pillm.serve.ollama.form import Trim

SPACES = [chr(code) for code in (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028,
                                 0x2029, 0x202F, 0x205F, 0x3000)]
"""What Python's `str.strip` removes, and with it Jinja's `trim`."""
FRONT, LAST = "(slice . 0 (len (slice . 1)))", "(slice . (len (slice . 1)))"
TAGGED = 'and (ge (len .) 8) (eq (slice . (len (slice . 8))) "</think>")'
"""Whether the text ends with the tag, which has 8 bytes."""


def definitions(trims: Collection[Trim]) -> Iterator[str]:
    """What the used ones need."""
    if "strip" in trims:
        yield _define("strip", _while_it_starts("strip", '{{ template "rstrip" . }}'))
    if "lstrip" in trims:
        yield _define("lstrip", _while_it_starts("lstrip", "{{ . }}"))
    if "strip" in trims or "rstrip" in trims:
        yield _define("rstrip", _spaces("rstrip", "(slice . (len (slice . {n})))", "(slice . 0 (len (slice . {n})))",
                                        "{{ . }}"))
    if "answer" in trims:
        yield _define("answer", _answer("answer", ""))
    if "answer_lines" in trims:
        yield _define("answer_lines", _answer("answer_lines", _NEWLINES))
        yield _define("newline", _NEWLINE)


def quoted(text: str) -> str:
    """A Go string; what Ollama's reader of Modelfiles would drop (not `strconv.IsPrint`) is written as an escape."""
    return "".join(c if c.isprintable() else _escape(c) for c in json.dumps(text, ensure_ascii=False))


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _define(name: str, body: str) -> str:
    return f'{{{{- define "{name}" }}}}{body}{{{{ end -}}}}'


def _while_it_starts(name: str, otherwise: str) -> str:
    return _spaces(name, "(slice . 0 {n})", "(slice . {n})", otherwise)


def _spaces(name: str, part: str, rest: str, otherwise: str) -> str:
    """While a part of n bytes is white space, the rest goes to the same template."""
    widths = sorted({len(c.encode()) for c in SPACES})
    words = {n: " ".join(quoted(c) for c in SPACES if len(c.encode()) == n) for n in widths}
    tests = (f"and (ge (len .) {n}) (eq {part.format(n=n)} {words[n]}) }}}}"
             f'{{{{ template "{name}" {rest.format(n=n)} }}}}' for n in widths)
    return "{{ if " + "{{ else if ".join(tests) + "{{ else }}" + otherwise + "{{ end }}"


def _answer(name: str, newlines: str) -> str:
    """Prints on the way back from the end of the text, so that what stands before the last tag is never reached."""
    return (f'{{{{ if {TAGGED} }}}}{{{{ else if . }}}}{{{{ template "{name}" {FRONT} }}}}'
            f"{newlines}{{{{ slice . (len (slice . 1)) }}}}{_END if newlines else ''}{{{{ end }}}}")


_END = "{{ end }}"
_NEWLINES = f'{{{{ if eq {LAST} "\\n" }}}}{{{{ template "newline" {FRONT} }}}}{{{{ else }}}}'
_NEWLINE = (f'{{{{ if {TAGGED} }}}}{{{{ else if and . (eq {LAST} "\\n") }}}}{{{{ template "newline" {FRONT} }}}}'
            '{{ else }}{{ "\\n" }}{{ end }}')
"""A newline is printed only if something else than newlines lies between the tag and it."""
