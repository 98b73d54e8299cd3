"""Chat templates are rendered as transformers renders them, and errors tell their line."""
from pathlib import Path
from typing import Any

import pytest

from pillm.errors import DataError, StageError
from pillm.serve.template import render

TEMPLATES = sorted((Path(__file__).parents[2] / "pillm" / "backends" / "scratch" / "templates").glob("*.jinja"))
ASKED = [
    [{"role": "user", "content": "Où ça, l'été? <b>&'\" 🍁"}],
    [{"role": "system", "content": " Sois bref.\n"}, {"role": "user", "content": "\n\tdeux  espaces \n"}],
    [{"role": "user", "content": "a"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nb "},
     {"role": "user", "content": ""}],
]
CONSTRUCTS = {
    "blocks are trimmed": "{% for m in messages %}\n    {% if loop.first %}\nx\n    {% endif %}\n{{ m.content }}\n"
                          "{% endfor %}\n",
    "loop controls": "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}"
                     "{{ m.content }}{% break %}{% endfor %}",
    "JSON": "{{ messages | tojson }}{{ {'b': 1, 'a': 'é<'} | tojson(indent=2, sort_keys=true) }}",
    "namespaces": "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "generation": "{% for m in messages %}{% generation %}{% set x = 1 %}{{ m.content }}{% endgeneration %}{{ x }}"
                  "{% endfor %}",
    "special tokens": "{{ bos_token }}{{ eos_token }}{{ unknown_token }}{% if tools is none %}no tools{% endif %}",
    "the prompt": "{% if add_generation_prompt %}ask{% endif %}{% if enable_thinking is defined %}think{% endif %}",
}


def reference(template: str, messages: list[dict[str, str]], ask: bool, **extra: Any) -> str:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>")
    return tokenizer.apply_chat_template(
        messages, chat_template=template, tokenize=False, add_generation_prompt=ask, **extra)


@pytest.mark.parametrize("ask", [True, False])
@pytest.mark.parametrize("template", [*(path.read_text("utf-8") for path in TEMPLATES), *CONSTRUCTS.values()],
                         ids=[*(path.stem for path in TEMPLATES), *CONSTRUCTS])
def test_the_text_is_that_of_transformers(template: str, ask: bool) -> None:
    for messages in ASKED:
        for extra in ({}, {"enable_thinking": True}):
            expected = reference(template, messages, ask, **extra)
            assert render(template, messages, bos="<s>", eos="</s>", add_generation_prompt=ask, **extra) == expected


def test_a_syntax_error_is_told_with_its_line() -> None:
    with pytest.raises(StageError, match=r"^chat template:2: .*\. Correct chat_template\.jinja"):
        render("one\n{% if %}", ASKED[0])


@pytest.mark.parametrize(("template", "told"), [
    ("\n\n{{ raise_exception('take turns.') }}", "chat template:3: take turns. Change the messages"),
    ("\n{{ messages[3].content }}", "chat template:2: list object has no element 3."),
    ("{{ 1 / 0 }}", "chat template:1: division by zero."),
    ("{{ strftime_now('%d') }}", "chat template:1: it asks for today's date"),
    ("{{ messages.append(1) }}", "chat template:1: access to attribute 'append'"),
    ("{{ messages[0].__class__.__mro__ }}", "chat template:1: access to attribute '__class__'"),
    ("{% set ns = namespace() %}{% set ns._x = 1 %}", "chat template:1: a namespace cannot hold '_x'"),
])
def test_what_a_template_refuses_is_told_with_its_line(template: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        render(template, ASKED[0])
    assert str(caught.value).startswith(told)
