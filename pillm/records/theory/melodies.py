"""Melodies and rows of notes, moved and turned."""
from pillm.records.theory.intervals import parsed
from pillm.records.theory.notes import Note, ascending, names, note
from pillm.records.theory.scales import notes as scale_notes


def up(short: str, *texts: str) -> str:
    """Each note an interval higher."""
    return _said([note(text).moved(*parsed(short)) for text in texts], texts)


def down(short: str, *texts: str) -> str:
    steps, size = parsed(short)
    return _said([note(text).moved(-steps, -size) for text in texts], texts)


def _said(found: list[Note], like: tuple[str, ...]) -> str:
    """With octaves where the notes had them."""
    return " ".join(one.full for one in found) if like[0][-1].isdigit() else names(found)


def rekeyed(tonic: str, mode: str, tonic2: str, mode2: str, *texts: str) -> str:
    """The same degrees in another key."""
    old, new = (scale_notes(one, kind) for one, kind in ((tonic, mode), (tonic2, mode2)))
    places = [[one.name for one in old].index(text) for text in texts]
    return names([new[place] for place in places])


def degrees(tonic: str, mode: str, *texts: str) -> str:
    """Scale degrees as numbers."""
    scale = [one.name for one in scale_notes(tonic, mode)]
    return " ".join(str(scale.index(text) + 1) for text in texts)


def sung(tonic: str, mode: str, *numbers: str) -> str:
    """Notes of these degrees."""
    scale = scale_notes(tonic, mode)
    return names([scale[int(number) - 1] for number in numbers])


def mirrored(*texts: str) -> str:
    """Every interval in the other direction, as wide as it was, around the first note."""
    first = note(texts[0])
    turned = [Note(2 * first.step - one.step, 2 * first.semitone - one.semitone) for one in map(note, texts)]
    return _said(turned, texts)


def span(*texts: str) -> str:
    """Lowest and highest note."""
    ordered = sorted(map(note, texts), key=lambda one: one.semitone)
    return f"{ordered[0].full} to {ordered[-1].full}"


def row_inverted(*numbers: str) -> str:
    """Pitch classes, 0 = C; around the first one."""
    row = list(map(int, numbers))
    return " ".join(str((2 * row[0] - one) % 12) for one in row)


def row_transposed(by: str, *numbers: str) -> str:
    return " ".join(str((int(one) + int(by)) % 12) for one in numbers)


def prime_form(*numbers: str) -> str:
    """Of a set of pitch classes: its most compact order, of itself or its inversion (Rahn), from 0."""
    classes = {int(one) % 12 for one in numbers}
    candidates = [_from_zero(rotation) for kind in (classes, {-one % 12 for one in classes})
                  for rotation in _rotations(kind)]
    best = min(candidates, key=lambda one: tuple(reversed(one)))
    return " ".join(map(str, best))


def vector(*numbers: str) -> str:
    """How often each interval class, 1 to 6, stands between two of its members."""
    classes = sorted({int(one) % 12 for one in numbers})
    sizes = [min((b - a) % 12, (a - b) % 12) for n, a in enumerate(classes) for b in classes[n + 1:]]
    return " ".join(str(sizes.count(size)) for size in range(1, 7))


def _rotations(classes: set[int]) -> list[list[int]]:
    ordered = sorted(classes)
    return [ordered[n:] + ordered[:n] for n in range(len(ordered))]


def _from_zero(rotation: list[int]) -> tuple[int, ...]:
    return tuple((one - rotation[0]) % 12 for one in rotation)


def tower(*texts: str) -> str:
    """Notes from below up, each the next above the last, with octaves from 4."""
    return " ".join(one.full for one in ascending(texts))
