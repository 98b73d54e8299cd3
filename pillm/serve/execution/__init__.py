"""Commands judged by what they do: planted trees, a contained run, and what was printed and left.

`argument` is what a question says, `answer` finds the command in what a model wrote, `trees` plants, `left` compares
what is left, and `judge` puts them together.
"""
