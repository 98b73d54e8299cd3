"""Music theory by letters and semitones: answers that are held to music21's before a record says them.

A note is a letter (its place on the staff) and a semitone (its place on the keyboard); everything else is sums of both.
`answers` is the table of what can be asked; `pillm.backends.music.theory` answers the same by music21.
"""
