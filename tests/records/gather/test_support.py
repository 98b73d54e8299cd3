"""An answer is supported by words of its passage, or it is no answer."""
import pytest

from pillm.records.gather.support import NO_QUOTE, NOT_ALIKE, NOT_THERE, SHORT_QUOTE, Pair, invented, problem

PASSAGE = """pump -a, --all
empties the well to its ground,
which takes 2.5 hours. See `/etc/wells`."""


@pytest.mark.parametrize(("quote", "reason"), [
    ("empties the well to its ground, which takes", None), ("  empties\n the  well", None), ("/etc/wells", None),
    ("Empties the well", NO_QUOTE), ("empties the well, which", NO_QUOTE), ("", NO_QUOTE), (" \n", NO_QUOTE),
    ("well", SHORT_QUOTE)])
def test_a_quote_is_exact_but_for_white_space(quote, reason):
    found = problem(Pair("What does -a do?", "It empties the well.", quote), PASSAGE)
    assert (found[0] if found else None) == reason


@pytest.mark.parametrize(("answer", "reason"), [
    ("`pump -a` empties a well to the ground.", None), ("It takes 2.5 hours.", None),
    ("--all does, in 2.5 hours.", None),
    ("`pump -b` empties it.", NOT_THERE), ("--force empties the well.", NOT_THERE), ("It takes 3 hours.", NOT_THERE),
    ("It takes 2 hours.", NOT_THERE), ("Water is transported by diligent engineers.", NOT_ALIKE), ("Yes.", None)])
def test_what_a_teacher_says_in_its_own_words(answer, reason):
    found = invented(Pair("How long does pump take?", answer, "empties the well"), PASSAGE)
    assert (found[0] if found else None) == reason
