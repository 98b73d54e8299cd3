"""The two kinds of tokenizer, less what they learn from text."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spm:
    """SentencePiece BPE with byte fallback."""

    names: dict[str, str] = field(default_factory=lambda: {"unk": "<unk>", "bos": "<s>", "eos": "</s>"})
    """Role → token, in the order of their ids from 0."""
    control: tuple[str, ...] = ()
    """Tokens that never stand for text."""
    literal: tuple[str, ...] = ()
    """Texts that are one token wherever they stand."""
    prefix: bool = True
    """A space goes before every text."""


@dataclass(frozen=True)
class ByteLevel:
    """BPE over bytes, of texts split by a regular expression."""

    pre: str
    """llama.cpp's name of the split: a key of bytelevel.SPLITS."""
    names: dict[str, str]
    """Role (bos, eos, pad, unk) → token."""
    special: tuple[str, ...] = ()
    """Tokens that never stand for text."""
    literal: tuple[str, ...] = ()
    """Texts that are one token wherever they stand."""
    nfc: bool = False
    """Texts are composed first; llama.cpp leaves that to its caller."""
    adds_bos: bool = False
    """BOS goes before every text."""
    learns_apart: bool = False
    """Learned on bytelevel.APART, used under a coarser `pre`: no merge crosses from a word to what stands beside it."""
