"""A chat as token ids, and which of them the model is to say: what training sees."""
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from pillm.errors import DataError, StageError

Message = Mapping[str, Any]
Messages = Sequence[Message]
Tokenizer = Any
"""A fast tokenizer of transformers, with its chat template."""
TEMPLATE_FILE = "chat_template.jinja"
NO_CLOCK = "no clock"
"""In the place of the function that tells today's date; a template that calls it fails."""
BATCH = 32
"""Chats tokenized in one call; with more, their tokens grow old enough for the slow walks of the garbage collector."""


@dataclass(frozen=True)
class Encoded:
    """A chat's tokens."""

    text: str
    """The chat as the template writes it."""
    ids: list[int]
    """Its tokens, with the BOS that llama.cpp's server would add."""
    trained: list[bool]
    """Whether the model is to say this token: the assistant's, up to and with the end of its turn."""
    offsets: list[tuple[int, int]]
    """The characters of `text` that each token stands for."""
    rewritten: int = 0
    """Assistant turns that the template writes differently once the chat goes on; they are context only."""
    endless: bool = False
    """No special token ends the last answer: the model would not learn to stop."""
    split: bool = False
    """The prompt alone has other tokens than the beginning of the chat, so the model is asked what it never saw."""

    @property
    def pieces(self) -> list[str]:
        """The text of each token; the second and later tokens of one character are empty."""
        seen, found = -1, []
        for start, end in self.offsets:
            found.append(self.text[max(start, seen):end])
            seen = max(seen, end)
        return found


def tokenizer(weights: Path, template: str | None = None) -> Tokenizer:
    """The tokenizer of a weights folder with its chat template, or with `template` in its place.

    tokenizer.json is taken as it stands, as llama.cpp's converter takes it: the classes that AutoTokenizer picks by
    name build their own (transformers 5 gives Llama's other tokens after spaces and special tokens).
    """
    from transformers import PreTrainedTokenizerFast

    if not (weights / "tokenizer.json").exists():
        raise StageError(f"{weights}: there is no tokenizer.json. Convert the tokenizer to a fast one.")
    found = PreTrainedTokenizerFast.from_pretrained(str(weights), local_files_only=True)
    own = weights / TEMPLATE_FILE
    if template is not None:
        found.chat_template = template
    elif own.exists():
        found.chat_template = own.read_text(encoding="utf-8")
    if not isinstance(found.chat_template, str):
        raise StageError(f"{weights}: there is no chat template. Set model.template or domain.form=plain.")
    return found


def encode_chat(tokenizer: Tokenizer, messages: Messages) -> Encoded:
    """One chat as training sees it."""
    return next(encode_chats(tokenizer, [messages]))


def encode_chats(tokenizer: Tokenizer, chats: Iterable[Messages]) -> Iterator[Encoded]:
    """Chats as training sees them, in their order. Raises DataError where the template refuses one."""
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    todo = iter(chats)
    while batch := list(islice(todo, BATCH)):
        texts = _rendered(tokenizer, batch)
        prompts = _rendered(tokenizer, [messages[:-1] for messages in batch], ask=True)
        tokens = zip(_tokenized(tokenizer, prompts, offsets=False), _tokenized(tokenizer, texts), strict=True)
        for messages, text, prompt, (asked, whole) in zip(batch, texts, prompts, tokens, strict=True):
            turns, rewritten = _answers(tokenizer, messages, text, prompt)
            trained, endless = _trained(whole, turns, special)
            yield Encoded(text, whole.ids, trained, whole.offsets, rewritten, endless,
                          split=asked.ids != whole.ids[:len(asked.ids)])


def read_chats(file: Path, count: int | None = None) -> Iterator[dict[str, Any]]:
    """The chats of a file, or the first of them."""
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, islice(lines, count))


def examples(
    weights: Path, chats: Path, count: int = 3, *, template: str | None = None,
) -> list[list[tuple[str, bool]]]:
    """The first training chats token by token: (its text, whether it is trained)."""
    first = [chat["messages"] for chat in read_chats(chats / "train.jsonl", count)]
    return [list(zip(encoded.pieces, encoded.trained, strict=True))
            for encoded in encode_chats(tokenizer(weights, template), first)]


