"""Trained tokens stand out, in colour or in brackets."""
from pillm.terminal.tokens import CONTEXT, TRAINED, bracketed, coloured

EXAMPLE = [("<user>", False), ("ça", False), ("\n", False), ("va", True), ("</s>", True)]


def test_brackets_hold_what_is_trained() -> None:
    assert bracketed(EXAMPLE) == "<user>│ça│⏎\n│⟦va│</s>⟧"


def test_colours_change_from_token_to_token() -> None:
    styles = [str(span.style) for span in coloured(EXAMPLE).spans]
    assert styles == [CONTEXT[0], CONTEXT[1], CONTEXT[0], TRAINED[1], TRAINED[0]]
