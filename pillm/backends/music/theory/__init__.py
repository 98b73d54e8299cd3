"""Questions of music theory, answered by music21; `answers` has them by name, notes written as F#4 and Bb."""
