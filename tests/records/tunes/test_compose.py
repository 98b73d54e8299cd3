"""Tunes by rule: full bars, in range, home at the end; and every notation of one says the same."""
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillm.backends.music import abc, abc2midi, lilypond
from pillm.records.theory.notes import note
from pillm.records.theory.rhythm import bar_length
from pillm.records.tunes import write
from pillm.records.tunes.compose import composed
from pillm.records.tunes.makers import MAKERS
from pillm.records.tunes.tune import Tune

CELLS = {"3/4": "2 1 | 1 1 1 | 1.5 0.5 1", "4/4": "1 1 1 1 | 2 1 1 | 1 0.5 0.5 1 1", "6/8": "1 0.5 1 0.5 | 1.5 1.5"}
PLANS = {"major": "I IV I V I ii V I", "minor": "i iv V V i VI V i", "dorian": "i IV i VII i IV VII i"}
seeds = st.integers(0, 10_000)
keys = st.sampled_from([("D", "major"), ("Ab", "major"), ("C#", "minor"), ("F", "minor"), ("E", "dorian")])
metres = st.sampled_from(sorted(CELLS))


def made(seed: int, key: tuple[str, str], metre: str) -> Tune:
    return composed(Random(seed), key, metre, PLANS[key[1]].split(), CELLS[metre], ("A3", "A5"))


@given(seeds, keys, metres)
def test_bars_are_full_notes_in_range_and_the_tonic_ends_it(seed: int, key: tuple[str, str], metre: str) -> None:
    tune = made(seed, key, metre)
    assert [sum(length for _, length in bar) for bar in tune.bars] == [bar_length(metre)] * 8
    pitches = [one.semitone for one, _ in tune.sounds]
    assert note("A3").semitone <= min(pitches) and max(pitches) <= note("A5").semitone
    assert tune.bars[-1][-1][0].name == key[0]
    assert max(abs(a - b) for a, b in pairwise(pitches)) <= 12
    assert tune == made(seed, key, metre)


def test_the_second_phrase_begins_as_the_first() -> None:
    tune = made(4, ("D", "major"), "3/4")
    assert tune.bars[4] == tune.bars[0] != tune.bars[1]


@pytest.mark.skipif(abc.missing() is not None, reason=str(abc.missing()))
@settings(max_examples=15, deadline=None)
@given(seeds, keys, metres)
def test_music21_reads_in_abc_what_was_composed(seed: int, key: tuple[str, str], metre: str) -> None:
    tune = made(seed, key, metre)
    head = {"major": "", "minor": "m", "dorian": "Dor"}[key[1]]
    read = abc.tune(f"X:1\nM:{metre}\nL:1/8\nK:{key[0]}{head}\n{write.abc(tune)}\n")
    assert read.key == " ".join(key)
    heard = [(sound[0], bar.length) for bar in read.bars for sound in bar.sounds]
    assert [pitch for pitch, _ in heard] == [one.semitone + 12 for one, _ in tune.sounds]
    assert {length for _, length in heard} == {bar_length(metre)}


@pytest.mark.skipif(bool(lilypond.missing() or abc2midi.missing()), reason="lilypond or abc2midi is not installed")
@pytest.mark.parametrize(("key", "metre"), [
    (("Eb", "major"), "3/4"), (("F#", "minor"), "6/8"), (("G", "minor"), "4/4")])
def test_lilypond_and_abc2midi_hear_the_same(key: tuple[str, str], metre: str) -> None:
    from pillm.backends.music.sounds import heard

    tune = made(5, key, metre)
    name = f"{write.lilypond_name(note(key[0]))} \\{key[1]}"
    text = f"\\score {{ {{ \\key {name} \\time {metre} {write.lilypond(tune)} }} \\midi {{ }} }}"
    head = f"X:1\nM:{metre}\nL:1/8\nK:{key[0]}{'m' if key[1] == 'minor' else ''}\n"
    of_abc = heard(abc2midi.read(f"{head}{write.abc(tune)}\n").midi)
    assert heard(lilypond.midi(text)) == of_abc
    assert [pitch for _, _, pitch in of_abc] == [one.semitone + 12 for one, _ in tune.sounds]


def test_notations_of_single_notes() -> None:
    notes = [note(text) for text in ("C4", "F#5", "Bb3", "C2", "Eb6", "Gb4")]
    assert write.symbols(notes) == ":c4, :fs5, :bb3, :c2, :eb6, :gb4"
    bar = tuple((one, Fraction(1, 2)) for one in notes)
    tune = Tune("C", "major", "3/4", (bar,))
    assert write.abc(tune) == "C^f _B,C,, _e'_G |]"
    assert write.lilypond(tune) == "c'8 fis''8 bes8 c,8 es'''8 ges'8 \\bar \"|.\""
    assert write.tiny(tune) == "3/4 c8 f'#8 B-8 CC8 e''-8 g-8"


def test_a_letter_that_was_altered_is_marked_again() -> None:
    one, other = note("G#4"), note("G4")
    tune = Tune("A", "minor", "3/4", (((one, Fraction(1)), (one, Fraction(1)), (other, Fraction(1))),))
    assert write.abc(tune) == "^G2 ^G2 =G2 |]"


@pytest.mark.parametrize("maker", ["melody G minor 6", "row", "classes 4", "voices D 4", "values 6/8",
                                   "tune C major 3/4 'I V V I' '2 1 | 1 1 1' C4 C5 E"])
def test_makers_draw_by_seed(maker: str) -> None:
    import shlex

    name, *words = shlex.split(maker)
    first, again, other = (MAKERS[name](Random(seed), *words) for seed in (1, 1, 2))
    assert first == again != other
    assert all(isinstance(text, str) for text in first.values())


def test_a_broken_tune_says_where() -> None:
    faces = MAKERS["tune"](Random(1), "C", "major", "3/4", "I V V I", "2 1 | 1 1 1", "C4", "C5", "E")
    bars = faces["broken"].split("|")
    place = int(faces["fault"].split()[1])
    assert [n for n, (a, b) in enumerate(zip(bars, faces[""].split("|"), strict=True), 1) if a != b] == [place]
    assert faces["moved_midi"] == " ".join(str(int(number) + 4) for number in faces["midi"].split())
