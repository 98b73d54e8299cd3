"""Requests with the tree that each stands for, and the schema that says how it is written; each is heard again."""
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from pillm.errors import StageError
from pillm.json_text import compact
from pillm.records.languages import dialect, draw, json_form
from pillm.records.languages.hear import Listener
from pillm.records.languages.language import Language, Tree
from pillm.records.languages.say import Speaker
from pillm.records.languages.seen import Seen
from pillm.records.languages.shape import depth, features, shape
from pillm.records.rejects import CONTAMINATION
from pillm.records.skeleton import masks, skeleton
from pillm.records.text import words

if TYPE_CHECKING:
    from pillm.records.contamination import Near

Unseen = Literal["schemas", "phrasings"] | None
Json = Any
SHAPES_HELD, SKELETONS_HELD = 0.15, 0.12
"""Shares of all shapes of schemas, and of all skeletons of requests, that training records never have."""
DIALECTS_TRIED, TREES_TRIED = 300, 8
"""Draws for a schema that is short enough and of the wanted side, and for a tree of it that can be a record."""
DIALECTS_COMPARED = (1, 4, 4, 4)
"""Of so many that would do, the one with the shortest schema is taken unless another has what is seldom."""
DEEPEST = 6
"""From here on depths are counted together."""
AMBIGUOUS, MISREAD, INVALID = "heard in two ways", "heard as something else", "does not satisfy its schema"
NO_SCHEMA = "no schema of the wanted side"
LONG, BEFORE, FREQUENT, OTHER_SIDE = "too long", "asked before", "skeleton too frequent", "of the other side"


@dataclass(frozen=True)
class Wanted:
    """What rows are wanted."""

    rows: int
    trees: int
    """Different ones for each schema."""
    longest_schema: int
    """Characters."""
    longest: int
    """Characters of request, schema and answer together."""
    unseen: Unseen = None
    most_of_skeleton: float = 0.01
    """Share of the rows."""
    near: "Near" = lambda said: ""
    """The question of an examination that a conversation is near to, or nothing."""


@dataclass(frozen=True)
class Row:
    user: str
    answer: Json
    schema: dict[str, Json]
    tags: tuple[str, ...]
    """Language and depth; features of the schema."""

    @property
    def text(self) -> str:
        """The answer as a model writes it."""
        return compact(self.answer)

    @property
    def size(self) -> int:
        return len(self.user) + len(self.text) + len(compact(self.schema))


@dataclass
class Tally:
    """What was left out, by reason and language; raises StageError where it is more than `most`."""

    most: float = inf
    left_out: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    total: int = 0

    def leave_out(self, reason: str, language: str) -> None:
        self.left_out[reason][language] += 1
        self.total += 1
        if self.total > self.most:
            often = max(self.left_out, key=lambda one: self.left_out[one].total())
            raise StageError(f"derive.rows: the languages seem to have no more requests: {self.total} were left out, "
                             f"most of them «{often}». Lower it, raise longest, or add words and ways of saying.")

    def told(self) -> dict[str, dict[str, int]]:
        return {reason: dict(sorted(counts.items())) for reason, counts in sorted(self.left_out.items())}


def rows(languages: Sequence[Language], wanted: Wanted, seed: int | str, accepting: Callable[[Any], Callable],
         tally: Tally) -> Iterator[Row]:
    """Without end, as long as the languages have more, each in its share; `accepting` makes the check of a schema."""
    rng = Random(f"{seed}/{wanted.unseen}")
    skeletons: Counter[str] = Counter()
    sieves = {language.name: Sieve(wanted, Listener(language), skeletons) for language in languages}
    made = Counter({language.name: 0 for language in languages})
    while True:
        language = min(languages, key=lambda one: (made[one.name] / one.share, one.name))
        found = _schema(language, wanted, sieves[language.name].seen, rng)
        made[language.name] += 1 if found is None else 0  # its turn is over, or it would be asked for ever
        if found is None:
            tally.leave_out(NO_SCHEMA, language.name)
            continue
        for row in _of_schema(*found, sieves[language.name], accepting(found[1]), rng, tally):
            made[language.name] += 1
            yield row


