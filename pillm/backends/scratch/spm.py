"""SentencePiece BPE with byte fallback (Llama, Mistral, Gemma): tokenizer.model and tokenizer.json of the same pieces.

llama.cpp's converter reads tokenizer.model, transformers tokenizer.json; they must not differ by a single merge.
"""
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors

from pillm.backends.scratch.tokenizer_types import Spm
from pillm.errors import ConfigError

SPACE = "▁"
"""How SentencePiece writes a space."""
COVERAGE = 0.9995
"""SentencePiece's own default."""
LEAST = 128
"""Learned pieces below which it is no tokenizer worth the name."""


def train(spec: Spm, lines: Iterable[str], size: int, out: Path) -> Tokenizer:
    """At most `size` pieces learned from the lines; leaves tokenizer.model in `out`.

    Raises ConfigError where bytes and given tokens leave no room to learn.
    """
    given = 256 + len(spec.names) + len(spec.control) + len(spec.literal)
    if size < given + LEAST:
        raise ConfigError(f"shape.vocab: {size} tokens do not hold 256 bytes, {given - 256} given tokens and {LEAST} "
                          f"learned ones. Make it at least {given + LEAST}.")
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=_parts(lines, (size - given) // 2), model_writer=trained, model_type="bpe",
        vocab_size=size, hard_vocab_limit=False, byte_fallback=True, split_digits=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True,
        add_dummy_prefix=spec.prefix, character_coverage=1.0, max_sentence_length=1 << 20,
        control_symbols=list(spec.control), user_defined_symbols=list(spec.literal), num_threads=1, minloglevel=2,
        **_roles(spec))
    (out / "tokenizer.model").write_bytes(trained.getvalue())
    return _twin(spec, sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue()))


def _parts(lines: Iterable[str], most: int) -> Iterator[str]:
    """The text between newlines and rare characters: past COVERAGE or the `most` frequent, bytes spell them."""
    texts = [part for line in lines for part in line.split("\n")]
    counts = Counter(char for text in texts for char in text)
    allowed, seen = counts.total() * (1 - COVERAGE), 0
    rare = {ord(char): "\n" for char, _ in counts.most_common()[most:]}
    for char, n in reversed(counts.most_common(most)):
        seen += n
        if seen > allowed:
            break
        rare[ord(char)] = "\n"
    return (part for text in texts for part in text.translate(rare).split("\n") if part)


def _roles(spec: Spm) -> dict[str, Any]:
    ids: dict[str, Any] = {f"{role}_id": -1 for role in ("unk", "bos", "eos", "pad")}
    ids |= {f"{role}_id": n for n, role in enumerate(spec.names)}
    return ids | {f"{role}_piece": token for role, token in spec.names.items()}


def _twin(spec: Spm, pieces: sentencepiece.SentencePieceProcessor) -> Tokenizer:
    """The same tokenizer for transformers."""
    ids = range(pieces.vocab_size())
    vocab = {pieces.id_to_piece(i): i for i in ids}
    special = [pieces.id_to_piece(i) for i in ids if pieces.is_control(i) or pieces.is_unknown(i)]
    learned = {piece: pieces.get_score(i) for piece, i in vocab.items()
               if piece not in special and piece not in spec.literal and not pieces.is_byte(i)}
    twin = Tokenizer(models.BPE(vocab, _merges(learned, vocab), unk_token=spec.names["unk"],
                                fuse_unk=True, byte_fallback=True))
    _frame(twin, spec)
    twin.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    twin.add_tokens([AddedToken(text, special=False, normalized=False) for text in spec.literal])
    return twin


def _merges(learned: dict[str, float], vocab: dict[str, int]) -> list[tuple[str, str]]:
    """Every split of a piece into two others, best score first: the order of llama.cpp's queue (llm_bigram_spm)."""
    splits = [(piece[:i], piece[i:]) for piece in learned for i in range(1, len(piece))]
    pairs = [(left, right) for left, right in splits if left in learned and right in learned]
    return sorted(pairs, key=lambda pair: (-learned[pair[0] + pair[1]], vocab[pair[0]], vocab[pair[1]]))


def _frame(twin: Tokenizer, spec: Spm) -> None:
    """Spaces, and BOS before every text. The prefix is a normalizer's: Metaspace "first" is not what llama.cpp does."""
    spaces = normalizers.Replace(" ", SPACE)
    twin.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), spaces]) if spec.prefix else spaces
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    twin.decoder = decoders.Sequence([*steps, *([decoders.Strip(" ", 1, 0)] if spec.prefix else [])])
    bos = spec.names["bos"]
    twin.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, list(spec.names).index("bos"))])
