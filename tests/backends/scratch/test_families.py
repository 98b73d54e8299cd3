"""Every family, small: transformers and llama.cpp agree on tokens, chat text and logits."""
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from pillm.backends.llama_cpp import gguf_file
from pillm.backends.llama_cpp.convert import weights_to_gguf
from pillm.backends.llama_cpp.model import Model
from pillm.backends.llama_cpp.server import Server
from pillm.backends.scratch.build import build
from pillm.backends.scratch.families import FAMILIES
from pillm.backends.scratch.spm import SPACE
from pillm.backends.scratch.tokenizer_types import ByteLevel, Spm
from pillm.serve.template import render
from pillm.shape import Shape

ROOT = Path(__file__).parents[3]
CORPUS = (ROOT / "tests" / "data" / "corpus.txt").read_text(encoding="utf-8")
PARTS = {yaml.safe_load(file.read_text(encoding="utf-8"))["family"]: file.stem
         for file in sorted((ROOT / "conf" / "model").glob("*.yaml"))}
QUICK = ("llama", "nano")
LITERALS = ['[{"tool":"calendar","title":"', '[{"tool":"none"', '"},{"tool":"none"', '","day":"', '"}]', '}]']
TOLERANCE = {"gemma3": 5e-3}
"""ggml looks the GELU of Gemma up in a table of fp16."""

TRICKY = [
    "", " ", "  ", "   ", "a", " a", "  a", "a ", "a  ", "a  b", "\n", "\n\n", "\n\n\n\n\n", " \n", "\n ", "a\nb",
    "a\n\n  b", "\r\n", "a\r\nb", "\t", "\t\tx", "x\t y", " \u00a0 ", "\u3000x", "café", "cafe\u0301", "naïve Zoë",
    "A\u030angstro\u0308m", "e\u0323\u0302", "ﬁ ½ ² Ⅷ", "가나다 \u1112\u1161\u11ab", "日本語テスト。", "Привет, мир",
    "שלום עולם", "नमस्ते", "🙂", " 🙂👍🏽", "👨‍👩‍👧‍👦 🇫🇷", "1", "12", "123", "1234567", "3.14159", "٣٤٥",
    "1,000,000 2024-11-20",
    "def f(x):\n    return x ** 2  # ok\n", "for(int i=0;i<10;++i){a[i]+=1;}", "<html>\n\t<b>x</b>", "<table></table>",
    "I'm we'll YOU'RE it'S can't", "it'\u017f", "l'été, c'est d'même!", '"quoted" — dash…', "http://a.b/c?d=e&f=%20",
    "\\n \\t", "\u2581a \u2581\u2581b", "\x00x", "\x7f\x1b[0m", "a" * 17, " " * 17 + "x", "=" * 33, "\ufeffbom",
    "\u200b\u200d", "<0x0A>", "x" * 50, '[{"tool":"calendar","title":"épicerie","day":"demain"}]', '"}]"}]}]',
    "a\u0085t\u00a0t\u1680t\u2003t\u2028t\u202ft\u205ft\u180et\x1ct\x0bt\x0ct", "l'souper d'main s't'correct",
    '{"a": [1, 2.5, null], "b": "c"}',
]
CHATS = [
    [("user", "Hi")], [("system", "Be brief."), ("user", " two  spaces \n")], [("user", "")],
    [("user", "a"), ("assistant", "b"), ("user", "é🙂")],
    [("system", "S"), ("user", "line1\nline2\n"), ("assistant", "<think>\nhm\n</think>\n\nok"),
     ("user", '{"k": "<b>&\'"}')],
]


def every_family() -> list:
    return [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in FAMILIES]


