"""GGUF files with the same bytes everywhere: weights are integers from RandomState over a power of two.

Written with the gguf package, so that our own reader and writer meet a file they did not make.
"""
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

TEXT = """
alarme allume appelle apporte avant bain bouilloire bonjour café chambre chauffage chez cinq coupe cuisine demain
dépanneur dix éteins faut ferme fenêtre goûte heures icitte jeudi lait lumière maison matin message midi minuit minutes
mets musique neige note nuit ouvre pain pantoute pis pluie porte quinze rappelle resto salon sept soir tantôt tuque
vente vers vingt voisin
"""
WORDS = TEXT.split()
SHAPES = {"wide": {"hidden": 256, "ffn": 256, "layers": 16}, "odd": {"hidden": 288, "ffn": 288, "layers": 8}}
"""Rows of whole blocks of 256 with an output matrix of its own; rows of nine blocks of 32 and a tied embedding."""
CONTEXT = 128
Write = Callable[[str, np.ndarray], None]
"""(name of a tensor, its integers)"""


def text(seed: int, sentences: int) -> str:
    """Sentences of WORDS."""
    random = np.random.RandomState(seed)
    picked = [[WORDS[i] for i in random.randint(0, len(WORDS), random.randint(4, 12))] for _ in range(sentences)]
    return " ".join(" ".join(words).capitalize() + "." for words in picked)


def pieces(corpus: str, merges: int) -> list[str]:
    """Characters and the most frequent pairs, merged one after the other as byte-pair encoding does."""
    words = Counter(tuple("▁" + word) for word in corpus.split())
    found = sorted({character for word in words for character in word})
    for _ in range(merges):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        found.append("".join(best))
        words = Counter({_merged(word, best): count for word, count in words.items()})
    return found


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged, i = [], 0
    while i < len(word):
        joined = word[i:i + 2] == pair
        merged.append(word[i] + word[i + 1] if joined else word[i])
        i += 2 if joined else 1
    return tuple(merged)


def model(path: Path, shape: str = "wide", dtype: str = "f16", *, coarse: bool = False) -> None:
    """A llama with a SentencePiece vocabulary; `coarse` rounds its weights to 1/32."""
    size = SHAPES[shape]
    writer = gguf.GGUFWriter(path, "llama")
    tokens = _add_vocabulary(writer)
    writer.add_file_type({"f32": 0, "f16": 1, "bf16": 32}[dtype])
    writer.add_block_count(size["layers"])
    writer.add_context_length(2048)
    writer.add_embedding_length(size["hidden"])
    writer.add_feed_forward_length(size["ffn"])
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(size["hidden"] // 4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(tokens)
    _add_weights(writer, size, tokens, tied=shape == "odd", write=partial(_add, writer, dtype, coarse))
    _close(writer)


def _add_vocabulary(writer: gguf.GGUFWriter) -> int:
    special, byte = ["<unk>", "<s>", "</s>"], [f"<0x{i:02X}>" for i in range(256)]
    learned = pieces(text(0, 200), 120)
    tokens = special + byte + learned
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(learned)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * 259 + [-float(i) for i in range(len(learned))])
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_chat_template("{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}</s>\n{% endfor %}")
    return len(tokens)


def _add_weights(writer: gguf.GGUFWriter, size: dict[str, int], tokens: int, *, tied: bool, write: Write) -> None:
    random, hidden, ffn = np.random.RandomState(0), size["hidden"], size["ffn"]
    matrices = {"token_embd": (tokens, hidden)} | ({} if tied else {"output": (tokens, hidden)})
    norms = ["output_norm"]
    for i in range(size["layers"]):
        layer = {"attn_q": (hidden, hidden), "attn_k": (hidden // 2, hidden), "attn_v": (hidden // 2, hidden),
                 "attn_output": (hidden, hidden), "ffn_gate": (ffn, hidden), "ffn_up": (ffn, hidden),
                 "ffn_down": (hidden, ffn)}
        matrices |= {f"blk.{i}.{name}": of for name, of in layer.items()}
        norms += [f"blk.{i}.attn_norm", f"blk.{i}.ffn_norm"]
    for name, shape in matrices.items():
        write(f"{name}.weight", random.randint(-512, 512, (4, *shape)).sum(0))
    for name in norms:
        writer.add_tensor(f"{name}.weight", 1 + random.randint(-64, 65, hidden).astype(np.float32) / 512)


def _add(writer: gguf.GGUFWriter, dtype: str, coarse: bool, name: str, integers: np.ndarray) -> None:
    values = ((integers + 128) // 256 * 256 if coarse else integers).astype(np.float32) / 8192
    if dtype == "bf16":
        half = (values.view(np.uint32) >> 16).astype(np.uint16)
        writer.add_tensor(name, half, raw_shape=values.shape, raw_dtype=gguf.GGMLQuantizationType.BF16)
    else:
        writer.add_tensor(name, values.astype({"f16": np.float16, "f32": np.float32}[dtype]))


def imatrix(path: Path, shape: str = "wide") -> None:
    """Made-up importances of every matrix of the layers, some inputs a thousand times stronger than others."""
    size, random = SHAPES[shape], np.random.RandomState(1)
    writer = gguf.GGUFWriter(path, "llama")
    writer.kv_data[0].pop("general.architecture")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["made up"])
    writer.add_uint32("imatrix.chunk_count", 3)
    writer.add_uint32("imatrix.chunk_size", 128)
    inputs = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up"), size["hidden"])
    for i in range(size["layers"]):
        for name, row in (inputs | {"ffn_down": size["ffn"]}).items():
            writer.add_tensor(f"blk.{i}.{name}.weight.in_sum2", random.randint(1, 1001, (1, row)).astype(np.float32))
            writer.add_tensor(f"blk.{i}.{name}.weight.counts", np.full((1, 1), 384, np.float32))
    _close(writer)


def byte_level(path: Path, pre: str) -> None:
    """A vocabulary only: byte-level BPE whose merges come from WORDS."""
    writer = gguf.GGUFWriter(path, "llama")
    alphabet = [*range(33, 127), *range(161, 173), *range(174, 256)]
    shown = {byte: chr(byte) for byte in alphabet}
    shown |= {byte: chr(256 + i) for i, byte in enumerate(b for b in range(256) if b not in shown)}
    corpus = ["".join(shown[b] for b in (" " + word).encode()) for word in text(0, 200).split()]
    tokens, merges = _byte_pairs(sorted(shown.values()), corpus)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([*tokens, "<|im_start|>", "<|im_end|>"])
    writer.add_token_types([gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * 2)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(len(tokens) + 1)
    writer.add_bos_token_id(len(tokens) + 1)
    writer.add_add_bos_token(False)
    _close(writer)


def _byte_pairs(alphabet: list[str], corpus: list[str]) -> tuple[list[str], list[str]]:
    words = Counter(tuple(word) for word in corpus)
    merges: list[str] = []
    for _ in range(150):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(" ".join(best))
        words = Counter({_merged(word, best): count for word, count in words.items()})
    return [*alphabet, *dict.fromkeys(merge.replace(" ", "") for merge in merges)], merges


def _close(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
