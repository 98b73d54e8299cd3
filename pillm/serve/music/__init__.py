"""Tunes in ABC, judged by program: `argument` is what a question wants, `answer` finds the tune, `judge` says right or wrong."""
