"""The subset of Go's text/template that we print ourselves, held against Go and against Python's own strings."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.go import render as go
from pillm.errors import DataError
from pillm.serve.ollama import go_trims
from pillm.serve.ollama.form import TRIMS, Trim
from pillm.serve.ollama.go_template import execute

DATA = {"Messages": [{"Role": "user", "Content": "é"}, {"Role": "assistant", "Content": " b\n"}], "System": ""}
TEMPLATES = {
    "white space": "a \n{{- \"b\" -}}\n c {{ \"d\" }} e\n",
    "strings": r'{{ "a\"}}\n\u00e9\U0001f341\\" }}',
    "fields": "{{ .System }}{{ (index .Messages 1).Content }}",
    "range": "{{ range $i, $m := .Messages }}{{ $m.Role }}{{ if eq $i 1 }}{{ $.System }}!{{ end }}{{ end }}",
    "range of items": "{{ range .Messages }}{{ .Role }},{{ end }}",
    "variables": "{{ $x := \"a\" }}{{ if true }}{{ $x = \"b\" }}{{ $y := \"c\" }}{{ $y }}{{ end }}{{ $x }}",
    "conditions": "{{ if and .System true }}a{{ else if or .System (not .System) }}b{{ else }}c{{ end }}",
    "short circuits": "{{ if and .System (slice .System 5) }}a{{ end }}{{ if or true (slice .System 5) }}b{{ end }}",
    "comparisons": "{{ range .Messages }}"
                   "{{ if eq .Role \"x\" \"user\" }}a{{ end }}{{ if ge (len .Content) 3 }}b{{ end }}"
                   "{{ if ne .Role \"user\" }}c{{ end }}{{ end }}",
    "bytes": "{{ range .Messages }}{{ slice .Content 1 }}|{{ slice .Content 0 1 }}|{{ end }}",
    "definitions": "{{ define \"twice\" }}{{ . }}{{ . }}{{ end }}{{ template \"twice\" .System }}"
                   "{{ template \"twice\" \"x\" }}",
    "printing": "{{ print \"a\" .System \"b\" }}",
    "out of range": "{{ slice \"no\" 9 }}",
    "no such item": "{{ (index .Messages 2).Role }}",
    "no such template": "{{ template \"none\" . }}",
}


@pytest.mark.skipif(not go.is_installed(), reason="Go is not installed (apt-get install golang-go)")
@pytest.mark.parametrize("name", TEMPLATES)
def test_it_prints_what_go_prints(name: str) -> None:
    [real] = go.render(TEMPLATES[name], [DATA])
    if real.error:
        with pytest.raises(DataError):
            execute(TEMPLATES[name], DATA)
    else:
        assert execute(TEMPLATES[name], DATA).encode().decode("utf-8", "replace") == real.text


@pytest.mark.parametrize(("template", "told"), [
    ("{{ .Content | printf }}", "'| printf' is not read here"), ("{{ if .System }}", r"an {{ end }} is missing"),
    ("{{ end }}", "has no beginning"), ("a {{ b", "an action is not closed"), ("{{ json .System }}", "json is not"),
    ("{{ $x }}", "undefined variable"), ("{{ .Tools }}", "there is no field Tools"), ("{{ slice }}", "slice: .*miss"),
    ("{{ (len .System }}", r"\) is missing"), ("{{ true }}", "True is printed"), ("{{ len true }}", "len: .*bool"),
    ('{{ "a\nb" }}', "is not read here"), ("{{ template x . }}", "x is not read here"),
])
def test_what_is_no_part_of_it_is_told(template: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        execute(template, DATA)


PYTHON = {
    "keep": str, "strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip,
    "answer": lambda text: text.split("</think>")[-1],
    "answer_lines": lambda text: text.split("</think>")[-1].lstrip("\n") if "</think>" in text else text,
}
PIECES = st.sampled_from([*go_trims.SPACES, "\n\n", "a", "é", "🍁", "<think>", "</think>", "</think", "x\u0080"])


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(TRIMS))
def test_trims_are_those_of_python(text: str, trim: Trim) -> None:
    body = "{{ .System }}" if trim == "keep" else f'{{{{ template "{trim}" .System }}}}'
    assert execute("".join(go_trims.definitions([trim])) + body, {"System": text}) == PYTHON[trim](text)


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = go_trims.quoted(text)
    assert quoted.isprintable() and '"""' not in quoted
    assert execute("{{ " + quoted + " }}", {}) == text
