"""music21's answers, by the names that records.theory has for its own."""
from collections.abc import Callable

from pillm.backends.music.theory import harmony, keys, lines, pitches, times

ANSWERS: dict[str, Callable[..., str]] = {answer.__name__: answer for answer in (
    pitches.midi, pitches.hertz, pitches.enharmonic, pitches.fret, pitches.line, pitches.space, pitches.above,
    pitches.below, pitches.named, pitches.semitones, pitches.inverted, pitches.simple, pitches.compound,
    keys.downward, keys.degree, keys.member, keys.place, keys.accidentals, keys.signature, keys.signed, keys.relative,
    keys.neighbours, keys.shared, keys.parent, keys.child,
    harmony.symbol, harmony.turned, harmony.bass, harmony.identified, harmony.quality, harmony.role, harmony.common,
    harmony.triads, harmony.sevenths, harmony.homes, harmony.symbolised, harmony.inversion, harmony.progression,
    harmony.numeral, harmony.cadence, harmony.resolved,
    lines.up, lines.down, lines.rekeyed, lines.degrees, lines.sung, lines.mirrored, lines.span, lines.row_inverted,
    lines.row_transposed, lines.prime_form, lines.vector, lines.parallels, lines.motion, lines.crossing,
    lines.strings, lines.lowest, lines.reaches, lines.sounding, lines.written,
    times.quarters, times.fits, times.bar_of, times.kind, times.left, times.total, times.delay, times.seconds,
    times.ticks, times.samples, times.per_minute)} | {
        "interval": pitches.between, "scale": keys.scale_of, "chord": harmony.spelled,
        "spelled": harmony.numeral_spelled}
"""Those at the end would have the names of music21's modules."""
