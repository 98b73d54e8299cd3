"""Small languages: trees drawn, written in dialects, said, and heard again."""
from itertools import pairwise
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
    ("parts: {size", "enter: [what, waht]\n      parts: {size", "enter, end: waht is no list with a path. Did"),
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


def test_a_list_of_lists_is_drawn_and_written(tmp_path: Path) -> None:
    grid = SUMS.replace("what: things,", "what: rows,").replace(
        "lists:\n", 'lists:\n  rows: {of: things, least: 2, most: 3, join: ["; "], last: ["; "]}\n').replace(
        "number: {of: {value: number}, say: [\"{value}\"], names: [num, lit], core: true, bare: true}",
        "number: {of: {value: number}, say: [\"{value}\"], core: true}")
    language, = read.read(languages(tmp_path, grid))
    rng, seen = Random(2), Seen()
    for _ in range(30):
        spoken = dialect.drawn(language, rng, seen)
        tree = draw.Drawer(spoken, draw.heights(spoken), seen, rng).tree(2)
        assert problems(json_form.written(tree, language.start, spoken), schema(json_form.schema(spoken))) == []
        seen.take(tree)
    assert seen.times["parcel"] > 5


def test_one_and_several_are_told_apart(tmp_path: Path) -> None:
    said = SUMS.replace("a parcel with {what} ...", "a parcel{what# with one thing,# with things,} {what}, ...")
    language, = read.read(languages(tmp_path, said))
    one = Node("parcel", (("what", ("a rope",)), ("size", "tiny"), ("sealed", "open")))
    assert {Speaker(language, Random(n)).request(one).lower().removeprefix("pack ").rstrip(".") for n in range(30)} == {
        "a parcel with one thing, a rope (open), of size tiny"}
    several = Speaker(language, Random(0)).request(PARCEL)
    assert "with things, apples" in several
    assert Listener(language).trees(several) == {PARCEL}


FIT = """
start: trip
heights: [2, 3]
once: [name]
later: {born: [18, 30]}
atoms:
  town: {words: [Lyon, Graz, Riga, Porto, Oslo], open: true}
  stuff: {words: {wet: [milk, cider], dry: [rice, oats]}}
  unit: {words: {wet: [jugs], dry: [bags]}}
  name: {words: [Ana, Bo, Cy, Di, Ed, Flo], open: true}
  year: {numbers: [1930, 2020]}
nodes:
  trip:
    trip:
      of: {from: town, legs: legs, at: towns, load: load, who: person}
      say: ["from {from} {legs}, past {at}, with {load}, by {who:boxed}"]
      enter: [from, legs]
      end: [at, legs]
      core: true
  leg:
    ride: {of: {a: town, b: town}, say: ["{a} to {b}"], core: true}
    stay: {of: {in: town, place: town}, say: ["in {in} near {place}"]}
  load:
    load: {of: {stuff: stuff, unit: unit}, say: ["{unit} of {stuff}"], match: [stuff, unit], core: true}
  person:
    parent: {of: {name: name, born: year, child: person}, say: ["{name} {born} {child:boxed}"], core: true}
    single: {of: {name: name, born: year}, say: ["{name} {born}"], core: true}
lists:
  legs: {of: leg, least: 2, most: 3, path: {leave: [a, in], arrive: [b, in], once: true}}
  towns: {of: town, least: 1, most: 2}
"""


def test_what_goes_together_is_drawn_so(tmp_path: Path) -> None:
    language, = read.read(languages(tmp_path, FIT))
    rng, seen, drawn = Random(4), Seen(), 0
    for _ in range(60):
        spoken = dialect.drawn(language, rng, seen)
        tree = draw.Drawer(spoken, draw.heights(spoken), seen, rng).tree(3)
        if tree is None:
            continue
        drawn += 1
        values = dict(tree.fields)
        legs = [dict(leg.fields) for leg in values["legs"]]
        ends = [(leg.get("a", leg.get("in")), leg.get("b", leg.get("in"))) for leg in legs]
        assert ends[0][0] == values["from"]
        assert all(before[1] == after[0] for before, after in pairwise(ends))
        assert set(values["at"]) <= {arrived for _, arrived in ends}
        assert dict(values["load"].fields) in [{"stuff": stuff, "unit": unit} for unit, those in (
            ("jugs", ("milk", "cider")), ("bags", ("rice", "oats"))) for stuff in those]
        parent = dict(values["who"].fields)
        child = dict(parent["child"].fields) if "child" in parent else None
        assert child is None or (child["name"] != parent["name"] and 18 <= child["born"] - parent["born"] <= 30)
    assert drawn > 30


def test_what_was_seldom_seen_is_drawn_more_often() -> None:
    seen = Seen()
    for _ in range(9):
        seen.take(PLUS)
    found = [seen.choose(("plus", "parcel"), ("plus", "parcel"), Random(n)) for n in range(200)]
    assert found.count("parcel") > 180
    assert seen.sample([1, 2], 5, ["plus", "parcel"], Random(0)) in ([2, 1], [1, 2])


def test_what_people_hear_is_heard_though_it_is_never_said(tmp_path: Path) -> None:
    held = '      held: ["{right:leaf} on'
    heard = SUMS.replace(held, f'      heard: ["the sum of {{left}} and {{right}}"]\n{held}')
    language, = read.read(languages(tmp_path, heard))
    assert len(Listener(language).trees("the sum of 1 and 2 + 3")) == 2
    assert not any("sum of 3 and 4 +" in Speaker(language, Random(n)).request(PLUS) for n in range(20))