@dataclass
class Sieve:
    """What has been asked in a language, and what may not be asked again."""

    wanted: Wanted
    listener: Listener
    skeletons: Counter[str]
    """Of all languages."""
    asked: set[str] = field(default_factory=set)
    seen: Seen = field(default_factory=Seen)

    def amiss(self, row: Row, tree: Tree, form: str, accepts: Callable[[Json], bool]) -> str:
        """Why the row is no record, or nothing."""
        if row.size > self.wanted.longest:
            return LONG
        if row.user in self.asked:
            return BEFORE
        if _held("skeleton", form, SKELETONS_HELD) != bool(self.wanted.unseen):
            return OTHER_SIDE
        if self.skeletons[form] >= self.wanted.most_of_skeleton * self.wanted.rows:
            return FREQUENT
        if self.wanted.near([("user", words(row.user)), ("assistant", words(row.text))]):
            return CONTAMINATION
        if not accepts(row.answer):
            return INVALID
        heard = self.listener.trees(row.user)
        return "" if heard == {tree} else AMBIGUOUS if tree in heard else MISREAD

    def take(self, row: Row, tree: Tree, form: str) -> None:
        self.seen.take(tree)
        self.asked.add(row.user)
        self.skeletons[form] += 1


def _of_schema(spoken: dialect.Dialect, schema: dict[str, Json], sieve: Sieve, accepts: Callable[[Json], bool],
               rng: Random, tally: Tally) -> Iterator[Row]:
    """Trees of all heights, each of them tried a few times until one can be a record."""
    drawer, masked = draw.Drawer(spoken, draw.heights(spoken), sieve.seen, rng), masks(schema)
    low, high = spoken.language.heights
    for height in rng.sample([*range(low, high + 1)] * sieve.wanted.trees, sieve.wanted.trees):
        for _ in range(TREES_TRIED):
            tree = drawer.tree(height)
            row = None if tree is None else _said(tree, spoken, schema, sieve.wanted.unseen, rng)
            if tree is None or row is None:
                continue
            form = skeleton(words(row.user), row.answer, masked)
            if reason := sieve.amiss(row, tree, form, accepts):
                tally.leave_out(reason, spoken.language.name)
                continue
            sieve.take(row, tree, form)
            yield row
            break


def _schema(language: Language, wanted: Wanted, seen: Seen,
            rng: Random) -> tuple[dialect.Dialect, dict[str, Json]] | None:
    """Of some dialects a short one, or one of the seldom; held back exactly where unseen schemas are wanted."""
    found: list[tuple[dialect.Dialect, dict[str, Json]]] = []
    compared = rng.choice(DIALECTS_COMPARED)
    for _ in range(DIALECTS_TRIED):
        spoken = dialect.drawn(language, rng, seen)
        schema = json_form.schema(spoken)
        if len(compact(schema)) <= wanted.longest_schema and draw.tall(spoken) and _held(
                "shape", shape(schema), SHAPES_HELD) == (wanted.unseen == "schemas"):
            found.append((spoken, schema))
            if len(found) == compared:
                break
    return min(found, key=lambda one: len(compact(one[1])) * _often(one[0], seen), default=None)


def _often(spoken: dialect.Dialect, seen: Seen) -> float:
    """How often the rarest of its constructors was in a record, dampened: one that is 16 times as rare is worth a
    schema twice as long."""
    return (1 + min(seen.times[shape.kind] for shapes in spoken.kinds.values() for shape in shapes)) ** 0.25


def _said(tree: Tree, spoken: dialect.Dialect, schema: dict[str, Json], unseen: Unseen, rng: Random) -> Row | None:
    """None where an unseen phrasing is wanted and none came up."""
    language = spoken.language
    speaker = Speaker(language, rng, may_hold=unseen == "phrasings")
    request = speaker.request(tree)
    if (unseen == "phrasings") != bool(speaker.held):
        return None
    answer = json_form.written(tree, language.start, spoken)
    deep = depth(answer)
    tags = (language.name, f"depth:{deep}" if deep < DEEPEST else f"depth:{DEEPEST}+")
    return Row(request, answer, schema, (*tags, *features(schema)) if unseen else tags)


def _held(kind: str, text: str, share: float) -> bool:
    """Whether it is held back from training: the same in every run."""
    return int.from_bytes(sha256(f"{kind}/{text}".encode()).digest()[:8]) < share * 2**64
