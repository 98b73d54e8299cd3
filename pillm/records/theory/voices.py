"""Two voices, from one chord to the next."""
from pillm.records.theory.notes import note

Voice = tuple[int, int]


def _voices(low1: str, low2: str, high1: str, high2: str) -> tuple[Voice, Voice]:
    return ((note(low1).semitone, note(low2).semitone), (note(high1).semitone, note(high2).semitone))


def parallels(low1: str, low2: str, high1: str, high2: str) -> str:
    """Whether both move the same way from one perfect consonance into another of its kind."""
    low, high = _voices(low1, low2, high1, high2)
    gaps = [(above - below) % 12 for below, above in zip(low, high, strict=True)]
    if low[0] == low[1] or _direction(low) != _direction(high):
        return "no parallel fifths or octaves"
    steps = [(note(b).step - note(a).step) % 7 for a, b in ((low1, high1), (low2, high2))]
    if gaps == [7, 7] and steps == [4, 4]:
        return "parallel fifths"
    return "parallel octaves" if gaps == [0, 0] and steps == [0, 0] else "no parallel fifths or octaves"


def motion(low1: str, low2: str, high1: str, high2: str) -> str:
    """Contrary, oblique, parallel (the same way, the same number of letters apart) or similar."""
    low, high = (_direction(voice) for voice in _voices(low1, low2, high1, high2))
    if not low or not high:
        return "oblique motion" if low or high else "no motion"
    if low != high:
        return "contrary motion"
    apart = [note(b).step - note(a).step for a, b in ((low1, high1), (low2, high2))]
    return "parallel motion" if apart[0] == apart[1] else "similar motion"


def _direction(voice: Voice) -> int:
    return (voice[1] > voice[0]) - (voice[1] < voice[0])


def crossing(low1: str, low2: str, high1: str, high2: str) -> str:
    """Whether the lower voice is above the upper one somewhere."""
    low, high = _voices(low1, low2, high1, high2)
    return "yes" if any(below > above for below, above in zip(low, high, strict=True)) else "no"
