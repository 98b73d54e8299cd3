"""What a task draws beside fillers: lines, rows, pairs of voices, and whole tunes; each as faces of one filler."""
from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

from pillm.records.theory import melodies, scales
from pillm.records.theory.notes import Note, note
from pillm.records.theory.rhythm import PLAIN, bar_length
from pillm.records.tunes import write
from pillm.records.tunes.compose import composed
from pillm.records.tunes.tune import Bar, Tune

Faces = Mapping[str, str]
Maker = Callable[..., Faces]
WALK = (-2, -1, -1, 1, 1, 2)
"""Degrees from one note of a line to the next."""
CHARACTERISTIC = {"dorian": 9, "phrygian": 1, "lydian": 6, "mixolydian": 10}
"""Semitones above the tonic of the degree that tells a mode from plain minor or major."""
HALVES = {Fraction(0): "", Fraction(1, 2): "½"}


def melody(rng: Random, tonic: str, mode: str, count: str) -> Faces:
    """Notes of a scale that wander from its tonic, third or fifth; `low` has octaves from 4."""
    scale = scales.notes(tonic, mode)
    place, places = rng.choice((0, 2, 4)), []
    for _ in range(int(count)):
        places.append(place)
        place += rng.choice(WALK)
    found = [scale[one % 7].moved(7 * (one // 7), 12 * (one // 7)) for one in places]
    return {"": " ".join(one.name for one in found), "full": " ".join(one.full for one in found),
            "pi": write.symbols(found)}


def row(rng: Random) -> Faces:
    """All twelve pitch classes."""
    found = rng.sample(range(12), 12)
    return {"": " ".join(map(str, found))}


def classes(rng: Random, count: str) -> Faces:
    """Some of them, rising."""
    found = sorted(rng.sample(range(12), int(count)))
    return {"": " ".join(map(str, found)), "said": ", ".join(map(str, found))}


def voices(rng: Random, tonic: str, gap: str) -> Faces:
    """Two voices of a major key that move once; they begin `gap` degrees apart, and keep it half of the time."""
    scale = [one.moved(7 * n, 12 * n) for n in (-2, -1, 0, 1) for one in scales.notes(tonic, "major")]
    start = rng.randrange(4, 11)
    low, high = start + rng.choice((-2, -1, 1, 2, 3)), start + int(gap) + rng.choice((-2, -1, 1, 2))
    high = low + int(gap) if rng.random() < 0.5 else high
    named = [scale[place].full for place in (start, low, start + int(gap), high)]
    return dict(zip(("", "low2", "high1", "high2"), named, strict=True)) | {
        "all": f"{named[0]} {named[1]} {named[2]} {named[3]}"}


def values(rng: Random, metre: str) -> Faces:
    """Note values that leave one plain or dotted value of a bar open, as words and for a verb."""
    while True:
        found: list[str] = []
        rest = bar_length(metre)
        while rest > 1 or (rest > 0 and not found):
            fitting = [name for name, length in PLAIN.items() if length < rest and name != "thirty-second"]
            found.append(rng.choice(fitting))
            rest -= PLAIN[found[-1]]
        if rest in {length * dots for length in PLAIN.values() for dots in (1, Fraction(3, 2))} and len(found) > 1:
            return {"": _counted(found), "all": " ".join(f"'{one}'" for one in found)}


def _counted(names: list[str]) -> str:
    """a half, two eighths and a quarter."""
    words = {1: "", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
    told = [f"{words[names.count(name)]} {name}s" if names.count(name) > 1
            else f"{'an' if name[0] == 'e' else 'a'} {name}" for name in dict.fromkeys(names)]
    return " and ".join(", ".join(told).rsplit(", ", 1))


def tune(rng: Random, tonic: str, mode: str, metre: str, plan: str, cells: str, low: str, high: str,
         other: str = "") -> Faces:
    """A tune in all notations, and the same with a wrong bar; `other` is a tonic that it is moved to as well."""
    found = composed(rng, (tonic, mode), metre, plan.split(), cells, (low, high))
    while not _tells_its_mode(found):
        found = composed(rng, (tonic, mode), metre, plan.split(), cells, (low, high))
    sounds = [one for one, _ in found.sounds]
    broken, fault = _broken(rng, found)
    there = _moved(found, other) if other else found
    return {"": write.abc(found), "lily": write.lilypond(found), "tiny": write.tiny(found),
            "moved": write.abc(there), "moved_midi": _midi(there), "midi": _midi(found),
            "pi": write.symbols(sounds), "times": write.times([length for _, length in found.sounds]),
            "notes": " ".join(one.full for one in sounds), "broken": write.abc(broken), "fault": fault,
            "broken_lily": write.lilypond(broken)}


def _tells_its_mode(found: Tune) -> bool:
    """Its characteristic degree sounds, where the mode has one."""
    degree = CHARACTERISTIC.get(found.mode)
    return degree is None or any((one.semitone - note(found.tonic).semitone) % 12 == degree for one, _ in found.sounds)


def _midi(found: Tune) -> str:
    return " ".join(str(one.semitone + 12) for one, _ in found.sounds)


def _moved(found: Tune, tonic: str) -> Tune:
    """To the nearer of the two tonics."""
    old, new = note(found.tonic), note(tonic)
    up = (new.step - old.step, new.semitone - old.semitone)
    if up[1] > 6:
        up = (up[0] - 7, up[1] - 12)
    elif up[1] < -6:
        up = (up[0] + 7, up[1] + 12)
    bars = tuple(tuple((one.moved(*up), length) for one, length in bar) for bar in found.bars)
    return Tune(tonic, found.mode, found.metre, bars)


def _broken(rng: Random, found: Tune) -> tuple[Tune, str]:
    """One bar's first note lasts twice as long, or half; not the last bar's."""
    place = rng.randrange(1, len(found.bars) - 1)
    bar = found.bars[place]
    first, length = bar[0]
    wrong = length * 2 if rng.random() < 0.5 or length < 1 else length / 2
    changed: Bar = ((first, wrong), *bar[1:])
    whole, has = (2 * sum(length for _, length in one) for one in (bar, changed))
    return (Tune(found.tonic, found.mode, found.metre, (*found.bars[:place], changed, *found.bars[place + 1:])),
            f"bar {place + 1} has {_mixed(has)} eighths in place of {_mixed(whole)}")


def _mixed(count: Fraction | int) -> str:
    """4 or 4½ eighths: nothing is shorter than a sixteenth."""
    whole, half = divmod(Fraction(count), 1)
    return f"{whole or ''}{HALVES[half]}"


def symbols(rng: Random, octave: str, *texts: str) -> Faces:
    """Rising notes as Sonic Pi writes them, from an octave up; nothing is drawn."""
    up = int(octave) - 4
    rising = [one.moved(7 * up, 12 * up) for one in map(note, melodies.tower(*texts).split())]
    return {"": write.symbols(rising), "last": _last(rising)}


def _last(rising: list[Note]) -> str:
    return write.symbols(rising[-1:])


MAKERS: dict[str, Maker] = {maker.__name__: maker for maker in (melody, row, classes, voices, values, tune, symbols)}
