"""What happens to letters when people write."""
import unicodedata
from random import Random

LIKELY = "aeioutnrsl"
SHORTEST_MISTYPED = 4


def unaccented(text: str) -> str:
    kept = (letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return "".join(kept).replace("œ", "oe").replace("Œ", "OE")


def mistyped(word: str, share: float, rng: Random) -> str:
    """Now and then with a letter less, doubled, wrong, or two that changed places."""
    if len(word) < SHORTEST_MISTYPED or not word.isalpha() or rng.random() >= share:
        return word
    i = rng.randint(1, len(word) - 2)
    return rng.choice((
        word[:i] + word[i + 1:], word[:i] + word[i + 1] + word[i] + word[i + 2:], word[:i] + word[i] + word[i:],
        word[:i] + rng.choice(LIKELY) + word[i + 1:],
    ))
