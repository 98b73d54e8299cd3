"""What can be asked of theory, by name; `pillm.backends.music.theory.answers` has the same names."""
from collections.abc import Callable

from pillm.records.theory import chords, instruments, intervals, melodies, notes, numerals, rhythm, scales, voices

Answer = Callable[..., str]

ANSWERS: dict[str, Answer] = {answer.__name__: answer for answer in (
    notes.midi, notes.hertz, notes.enharmonic, notes.fret, notes.line, notes.space,
    intervals.interval, intervals.above, intervals.below, intervals.named, intervals.semitones, intervals.inverted,
    intervals.simple, intervals.compound,
    scales.scale, scales.downward, scales.degree, scales.member, scales.place, scales.accidentals, scales.signature,
    scales.signed, scales.relative, scales.neighbours, scales.shared, scales.parent, scales.child,
    chords.symbol, chords.chord, chords.turned, chords.bass, chords.identified, chords.quality, chords.role,
    chords.common, chords.triads, chords.sevenths, chords.homes,
    numerals.spelled, numerals.symbolised, numerals.inversion, numerals.progression, numerals.numeral,
    numerals.cadence, numerals.resolved,
    melodies.up, melodies.down, melodies.rekeyed, melodies.degrees, melodies.sung, melodies.mirrored, melodies.span,
    melodies.row_inverted, melodies.row_transposed, melodies.prime_form, melodies.vector,
    voices.parallels, voices.motion, voices.crossing,
    instruments.strings, instruments.lowest, instruments.reaches, instruments.sounding, instruments.written,
    rhythm.quarters, rhythm.fits, rhythm.bar_of, rhythm.kind, rhythm.left, rhythm.total, rhythm.delay, rhythm.seconds,
    rhythm.ticks, rhythm.samples, rhythm.per_minute)}
