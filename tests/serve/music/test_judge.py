"""Tunes are right or wrong as a whole: by music21, by abc2midi, and by what was wanted."""
import pytest

from pillm.backends.music import abc, abc2midi
from pillm.errors import DataError
from pillm.serve.checkers import CHECKERS
from pillm.serve.music.judge import judge, missing, music

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

HEAD = "X:1\nT:Test\nM:3/4\nL:1/8\nK:D\n"
GOOD = f"{HEAD}D2 F2 A2 | d4 c2 | B2 A2 F2 | E6 |\nG2 B2 d2 | c4 A2 | F2 E2 C2 | D6 |]"
WANTED = {"key": "D major", "metre": "3/4", "bars": 8, "range": ["C4", "D5"], "ends": "D"}
SHORT = {"key": "D major", "metre": "3/4", "bars": 4}
LINE = "D2 F2 A2 | d4 c2 | B2 A2 F2 | D6 |]"


def why(text: str, **more: object) -> str:
    return judge(f"{text}\n", SHORT | more).why


@pytest.mark.parametrize(("text", "more"), [
    (HEAD + LINE, {}), (HEAD + LINE.replace("D2 F2 A2", "D2- D2 A2"), {}), (HEAD + LINE.replace("d4 c2",
    "(3dcB A2 c2"), {}),
    (HEAD + LINE.replace("d4", "{e}d4"), {}), (HEAD + LINE.replace("D2 F2", '"D"D2 "A7"F2'), {}),
    (HEAD + LINE.replace("B2 A2", "B>A z2"), {}), (HEAD + LINE.replace("D6", "[DFA]6"), {}),
    (HEAD + f"{LINE}\nw: one two three four five six se-ven eight", {}), (HEAD + f"|: {LINE[:-2]}:|", {}),
    (HEAD.replace("M:3/4", "M:3/4\nQ:1/4=100\nC:Anon."), None), (HEAD.replace("K:D", "K:Dmaj") + LINE, {}),
    (HEAD.replace("K:D", "K:Bm") + LINE.replace("D6", "B,6"), {"key": "B minor", "ends": "B"}),
    (HEAD.replace("K:D", "K:Ador") + "A2 c2 e2 | d4 f2 | e2 d2 c2 | A6 |]", {"key": "A dorian"}),
    (HEAD + "A2 | D2 F2 A2 | d4 c2 | B2 A2 F2 | D4 |]", {"upbeat": True}),
    (HEAD.replace("3/4", "C") + "D2 F2 A2 d2 | d4 c4 | B2 A2 F2 E2 | D8 |]", {"metre": "4/4"}),
    (HEAD + "D2 F2 A2 | d4 ^A2 | B2 A2 F2 | D6 |]", {}),
])
def test_right(text: str, more: dict | None) -> None:
    assert why(text + (LINE if more is None else ""), **(more or {})) == ""


@pytest.mark.parametrize(("text", "more", "told"), [
    (HEAD.replace("K:D", "K:G") + LINE, {}, "its key is G major, not D major"),
    (HEAD.replace("3/4", "4/4") + LINE, {}, "its metre is 4/4, not 3/4"),
    (HEAD + LINE, {"bars": 5}, "it has 4 bars, not 5"),
    (HEAD + LINE.replace("D6", "D4"), {}, "bar 4 has 2 quarters, not 3"),
    (HEAD + LINE.replace("d4 c2", "d4"), {}, "bar 2 has 2 quarters, not 3"),
    (HEAD + LINE.replace("d4 c2", "d4 c2 B2"), {}, "it has 5 bars, not 4"),
    (HEAD + LINE, {"range": ["D4", "C5"]}, "D5 is outside D4 to C5"),
    (HEAD + LINE, {"ends": "A"}, "it does not end on A"),
    (HEAD + LINE.replace("D6", "z6"), {"ends": "D"}, "it does not end on D"),
    (HEAD + LINE, {"sounds": [62, 66, 69, 74, 73, 71, 69, 66, 61]}, "its note 9 is D, not C#"),
    (HEAD + LINE, {"sounds": [62, 66, 69]}, "it has 9 notes, not 3"),
    (HEAD + LINE, {"upbeat": True}, "it has no upbeat"),
    (HEAD + "z6 | z6 | z6 | z6 |]", {}, "0 notes, 0 different ones, are no tune of 4 bars"),
    (HEAD + "D6 | D6 | D6 | D6 |]", {}, "4 notes, 1 different ones, are no tune of 4 bars"),
    (HEAD + "_D2 =F2 _A2 | _d4 =c2 | _B2 _A2 =F2 | D6 |]", {}, "3 of its 9 notes belong to D major"),
    (HEAD + LINE.replace("|]", "|\nX"), {}, ""),
])
def test_wrong(text: str, more: dict, told: str) -> None:
    assert why(text, **more).startswith(told)
    assert why(text, **more)


@pytest.mark.parametrize(("text", "music21", "abc2midi_"), [
    (HEAD + LINE.replace("D6", "D4"), "bar 4", ()),
    (HEAD + "This is a nice waltz | d4 c2 | B2 A2 F2 | D6 |]", "bar 1", ("Malformed", "Ignoring")),
    (HEAD + LINE.replace("| d4", "h | d4"), None, ("Ignoring reserved character h",)),
    (HEAD.replace("K:D", "K:f#m") + LINE, "its key", ("Ignoring string 'f#m'",)),
    (HEAD + f"|: {LINE[:-2]}:|1 D6 :|2 D6 |]", "it has 6 bars", ("found [1 or like",)),
])
def test_junk_that_one_of_the_two_lets_pass(text: str, music21: str | None, abc2midi_: tuple[str, ...]) -> None:
    """None is: it reads it without a word; the other one does not, and the tune is wrong."""
    said = " ".join(abc2midi.read(text).complaints)
    assert all(part in said for part in abc2midi_) and bool(said) == bool(abc2midi_)
    assert why(text).startswith(music21 or "abc2midi says")


@pytest.mark.parametrize("text", ["", "X:1\n", "D2 F2 A2 |", f"{HEAD}", f"{HEAD}V:1\n{LINE}\nV:2\n{LINE}",
"X:1\nK:H\nabc|", "\ud800"])
def test_what_is_no_tune_is_told_and_raises_nothing(text: str) -> None:
    assert judge(text, SHORT).why.startswith("music21 finds")


def test_the_checker_takes_answers() -> None:
    checker = CHECKERS["music"]
    assert checker.suits(WANTED) and not checker.suits({"key": "D major"})
    assert music(f"Here:\n```abc\n{GOOD}\n```", WANTED) == checker(GOOD, WANTED) == {"score": 1.0}
    for junk in ("", "null", "[" * 5000, "9" * 5000, "X:1\nK:D\n" + "[" * 3000, f"{GOOD}\n{GOOD}", "```abc\n```"):
        assert checker(junk, WANTED)["score"] == 0


def test_music21_hears_what_abc2midi_hears() -> None:
    from pillm.backends.music.sounds import heard

    text = HEAD.replace("K:D", "K:Cm") + "C2 =E2 E2 | ^F2 F2 =F2 | B,2 =B,2 c2 | E6 |]\n"
    of_music21 = [note for bar in abc.tune(text).bars for sound in bar.sounds for note in sound]
    assert of_music21 == [pitch for _, _, pitch in heard(abc2midi.read(text).midi)]


def test_no_tune_is_told_by_the_reader() -> None:
    with pytest.raises(DataError, match="no bars"):
        abc.tune(f"{HEAD}D2 F2 A2")