def prompt_ids(tokenizer: Tokenizer, messages: Messages) -> list[int]:
    """What the model is given when it is to answer `messages`."""
    return _tokenized(tokenizer, [render(tokenizer, messages, ask=True)])[0].ids


def render(tokenizer: Tokenizer, messages: Messages, *, ask: bool = False) -> str:
    """The text of a chat; `ask` opens the assistant's turn. Thinking is on, as llama.cpp's server has it."""
    return _rendered(tokenizer, [messages], ask=ask)[0]


def _rendered(tokenizer: Tokenizer, chats: Sequence[Messages], *, ask: bool = False) -> list[str]:
    """The texts of chats; that of an empty one is empty."""
    spoken = [list(messages) for messages in chats if messages]
    try:
        texts = iter(tokenizer.apply_chat_template(
            spoken, tokenize=False, add_generation_prompt=ask, enable_thinking=True, strftime_now=NO_CLOCK,
        ) if spoken else ())
    except (TemplateError, TypeError, LookupError) as error:
        dated = isinstance(error, TypeError) and "strftime_now" in tokenizer.chat_template
        told = "it asks for today's date, so what is trained would differ every day" if dated else error
        raise DataError(f"chat template: {told}. Change the messages, or the template (model.template).") from error
    return [next(texts) if messages else "" for messages in chats]


@dataclass(frozen=True)
class _Tokens:
    ids: list[int]
    offsets: list[tuple[int, int]]


def _tokenized(tokenizer: Tokenizer, texts: list[str], *, offsets: bool = True) -> list[_Tokens]:
    """Tokens of rendered chats: one BOS where the tokenizer adds it, whether or not the template writes it."""
    bos = tokenizer.bos_token_id
    adds = bos is not None and tokenizer("a")["input_ids"][:1] == [bos]
    fast = tokenizer.backend_tokenizer  # transformers would copy all it finds into dicts of lists
    fast.no_padding()
    fast.no_truncation()
    found = (fast.encode_batch if offsets else fast.encode_batch_fast)(texts, add_special_tokens=False)
    first = [adds and not text.startswith(tokenizer.bos_token) for text in texts]
    return [_Tokens([bos] * add + one.ids, [(0, 0)] * add + one.offsets if offsets else [])
            for add, one in zip(first, found, strict=True)]


def _answers(
    tokenizer: Tokenizer, messages: Messages, text: str, prompt: str,
) -> tuple[list[tuple[int, int]], int]:
    """The characters of `text` that the assistant says, turn by turn; and how many turns `text` shows otherwise."""
    spans, rewritten = [], 0
    for place, message in enumerate(messages):
        if message["role"] != "assistant" or place == 0:
            continue
        last = place == len(messages) - 1
        before = prompt if last else render(tokenizer, messages[:place], ask=True)
        after = text if last else render(tokenizer, messages[:place + 1])
        if after.startswith(before) and text.startswith(after):
            spans.append((len(before), len(after)))
        elif last:
            spans.append((_shared(before, text), len(text)))
        else:
            rewritten += 1
    return spans, rewritten


def _shared(left: str, right: str) -> int:
    """Length of the beginning that two texts have in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _trained(tokens: _Tokens, turns: list[tuple[int, int]], special: set[int]) -> tuple[list[bool], bool]:
    """Which tokens lie in the turns, each turn cut after its last special token; whether the last turn has none.

    A token that reaches over the beginning of a turn is the prompt's.
    """
    trained, endless = [False] * len(tokens.ids), True
    for begin, end in turns:
        first, past = (bisect_left(tokens.offsets, (place, 0)) for place in (begin, end))
        stops = [place for place in range(first, past) if tokens.ids[place] in special]
        endless = not stops
        for place in range(first, stops[-1] + 1 if stops else past):
            trained[place] = True
    return trained, endless
