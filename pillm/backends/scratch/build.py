"""A whole weights folder from nothing: tokenizer learned on lines of text, random weights, chat template."""
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from pillm.backends.scratch import bytelevel, families, neighbours, spm, weights
from pillm.backends.scratch.families import Family
from pillm.backends.scratch.tokenizer_types import Spm
from pillm.errors import ConfigError
from pillm.shape import FirstWeights, Shape

TEMPLATES = Path(__file__).parent / "templates"


def build(
    family: str, shape: Shape, corpus_lines: Sequence[str], out: Path, *, context: int, literals: Sequence[str] = (),
    first_weights: FirstWeights = "random", seed: int = 0,
) -> None:
    """Make `out` a model of the family; the same bytes for the same arguments.

    `literals` are texts that byte-level tokenizers hold as one token; where two overlap in a text transformers takes
    the first, llama.cpp the longest, so choose ones that cannot. `first_weights` induction begins heads
    that copy, neighbours also gives tokens that stand beside the same ones like embeddings.
    Raises ConfigError where the family is unknown or the shape does not fit it.
    """
    chosen = families.family(family)
    if wrong := [f"shape.{field}: {told}" for field, told in families.mistakes(family, shape, first_weights)]:
        raise ConfigError("\n".join(wrong))
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(chosen, shape, corpus_lines, out, literals)
    known = neighbours.known(tokenizer, corpus_lines, shape.vocab, neighbours.entries(shape.hidden), seed) \
        if first_weights == "neighbours" else None
    weights.save(chosen, shape, _ids(chosen, tokenizer), out, context=context, first_weights=first_weights, known=known,
                 seed=seed)
    (out / "chat_template.jinja").write_text(template(chosen.template), encoding="utf-8")
    _write(out / "tokenizer_config.json", _tokenizer_config(chosen, tokenizer, context))


def template(name: str) -> str:
    """A chat template of templates/."""
    return (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")


def _tokenizer(chosen: Family, shape: Shape, lines: Iterable[str], out: Path, literals: Sequence[str]) -> Tokenizer:
    if isinstance(chosen.tokenizer, Spm):
        tokenizer = spm.train(chosen.tokenizer, lines, shape.vocab, out)
    else:
        tokenizer = bytelevel.train(chosen.tokenizer, lines, shape.vocab, literals)
    tokenizer.save(str(out / "tokenizer.json"))
    return tokenizer


def _ids(chosen: Family, tokenizer: Tokenizer) -> dict[str, int]:
    """Ids by role (bos, eos, pad, unk) and of the other tokens that end an answer."""
    vocab = tokenizer.get_vocab()
    named = {role: vocab[token] for role, token in chosen.tokenizer.names.items()}
    return named | {token: vocab[token] for token in chosen.also_ends}


def _tokenizer_config(chosen: Family, tokenizer: Tokenizer, context: int) -> dict[str, Any]:
    """By hand: transformers 5 leaves out added_tokens_decoder, from which the converter takes the tokens' types."""
    added = {str(i): {"content": token.content, "lstrip": token.lstrip, "normalized": token.normalized,
                      "rstrip": token.rstrip, "single_word": token.single_word, "special": token.special}
             for i, token in sorted(tokenizer.get_added_tokens_decoder().items())}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": context,
        "clean_up_tokenization_spaces": False, **_bos_rules(chosen),
        **{f"{role}_token": token for role, token in chosen.tokenizer.names.items()}, "added_tokens_decoder": added}


def _bos_rules(chosen: Family) -> dict[str, bool]:
    if isinstance(chosen.tokenizer, Spm):
        return {"add_bos_token": True, "add_eos_token": False}
    return {"add_bos_token": chosen.tokenizer.adds_bos, "add_prefix_space": False}


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
