"""What other programs say of music: music21 (theory, ABC, MIDI), abc2midi and LilyPond.

`abc` reads a tune with music21, `abc2midi` and `lilypond` have it read by those, `sounds` reads the MIDI files that
they make, and `theory` answers questions of theory with music21.
"""
