"""One request for one tool: a phrasing said aloud, piece by piece, and the calls it asks for."""
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from pillm.errors import DataError
from pillm.records.generator.french import BEFORE
from pillm.records.generator.invent import BUILT_IN, Inventor
from pillm.records.generator.noise import Piece
from pillm.records.generator.phrase import Choice, Copied, Further, Named, Phrase
from pillm.records.generator.rules import REASONS, Filler, Fragment, Options, Part, Table, Tool, Wording

BEFORE_IT, AFTER_IT = REASONS
AROUND: tuple[tuple[Phrase, Phrase], ...] = ((BEFORE_IT, ()), ((), AFTER_IT))
Unseen = Literal["fillers", "phrasings"] | None
Call = dict[str, Any]
"""Slots and values; a copied slot's value is its Piece, a slot that is left out is "" or begins with _."""


@dataclass(frozen=True)
class Voice:
    rng: Random
    inventor: Inventor
    feminine: frozenset[str]
    invented: float
    """Share of fillers that are made up, where there is a way to."""
    unseen: Unseen
    """Only fillers, or only phrasings, that training never sees."""


@dataclass
class Draft:
    tool: Tool
    pieces: list[Piece]
    calls: list[Call]


def ask(tool: Tool, voice: Voice) -> Draft:
    draft = Draft(tool, [], [{"tool": tool.name}])
    before, after = voice.rng.choice(AROUND) if voice.rng.random() < tool.reasons else ((), ())
    say(before, draft, voice)
    say_one_of(tool.held_out if voice.unseen == "phrasings" else tool.phrasings, draft, voice)
    say(after, draft, voice)
    return draft


def ask_framed(frames: Tool, voice: Voice) -> Draft:
    """Several requests in one frame; what the frame itself says sets no slot."""
    draft = Draft(frames, [], [{}])
    say_one_of(frames.held_out if voice.unseen == "phrasings" else frames.phrasings, draft, voice)
    del draft.calls[0]
    return draft


def say(phrase: Phrase, draft: Draft, voice: Voice) -> None:
    """Append what the phrase says to the draft."""
    for node in phrase:
        if isinstance(node, str):
            draft.pieces.append(Piece(node))
        elif isinstance(node, Choice):
            say(voice.rng.choice(node.options), draft, voice)
        elif isinstance(node, Named):
            _named(node, draft, voice)
        elif isinstance(node, Copied):
            _copied(node, draft, voice)
        else:
            _further(node, draft)


def _named(node: Named, draft: Draft, voice: Voice) -> None:
    start = len(draft.pieces)
    if node.name in draft.tool.fragments:
        _fragment(draft.tool.fragments[node.name], draft, voice)
    else:
        draft.pieces.append(Piece(BUILT_IN[node.name](voice.inventor)))
    if node.before and len(draft.pieces) > start:
        head = _head(draft.pieces, start)
        feminine = head.text.split(" ", 1)[0] in voice.feminine
        said, replaced = BEFORE[node.before](head.text, feminine, voice.rng)
        head.text = head.text[replaced:]
        draft.pieces.insert(start, Piece(said))


def _head(pieces: list[Piece], start: int) -> Piece:
    """The first piece, with those after it that belong to no slot."""
    while len(pieces) > start + 1 and not pieces[start].copied and not pieces[start + 1].copied:
        pieces[start].text += pieces.pop(start + 1).text
    return pieces[start]


def _fragment(fragment: Fragment, draft: Draft, voice: Voice) -> None:
    if isinstance(fragment, Options):
        say_one_of(fragment, draft, voice)
    elif isinstance(fragment, Filler):
        _filler(fragment, draft, voice)
    elif isinstance(fragment, Table):
        value = _value(fragment, draft, voice)
        if value not in fragment.said:
            raise DataError(f"{draft.tool.name}.yaml: {fragment.slot} is {value!r} already where only "
                            f"{', '.join(fragment.said)} can be said. Say one of them, or draw the slot (drawn).")
        say_one_of(fragment.said[value], draft, voice)
    elif isinstance(fragment, Part):
        _part(fragment, draft, voice)
    else:
        _wording(fragment, draft, voice)


def say_one_of(options: Options, draft: Draft, voice: Voice) -> None:
    if options.heavy:
        say(voice.rng.choices(options.phrases, cum_weights=options.heavy)[0], draft, voice)
    else:
        say(voice.rng.choice(options.phrases), draft, voice)


def _value(table: Table, draft: Draft, voice: Voice) -> str:
    call = draft.calls[-1]
    if table.slot not in call:
        weights = draft.tool.drawn.get(table.slot) or dict.fromkeys(table.said, 1.0)
        value = voice.rng.choices(list(weights), list(weights.values()))[0]
        for unsaid in draft.calls if table.slot in draft.tool.drawn else [call]:
            unsaid.setdefault(table.slot, value)
    return call[table.slot]


def _filler(filler: Filler, draft: Draft, voice: Voice) -> None:
    if voice.unseen == "fillers":
        return say_one_of(filler.held_out, draft, voice)
    if voice.rng.random() >= voice.invented or not (filler.made_up or filler.keep):
        return say_one_of(filler.known, draft, voice)
    if filler.made_up and (not filler.keep or voice.rng.random() < 0.5):
        return say_one_of(filler.made_up, draft, voice)
    return _trail_off(filler, draft, voice)


def _trail_off(filler: Filler, draft: Draft, voice: Voice) -> None:
    """The first words of a known filler, then any words."""
    start = len(draft.pieces)
    say_one_of(filler.known, draft, voice)
    words = "".join(piece.text for piece in draft.pieces[start:]).split(" ")
    kept = words[: voice.rng.randint(1, filler.keep)]
    draft.pieces[start:] = [Piece(" ".join([*kept, voice.inventor.salad(filler.add)]))]


def _part(part: Part, draft: Draft, voice: Voice) -> None:
    """One call of one tool, apart from the slots of those before it."""
    tool = voice.rng.choices(part.tools, [tool.weight for tool in part.tools])[0]
    one = _asked_once(part, tool, voice)
    if part.whole and draft.pieces:
        draft.pieces[-1].joins = True
    draft.pieces += one.pieces
    draft.calls += one.calls


def _asked_once(part: Part, tool: Tool, voice: Voice) -> Draft:
    said = part.said[part.tools.index(tool)]
    if part.whole and voice.unseen == "phrasings":
        said = tool.held_out
    while True:
        one = Draft(tool, [], [{"tool": tool.name}])
        say_one_of(said, one, voice)
        if len(one.calls) == 1:
            return one


def _wording(wording: Wording, draft: Draft, voice: Voice) -> None:
    said, values = wording.say(voice.rng, **wording.options)
    draft.pieces.append(Piece(said))
    draft.calls[-1].update({slot: values[name] for slot, name in wording.sets.items() if name in values})


def _copied(node: Copied, draft: Draft, voice: Voice) -> None:
    start = len(draft.pieces)
    say(node.inside, draft, voice)
    text = "".join(piece.text for piece in draft.pieces[start:])
    article = next((word for word in draft.tool.left_out.get(node.slot, ()) if text.startswith(word)), "")
    value = Piece(text[len(article):], copied=True)
    draft.pieces[start:] = [Piece(article), value] if article else [value]
    draft.calls[-1][node.slot] = value


def _further(node: Further, draft: Draft) -> None:
    draft.calls.append({slot: value for slot, value in draft.calls[-1].items() if slot not in node.without})
