"""A small language to try the rules with: sums of numbers and things, and what somebody packs."""
from pathlib import Path

SUMS = """
start: sum
heights: [1, 3]
atoms:
  number: {numbers: [0, 30]}
  thing: {words: things, open: true}
  size: {words: [{said: [big, large], as: [L, large]}, {said: small, as: [S, small]}, {said: [tiny], as: [XS, tiny]}]}
  code: {coded: [AA-99]}
  sealed: {words: [{said: [sealed], as: [true]}, {said: [open], as: [false]}]}
nodes:
  sum:
    number: {of: {value: number}, say: ["{value}"], names: [num, lit], core: true, bare: true}
    plus:
      of: {left: sum, right: sum}
      say: ["{left} + {right:leaf}", "(the sum of|) {left:leaf} and {right:leaf}"]
      held: ["{right:leaf} on top of {left:leaf}"]
      names: [plus, "+"]
      core: true
    parcel:
      of: {what: things, size?: size, code?: code, sealed?: sealed}
      say: ["a parcel with {what} ..."]
      parts: {size: ["of size {size}"], code: ["marked {code}"], sealed: ["({sealed})"]}
      names: [parcel, box]
      core: true
lists:
  things: {of: thing, least: 1, most: 3}
groups: {leaf: [number]}
fields: {left: [left, a], right: [right, b]}
asks: ["Pack {it}."]
held_asks: ["Put aside {it}!"]
"""
WORDS = "things: [apples, '(red|green) pears', a rope]\n"
ASKS = "asks: ['{it}']\nheld: []\n"


def languages(folder: Path, sums: str = SUMS, words: str = WORDS) -> Path:
    """A folder as derive reads it."""
    (folder / "grammars").mkdir(parents=True, exist_ok=True)
    (folder / "grammars" / "sums.yaml").write_text(sums, "utf-8")
    (folder / "words.yaml").write_text(words, "utf-8")
    (folder / "asks.yaml").write_text(ASKS, "utf-8")
    return folder
