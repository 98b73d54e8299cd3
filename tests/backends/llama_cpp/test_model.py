"""Tokens and logits of a GGUF, held against transformers."""
from pathlib import Path

import numpy as np
import pytest

from pillm.backends.llama_cpp import context
from pillm.backends.llama_cpp.context import Context
from pillm.backends.llama_cpp.layout import Tensor
from pillm.backends.llama_cpp.model import Model
from pillm.errors import MissingInput, StageError
from tests.backends.llama_cpp.conftest import CONTEXT, SHAPE, Tiny

STRINGS = ["", " ", "Allô", "l'été, c'est d'même!", "a\n\n  b", "🙂👍🏽", "x\x00y", "<s>Bonjour</s>", "日本語"]


@pytest.fixture(scope="module")
def model(tiny: Tiny) -> Model:
    return Model(tiny.weights.parent / "f32.gguf", threads=1)


def test_facts(model: Model) -> None:
    assert (model.n_vocab, model.context) == (SHAPE.vocab, CONTEXT)
    assert (model.piece(model.bos), model.piece(model.eos), model.piece(-1)) == ("<s>", "</s>", "")
    assert model.is_eog(model.eos)
    assert not model.is_eog(model.bos)


def test_the_template_is_the_trained_one(model: Model, tiny: Tiny) -> None:
    assert model.chat_template() == (tiny.weights / "chat_template.jinja").read_text("utf-8")


def test_tokens_are_those_of_training(model: Model, tiny: Tiny, corpus: str) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny.weights)
    for text in [*STRINGS, *corpus.splitlines()[:200]]:
        assert model.tokenize(text) == tokenizer(text, add_special_tokens=False).input_ids
        assert model.tokenize(text, add_special=True)[:1] == [model.bos]


def test_special_tokens_may_be_plain_text(model: Model) -> None:
    assert model.tokenize("</s>") == [model.eos]
    assert model.eos not in model.tokenize("</s>", parse_special=False)


def test_text_comes_back(model: Model, corpus: str) -> None:
    assert model.detokenize(model.tokenize(corpus)) == corpus
    assert model.detokenize([]) == ""


def test_logits_are_those_of_torch(model: Model, tiny: Tiny, corpus: str) -> None:
    """Over more positions than are computed at once."""
    import torch
    from transformers import AutoModelForCausalLM

    ids = model.tokenize(corpus, add_special=True)[:context.PIECE + 100]
    network = AutoModelForCausalLM.from_pretrained(tiny.weights, dtype=torch.float32).eval()
    with torch.no_grad():
        expected = network(torch.tensor([ids])).logits[0].numpy()
    assert np.abs(model.logits(ids, exact=True) - expected).max() < 1e-4
    assert 1e-4 < np.abs(model.logits(ids) - expected).max() < 2e-2  # the KV cache in f16


def test_one_context_serves_all_that_fit(model: Model) -> None:
    ids = model.tokenize("Une tuque pour l'hiver, pis des mitaines.")
    once = model.logits(ids)
    kept = dict(model._contexts)
    model.logits(ids * 3)
    assert np.array_equal(model.logits(ids), once)
    assert model._contexts == kept


def test_feeding_one_by_one_ends_where_the_whole_does(model: Model) -> None:
    ids = model.tokenize("Une tuque pour l'hiver.", add_special=True)
    whole = model.logits(ids)[-1]
    context = Context(model, len(ids))
    context.feed(ids[:3])
    for i, token in enumerate(ids[3:], 3):
        last = context.feed([token], i).copy()
    context.close()
    assert np.abs(last - whole).max() < 5e-3


def test_a_hook_sees_the_products(model: Model) -> None:
    seen: list[bytes] = []

    def hook(tensor: Tensor, asking: bool) -> bool:
        wanted = tensor.name == b"result_output"
        if wanted and not asking:
            seen.append(tensor.name)
        return wanted or not asking

    hooked = Context(model, 8, hook=hook)
    list(hooked.pieces([1, 2, 3]))
    hooked.close()
    assert seen == [b"result_output"]


def test_a_hook_may_fail(model: Model) -> None:
    def hook(tensor: Tensor, asking: bool) -> bool:
        raise StageError("collecting: no room. Free some.")

    hooked = Context(model, 8, hook=hook)
    with pytest.raises(StageError, match="no room"):
        list(hooked.pieces([1, 2, 3]))
    hooked.close()


def test_threads_change_no_sum(tiny: Tiny) -> None:
    ids = list(range(3, 90))
    with Model(tiny.gguf("Q4_K_M"), threads=1) as one, Model(tiny.gguf("Q4_K_M"), threads=2) as two:
        assert np.array_equal(one.logits(ids), two.logits(ids))


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match="there is no such GGUF file"):
        Model(tmp_path / "absent.gguf")
    (tmp_path / "text.gguf").write_text("GGML?")
    with pytest.raises(StageError, match=r"cannot load it .*invalid magic"):
        Model(tmp_path / "text.gguf")
