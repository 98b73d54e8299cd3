"""Small languages: trees drawn, written in dialects, said, and heard again."""
from pathlib import Path
from random import Random

import pytest

from pillm.backends.json_schema import problems, schema
from pillm.errors import DataError
from pillm.records.languages import dialect, draw, json_form, read
from pillm.records.languages.hear import Listener
from pillm.records.languages.language import Language, Node
from pillm.records.languages.say import Speaker
from pillm.records.languages.seen import Seen
from tests.records.languages.sample import SUMS, languages

PARCEL = Node("parcel", (("what", ("apples", "a rope")), ("size", "big"), ("sealed", "sealed")))
PLUS = Node("plus", (("left", Node("number", (("value", 3),))), ("right", Node("number", (("value", 4),)))))


@pytest.fixture
def sums(tmp_path: Path) -> Language:
    return read.read(languages(tmp_path))[0]


def test_whatever_is_drawn_satisfies_its_schema_and_is_heard(sums: Language) -> None:
    listener, rng, seen = Listener(sums), Random(1), Seen()
    once = 0
    for _ in range(80):
        spoken = dialect.drawn(sums, rng, seen)
        tree = draw.Drawer(spoken, draw.heights(spoken), seen, rng).tree(rng.randint(1, 3))
        made = json_form.schema(spoken)
        assert problems(json_form.written(tree, sums.start, spoken), schema(made)) == []
        heard = listener.trees(Speaker(sums, rng).request(tree))
        assert tree in heard
        once += len(heard) == 1
    assert once > 70


@pytest.mark.parametrize(("request_", "trees"), [
    ("Pack 3 + 4.", {PLUS}),
    ("the sum of 3 and 4", {PLUS}),
    ("three and four", {PLUS}),
    ("a parcel with apples and a rope of size large, (sealed)", {PARCEL}),
    ("A parcel with apples, a rope (sealed) and of size big", {PARCEL}),
    ("a parcel with apples (sealed) (sealed)", set()),
    ("a parcel with pears", set()),
    ("3 + (4", set()),
    ("", set()),
])
def test_what_a_request_may_mean(sums: Language, request_: str, trees: set) -> None:
    assert Listener(sums).trees(request_) == trees


def test_two_readings_are_both_heard(sums: Language, tmp_path: Path) -> None:
    loose, = read.read(languages(tmp_path / "loose", SUMS.replace("{right:leaf}", "{right}", 1)))
    assert len(Listener(loose).trees("1 + 2 + 3")) == 2
    assert len(Listener(sums).trees("1 + 2 + 3")) == 1


def test_held_ways_are_said_only_where_they_may_be(sums: Language) -> None:
    for may_hold in (False, True):
        speakers = [Speaker(sums, Random(n), may_hold=may_hold) for n in range(30)]
        texts = [speaker.request(PLUS) for speaker in speakers]
        held = [("on top of" in text) + text.endswith("!") for text in texts]
        assert [speaker.held for speaker in speakers] == held
        assert bool(sum(held)) is may_hold


@pytest.mark.parametrize(("old", "new", "told"), [
    ("start: sum", "start: smu", "start: there are no nodes 'smu'. Did you mean 'sum'? Name some."),
    ("of: {left: sum, right: sum}", "of: {left: sum, right: smu}", "there is no sort 'smu'. Did you mean 'sum'?"),
    ("{left} + {right:leaf}", "{left} + {left}", "says ['left', 'left'], not each of ['left', 'right'] once"),
    ("{right:leaf}", "{right:laef}", "there is no group 'laef'. Did you mean 'leaf'?"),
    ("with {what} ...", "with {what}", "`...` stands where there are parts, and nowhere else"),
    ("heights: [1, 3]", "hights: [1, 3]", "unknown key 'hights'. Did you mean 'heights'?"),
    ("core: true, bare: true", "core: true, bear: true", "unknown key 'bear'. Did you mean 'bare'?"),
    ("number: {numbers: [0, 30]}", "number: {numbers: [0, 30], words: [x]}", "give exactly one"),
    ("words: things", "words: tings", "words.yaml has no 'tings'. Did you mean 'things'?"),
    ("parts: {size:", "parts: {siez: [x], size:", "parts.siez: there is no such field. Did you mean 'size'?"),
    ("size: [\"of size {size}\"], ", "", "what may be missing is said in a part of its own"),
    ("  number: {numbers", "  sum: {words: things}\n  number: {numbers", "sum: two sorts are called that"),
    ("(the sum of|)", "(the sum of|", "a ')' is missing"),
    ("leaf: [number]", "leaf: [nmuber]", "there is no constructor 'nmuber'. Did you mean 'number'?"),
    ("Pack {it}.", "Pack it.", "asks: each says {it} once"),
    ("said: [tiny]", "said: [tiny, large]", "atoms.size: 'large' says two things. Give it to one of them."),
    ("a parcel with", "a parcel: with", "has a colon, as ways of asking have. Write it without."),
    ("of size {size}", "of {size#size#sizes} {size}", "say: size is no list. Only of a list there are several."),
    ("heights: [1, 3]", "once: [thnig]", "once: thnig are no words. Did you mean 'thing'? Name a sort of words."),
    ("parts: {size", "enter: [what, waht]\n      parts: {size", "enter, end: waht is no list with a path. Did you mean"),
])
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SUMS
    with pytest.raises(DataError) as error:
        read.read(languages(tmp_path, SUMS.replace(old, new, 1)))
    assert told in str(error.value)
    assert str(error.value).startswith("grammars/sums.yaml: ")


def test_a_language_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no grammars/smus\.yaml\. Did you mean 'sums'\?"):
        read.read(languages(tmp_path), ("smus",))
    with pytest.raises(DataError, match=r"there is no grammars/\*\.yaml"):
        read.read(tmp_path / "nowhere")
