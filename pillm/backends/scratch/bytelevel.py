"""Byte-level BPE (Qwen, Granite, nano), split as llama.cpp splits it for the pre-tokenizer's name."""
import re
from collections.abc import Iterable, Sequence

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, processors, trainers
from tokenizers import pre_tokenizers as pre

from pillm.backends.scratch.tokenizer_types import ByteLevel
from pillm.errors import ConfigError

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
"""The expression of Qwen's tokenizer.json, and of llama.cpp's pre-tokenizer `qwen2`."""
DBRX = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
"""Digits by threes: cl100k's, llama.cpp's `dbrx`."""
BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+"
"""Coarse: it cuts at spaces and sentence marks, never inside a word. llama.cpp's `bloom`."""
APART = r" ?\p{L}+|\p{N}|[^\p{L}\p{N}]"
"""Words with the space before them, digits and everything else apart: no token reaches over an elision («l'»), a hyphen
or into a number, so that what is copied begins and ends where a token does."""


def _split(expression: str) -> pre.PreTokenizer:
    return pre.Sequence([pre.Split(Regex(expression), "isolated"),
                         pre.ByteLevel(add_prefix_space=False, use_regex=False)])


def _refact() -> pre.PreTokenizer:
    return pre.Sequence([pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False, use_regex=True)])


SPLITS = {"qwen2": lambda: _split(QWEN2), "deepseek-r1-qwen": lambda: _split(QWEN2),
          "dbrx": lambda: _split(DBRX), "bloom": lambda: _split(BLOOM), "refact": _refact}
"""llama.cpp's name of a pre-tokenizer → the same one for transformers."""


def train(spec: ByteLevel, lines: Iterable[str], size: int, literals: Sequence[str] = ()) -> Tokenizer:
    """At most `size` tokens, added ones included; raises ConfigError where bytes and added tokens alone are more."""
    added = [*spec.literal, *literals]
    room = size - len(spec.special) - len(added)
    if room < 256:
        raise ConfigError(f"shape.vocab: {size} tokens do not hold 256 bytes, {len(spec.special)} special tokens and "
                          f"{len(added)} literals. Make it at least {size - room + 256}.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.pre_tokenizer = _split(APART) if spec.learns_apart else SPLITS[spec.pre]()
    if spec.nfc:
        tokenizer.normalizer = normalizers.NFC()
    trainer = trainers.BpeTrainer(vocab_size=room, initial_alphabet=sorted(pre.ByteLevel.alphabet()),
                                  show_progress=False)
    tokenizer.train_from_iterator(_without(added, lines), trainer)
    tokenizer.pre_tokenizer = SPLITS[spec.pre]()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in spec.special])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in added])
    tokenizer.post_processor = _bos_first(tokenizer, spec.names["bos"]) if spec.adds_bos \
        else processors.ByteLevel(trim_offsets=False)
    return tokenizer


def _without(added: list[str], lines: Iterable[str]) -> Iterable[str]:
    """The text between added tokens: nothing is learned of what is one token already."""
    if not added:
        return lines
    between = re.compile("|".join(re.escape(text) for text in sorted(added, key=len, reverse=True)))
    return (part for line in lines for part in between.split(line) if part)


def _bos_first(tokenizer: Tokenizer, bos: str) -> processors.TemplateProcessing:
    return processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))])
