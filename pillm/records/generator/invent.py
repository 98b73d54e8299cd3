"""Words that do not exist, and known words in no order: so that a model learns to copy what it has never seen."""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pillm.records.generator.phrase import Phrase

LONGEST_SALAD = 3
PSEUDO_SHARE_OF_SALAD = 0.4


@dataclass(frozen=True)
class Inventor:
    rng: Random
    syllables: Sequence[str]
    endings: Sequence[str]
    bag: Sequence[str]
    """Known words."""

    def word(self) -> str:
        count = self.rng.choice((1, 2, 2, 3))
        end = self.rng.choice(self.endings) if self.rng.random() < 0.6 else ""
        return "".join(self.rng.choice(self.syllables) for _ in range(count)) + end

    def salad(self, most: int = LONGEST_SALAD) -> str:
        return " ".join(self._one() for _ in range(self.rng.randint(1, most)))

    def _one(self) -> str:
        return self.word() if self.rng.random() < PSEUDO_SHARE_OF_SALAD else self.rng.choice(self.bag)


def words_of(phrases: Iterable[Phrase]) -> list[str]:
    """The plain words of phrases, sorted, each once."""
    texts = (node for phrase in phrases for node in phrase if isinstance(node, str))
    return sorted({word for text in texts for word in text.replace(",", " ").split() if len(word) > 1})


BUILT_IN: dict[str, Callable[[Inventor], str]] = {
    "pseudo": Inventor.word, "Pseudo": lambda inventor: inventor.word().capitalize(), "salad": Inventor.salad,
}
"""Names in braces that need no fragment."""
