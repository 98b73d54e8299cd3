"""Tunes in ABC: `argument` is what is wanted, `answer` finds the tune, `judge` has it read and says what is wrong."""