@pytest.fixture(scope="module", params=every_family())
def family(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def weights(family: str, tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    if family != "nano":
        return tiny_weights(PARTS[family])
    folder = tmp_path_factory.mktemp("nano") / "weights"
    shape = Shape(hidden=256, layers=2, heads=4, kv_heads=4, ffn=512, vocab=1024)
    build("nano", shape, CORPUS.splitlines(), folder, context=512, literals=LITERALS)
    return folder


@pytest.fixture(scope="module")
def gguf(family: str, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("gguf") / "model.gguf"
    spec = FAMILIES[family].tokenizer
    weights_to_gguf(weights, out, dtype="f32", pre=spec.pre if isinstance(spec, ByteLevel) else None)
    return out


@pytest.fixture(scope="module")
def model(gguf: Path) -> Iterator[Model]:
    with Model(gguf) as opened:
        yield opened


@pytest.fixture(scope="module")
def tokenizer(weights: Path):
    return AutoTokenizer.from_pretrained(weights)


def test_every_family_has_a_model_part() -> None:
    assert set(PARTS) == set(FAMILIES)


@pytest.mark.parametrize("part", sorted((ROOT / "conf" / "model").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_parts_parameters_are_those_of_its_shape(part: Path) -> None:
    values = yaml.safe_load(part.read_text(encoding="utf-8"))
    assert Shape(**values["shape"]).matrix_values == pytest.approx(values["parameters"], rel=2e-3)
    assert all(values["tiny"][size] % 256 == 0 for size in ("hidden", "ffn"))  # so that K-quants are real


def texts(special: list[str]) -> list[str]:
    """Hand-picked, random, cut from the corpus, and from all of Unicode; with and around special tokens."""
    dice = random.Random(0)
    pieces = [*"abcetnoriABS  .,'\"()0123\n\n\t=éße\u0301日🙂\u00a0", " the", " de", "ing ", "'s", " pas", *special]
    woven = ["".join(dice.choices(pieces, k=dice.randint(1, 30))) for _ in range(600)]
    cut = [CORPUS[i:i + dice.randint(1, 200)] for i in (dice.randrange(len(CORPUS)) for _ in range(300))]
    planes = [(32, 0x250), (0x250, 0x3100), (0x3100, 0xd800), (0xe000, 0x20000)]
    anything = ["".join(chr(dice.randrange(*dice.choice(planes))) + dice.choice(["", " ", "a", "1", "\n"])
                        for _ in range(12)) for _ in range(300)]
    return TRICKY + woven + cut + anything


def messages(chat: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in chat]


@pytest.mark.parametrize("parse_special", [True, False])
def test_tokens_are_the_same(family: str, tokenizer, model: Model, parse_special: bool) -> None:
    inner = tokenizer._tokenizer
    inner.encode_special_tokens = not parse_special
    composed = getattr(FAMILIES[family].tokenizer, "nfc", False)  # llama.cpp leaves that to its caller
    for text in texts([str(token) for token in tokenizer.added_tokens_decoder.values()]):
        given = unicodedata.normalize("NFC", text) if composed else text
        expected = inner.encode(given, add_special_tokens=False).ids
        assert model.tokenize(given, parse_special=parse_special) == expected, repr(given)
    inner.encode_special_tokens = False


def test_bos_is_added_by_both_or_neither(tokenizer, model: Model) -> None:
    assert model.tokenize("Bonjour", add_special=True) == tokenizer("Bonjour").input_ids


def test_text_comes_back(family: str, tokenizer, model: Model) -> None:
    for text in (unicodedata.normalize("NFC", text) for text in [*TRICKY, *CORPUS.splitlines()[:50]]):
        if SPACE in text and isinstance(FAMILIES[family].tokenizer, Spm):
            continue  # SentencePiece's own sign for a space
        ids = tokenizer(text, add_special_tokens=False).input_ids
        assert tokenizer.decode(ids) == model.detokenize(ids) == text, repr(text)


def test_pre_tokenizer_is_the_one_meant(family: str, model: Model) -> None:
    """A wrong one can pass for long on ordinary text."""
    spec = FAMILIES[family].tokenizer
    if isinstance(spec, ByteLevel):
        assert gguf_file.read(model.path).get("tokenizer.ggml.pre") == spec.pre


def test_answers_end(family: str, tokenizer, model: Model) -> None:
    for token in (tokenizer.eos_token, *FAMILIES[family].also_ends):
        assert model.is_eog(tokenizer.convert_tokens_to_ids(token))


def test_chats_read_the_same(weights: Path, tokenizer, gguf: Path) -> None:
    template = (weights / "chat_template.jinja").read_text(encoding="utf-8")
    with Server(gguf, context=512) as server:
        for chat in map(messages, CHATS):
            ours = render(template, chat, bos=tokenizer.bos_token or "", eos=tokenizer.eos_token,
                          add_generation_prompt=True)
            theirs = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
            assert ours == theirs
            bos = tokenizer.bos_token if ours.startswith(tokenizer.bos_token or "\0") else ""
            assert server.apply_template(chat) in (ours, ours.removeprefix(bos))


def test_logits_are_the_same(family: str, weights: Path, model: Model) -> None:
    ids = model.tokenize(CORPUS, add_special=True)[:300]
    with torch.no_grad():
        expected = AutoModelForCausalLM.from_pretrained(weights)(torch.tensor([ids])).logits[0].numpy()
    found = model.logits(ids, exact=True)
    assert np.abs(found - expected).max() < TOLERANCE.get(family, 1e-4)
    assert expected.std() > 0.1
    assert (expected.argmax(-1) != ids).mean() > 0.5  # more than an echo of its input
