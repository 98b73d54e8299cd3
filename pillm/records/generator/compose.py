"""Requests without end: one tool's, or several said as one, written cleanly or as people do."""
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from pillm.records.generator.invent import Inventor, words_of
from pillm.records.generator.noise import Piece, write, write_cleanly
from pillm.records.generator.rules import Filler, Rules, Tool
from pillm.records.generator.speak import Call, Draft, Unseen, Voice, ask, ask_framed, say_one_of
from pillm.records.generator.spelling import spell

SPACES = re.compile(r"\s+")
BEFORE_PUNCTUATION = re.compile(r" +(?=[,.])")


@dataclass(frozen=True)
class Asked:
    request: str
    calls: list[dict[str, Any]]

    @property
    def tools(self) -> list[str]:
        """Each once, in the order asked for."""
        return list(dict.fromkeys(call["tool"] for call in self.calls))


def requests(
    rules: Rules, seed: int | str, *, invented: float, noise: float, unseen: Unseen = None,
) -> Iterator[Asked]:
    """`invented`: share of made-up words in fillers; `noise`: share of requests written as people write."""
    rng = Random(seed)
    speaker = voice(rules, rng, invented, unseen)
    while True:
        draft = _one_or_several(rules, speaker)
        spell(draft.pieces)
        if rng.random() < noise:
            write(draft.pieces, rules.noise, rng)
        else:
            write_cleanly(draft.pieces, rules.noise)
        yield asked(draft)


def only(rules: Rules, tools: Sequence[str]) -> Rules:
    """Rules by which these tools alone are asked for, one at a time."""
    chosen = {name: tool for name, tool in rules.tools.items() if name in tools}
    return replace(rules, tools=chosen, several=rules.several.model_copy(update={"share": 0.0}))


def voice(rules: Rules, rng: Random, invented: float, unseen: Unseen) -> Voice:
    return Voice(rng, _inventor(rules, rng), frozenset(rules.lexicon.feminine), invented, unseen)


def asked(draft: Draft) -> Asked:
    """What was said and what it asks for."""
    return Asked(_joined(draft.pieces), [_finished(call) for call in draft.calls])


def _inventor(rules: Rules, rng: Random) -> Inventor:
    fillers = [one for one in rules.fragments.values() if isinstance(one, Filler) and one.add]
    bag = words_of(phrase for filler in fillers for phrase in filler.known.phrases)
    return Inventor(rng, rules.lexicon.syllables, rules.lexicon.endings, bag)


def _one_or_several(rules: Rules, speaker: Voice) -> Draft:
    several = rules.several
    if speaker.rng.random() >= several.share:
        return ask(_drawn_tool(rules, speaker), speaker)
    if rules.frames and speaker.rng.random() < several.framed:
        return ask_framed(rules.frames, speaker)
    count = speaker.rng.choices(list(several.calls), list(several.calls.values()))[0]
    draft = ask(_drawn_tool(rules, speaker, several.never), speaker)
    while len(draft.calls) < count:
        further = ask(_drawn_tool(rules, speaker, several.never), speaker)
        if len(draft.calls) + len(further.calls) <= max(several.calls):
            say_one_of(rules.joiners, draft, speaker)
            draft.pieces[-1].joins = True
            draft.pieces += further.pieces
            draft.calls += further.calls
    return draft


def _drawn_tool(rules: Rules, speaker: Voice, never: Sequence[str] = ()) -> Tool:
    tools = [tool for name, tool in rules.tools.items() if name not in never]
    return speaker.rng.choices(tools, [tool.weight for tool in tools])[0]


def _joined(pieces: Sequence[Piece]) -> str:
    text = SPACES.sub(" ", "".join(piece.text for piece in pieces))
    return BEFORE_PUNCTUATION.sub("", text).strip()


def _finished(call: Call) -> dict[str, Any]:
    """Without slots that are left out."""
    plain = {slot: value.text.strip() if isinstance(value, Piece) else value for slot, value in call.items()}
    return {slot: value for slot, value in plain.items() if value != "" and not slot.startswith("_")}
