"""Whether a GGUF's header says of tokens and templates what its weights folder says."""
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillm.serve.shipped import Shipped

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.gguf_file import Gguf


def problems(weights: Path, tokenizer: Any, gguf: Path, shipped: Shipped, *, pre: str | None) -> list[str]:
    """What differs, in sentences; `pre` is the pre-tokenizer's name in llama.cpp, null where it is not known."""
    from pillm.backends.llama_cpp import gguf_file

    header = gguf_file.read(gguf)
    return [*_template(tokenizer, shipped), *_special(tokenizer, header), *_ends(weights, tokenizer, shipped),
            *_vocabulary(tokenizer, header), *_pre(header, pre)]


def of_ladder(base: Path, others: Sequence[Path]) -> list[str]:
    """Files whose tokenizer or template is not that of the unquantized one."""
    from pillm.backends.llama_cpp import gguf_file

    wanted = _tokenizer_fields(gguf_file.read(base))
    found = []
    for other in others:
        got = _tokenizer_fields(gguf_file.read(other))
        keys = sorted(key for key in wanted.keys() | got.keys() if wanted.get(key) != got.get(key))
        found += [f"{other.name}: {key} is not that of {base.name}" for key in keys]
    return found


def _tokenizer_fields(header: "Gguf") -> dict[str, tuple[int, bytes]]:
    return {key: value for key, value in header.fields.items() if key.startswith("tokenizer.")}


def _template(tokenizer: Any, shipped: Shipped) -> Iterator[str]:
    wanted, got = tokenizer.chat_template, shipped.template
    if wanted != got:
        at = next((i for i, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), min(len(wanted), len(got)))
        yield (f"the chat template differs at character {at}: trained with {wanted[at:at + 40]!r}, "
               f"the GGUF has {got[at:at + 40]!r}")


def _special(tokenizer: Any, header: "Gguf") -> Iterator[str]:
    """BOS is compared where the tokenizer has one: llama.cpp fills in a default for those that have none."""
    for role in ("bos", "eos"):
        wanted, got = getattr(tokenizer, f"{role}_token_id"), header.get(f"tokenizer.ggml.{role}_token_id")
        if wanted is not None and wanted != got:
            yield f"{role} is token {got} in the GGUF, {wanted} in training"


def _ends(weights: Path, tokenizer: Any, shipped: Shipped) -> Iterator[str]:
    """Tokens that must end an answer: EOS, those of generation_config.json, and the one that training ends it with."""
    from pillm.backends.hf.chat import encode_chat

    file = weights / "generation_config.json"
    told = json.loads(file.read_text("utf-8")).get("eos_token_id") if file.exists() else None
    ids = [*(told if isinstance(told, list) else [told]), tokenizer.eos_token_id]
    encoded = encode_chat(tokenizer, [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    trained = [token for token, is_trained in zip(encoded.ids, encoded.trained, strict=True) if is_trained]
    for token in dict.fromkeys(token for token in [*ids, *trained[-1:]] if token is not None):
        if tokenizer.convert_ids_to_tokens(token) not in shipped.ends:
            yield (f"llama.cpp does not end an answer at token {token} {tokenizer.convert_ids_to_tokens(token)!r}, "
                   "as training does")


def _vocabulary(tokenizer: Any, header: "Gguf") -> Iterator[str]:
    got = header.get("tokenizer.ggml.tokens", [])
    wanted = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    for token, (ours, theirs) in enumerate(zip(wanted, got, strict=False)):
        # The converter writes the spaces of added tokens as spaces; ids without a token have names of its own.
        if ours is not None and ours.replace("▁", " ") != theirs.replace("▁", " "):
            yield f"token {token} is {theirs!r} in the GGUF, {ours!r} in training"
            return
    if len(got) < len(wanted):
        yield f"the GGUF has {len(got)} tokens, training {len(wanted)}"


def _pre(header: "Gguf", pre: str | None) -> Iterator[str]:
    got = header.get("tokenizer.ggml.pre")
    if pre is not None and got != pre:
        yield f"tokenizer.ggml.pre is {got!r}, not {pre!r}"
