"""What is built, beyond what llama.cpp agrees with."""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from pillm.backends.scratch.build import build
from pillm.backends.scratch.families import FAMILIES
from pillm.errors import ConfigError
from pillm.shape import Shape

CORPUS = Path(__file__).parents[2] / "data" / "corpus.txt"
LINES = CORPUS.read_text(encoding="utf-8").splitlines()
SHAPE = Shape(hidden=64, layers=2, heads=2, kv_heads=1, ffn=128, vocab=640)
LITERALS = ['[{"tool":"note","text":"', '"}]', '","day":"']


@pytest.fixture(scope="module")
def nano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build("nano", SHAPE, LINES, out := tmp_path_factory.mktemp("nano"), context=128, literals=LITERALS)
    return out


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_same_bytes_in_another_folder_and_on_other_threads(family: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "far" / "there"
    build(family, SHAPE, LINES, here, context=128, seed=3)
    code = ("import sys; from pathlib import Path\n"
            "from pillm.backends.scratch.build import build\nfrom pillm.shape import Shape\n"
            "lines = Path(sys.argv[3]).read_text(encoding='utf-8').splitlines()\n"
            "build(sys.argv[1], Shape.model_validate_json(sys.argv[2]), lines, Path(sys.argv[4]), context=128, seed=3)")
    threads = {"OMP_NUM_THREADS": "2", "RAYON_NUM_THREADS": "2", "TOKENIZERS_PARALLELISM": "true"}
    subprocess.run([sys.executable, "-c", code, family, SHAPE.model_dump_json(), CORPUS, there],
                   check=True, env=os.environ | threads)
    assert digests(here) == digests(there)


def test_seed_draws_the_weights_and_nothing_else(tmp_path: Path) -> None:
    for seed in (0, 1):
        build("granite3", SHAPE, LINES, tmp_path / str(seed), context=128, seed=seed)
    one, other = digests(tmp_path / "0"), digests(tmp_path / "1")
    assert [name for name in one if one[name] != other[name]] == ["model.safetensors"]


@pytest.mark.parametrize("family", FAMILIES)
def test_folder_is_whole(family: str, tmp_path: Path) -> None:
    build(family, SHAPE, LINES, tmp_path, context=128)
    expected = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
                "tokenizer_config.json", "chat_template.jinja"}
    found = {file.name for file in tmp_path.iterdir()}
    assert found - {"tokenizer.model"} == expected
    assert ("tokenizer.model" in found) == (family in ("llama", "llama2", "mistral", "gemma3"))
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["vocab_size"] == SHAPE.vocab and config["max_position_embeddings"] == 128
    assert config["rope_theta"] >= 1e4  # transformers 4 looks for it here
    assert "chat_template" not in json.loads((tmp_path / "tokenizer_config.json").read_text(encoding="utf-8"))


def test_a_norm_or_bias_that_is_dropped_would_show(tmp_path: Path) -> None:
    build("qwen2", SHAPE, LINES, tmp_path, context=128)
    weights = dict(AutoModelForCausalLM.from_pretrained(tmp_path).named_parameters())
    assert all(weight.std() > 0.05 for name, weight in weights.items() if "norm" in name or name.endswith("bias"))


def test_nano_begins_without_noise_in_its_norms(nano: Path) -> None:
    weights = dict(AutoModelForCausalLM.from_pretrained(nano).named_parameters())
    assert all(torch.equal(weight, torch.ones_like(weight)) for name, weight in weights.items() if "norm" in name)


def test_a_literal_is_one_token_that_is_text(nano: Path) -> None:
    tokenizer = Tokenizer.from_file(str(nano / "tokenizer.json"))
    answer = '[{"tool":"note","text":"du lait","day":"demain"}]'
    encoded = tokenizer.encode(answer)
    assert [token for token in encoded.tokens if token in LITERALS] == [LITERALS[0], LITERALS[2], LITERALS[1]]
    assert tokenizer.decode(encoded.ids, skip_special_tokens=True) == answer


@pytest.mark.parametrize(("word", "texts"), [
    ("demain", ("«demain»", "d'demain", "l'demain, d'adon", '"demain"', "(demain,", "après-demain")),
    (" demain", ("à demain", "à demain,", "à demain-là", "pis demain.")),
])
def test_a_words_tokens_are_its_own_in_nanos_tokens(nano: Path, word: str, texts: tuple[str, ...]) -> None:
    """A word has two spellings, one after a space, whatever else stands beside it: so that a span is copied whole."""
    tokenizer = Tokenizer.from_file(str(nano / "tokenizer.json"))
    spelled = tokenizer.encode(word).tokens
    for text in texts:
        tokens = tokenizer.encode(text).tokens
        assert any(tokens[i:i + len(spelled)] == spelled for i in range(len(tokens))), text


def test_more_characters_than_tokens_are_spelled_in_bytes(tmp_path: Path) -> None:
    lines = [*LINES, "".join(map(chr, range(0x4e00, 0x5400)))]
    build("llama", SHAPE, lines, tmp_path, context=128)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.decode(tokenizer.encode("一丁七 le marché").ids) == "一丁七 le marché"


def test_few_lines_make_a_smaller_vocabulary(tmp_path: Path) -> None:
    for family in ("llama", "qwen3"):
        build(family, SHAPE, ["un deux trois", "four five six"], tmp_path / family, context=128)
        assert Tokenizer.from_file(str(tmp_path / family / "tokenizer.json")).get_vocab_size() < SHAPE.vocab


@pytest.mark.parametrize(("family", "shape", "told"), [
    ("qwen9", SHAPE, "family: qwen9: it cannot be built from scratch. Did you mean 'qwen"),
    ("llama", Shape(hidden=64, layers=1, heads=3, kv_heads=1, ffn=64, vocab=640), "shape.heads: 3 do not divide"),
    ("llama", Shape(hidden=64, layers=1, heads=4, kv_heads=3, ffn=64, vocab=640), "shape.kv_heads: 3 do not divide"),
    ("granite3", Shape(hidden=64, layers=1, heads=2, kv_heads=1, head_dim=64, ffn=64, vocab=640), "Leave it null"),
    ("nano", SHAPE.model_copy(update={"vocab": 200}), "shape.vocab: 200 tokens do not hold 256 bytes"),
    ("llama", SHAPE.model_copy(update={"vocab": 200}), "shape.vocab: 200 tokens do not hold 256 bytes"),
])
def test_what_does_not_fit_is_told(family: str, shape: Shape, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        build(family, shape, LINES, tmp_path, context=128)
