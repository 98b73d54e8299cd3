"""Rows end to end, rows padded, and rows alone give one loss and one gradient."""
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from pillm.backends.hf import attention, collate, model
from pillm.backends.hf.chat import tokenizer
from pillm.backends.hf.rows import Row
from pillm.backends.hf.trainer import exactly, loss_of, predicted

LENGTHS = (5, 130, 31, 2)
"""One reaches beyond Gemma's window."""


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    chance = torch.Generator().manual_seed(0)
    return [Row(torch.randint(10, 900, (length,), generator=chance), torch.arange(length) >= length // 2, str(length))
            for length in LENGTHS]


def loss_and_gradient(learner: Any, inputs: dict[str, Any]) -> tuple[float, torch.Tensor]:
    learner.zero_grad()
    loss = loss_of(learner, inputs)
    loss.backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in learner.parameters()])


@pytest.mark.parametrize("short", [0, attention.SHORT])
@pytest.mark.parametrize("part", ["tinyllama", "gemma", "qwen3", "granite4"])
def test_packing_is_exact(part: str, short: int, tiny_weights: Callable[[str], Path], rows: list[Row],
                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "SHORT", short)
    learner = model.load(tiny_weights(part))
    assert attention.can_pack(learner)
    padded, padded_gradient = loss_and_gradient(learner, collate.padded(rows, 0.1))
    alone = sum(loss_and_gradient(learner, collate.padded([row], 0.1))[0] for row in rows)
    attention.use(learner, attention.NAME)
    packed, gradient = loss_and_gradient(learner, collate.packed(rows, 0.1))
    assert packed == pytest.approx(padded, rel=1e-5) == pytest.approx(alone, rel=1e-5)
    torch.testing.assert_close(gradient, padded_gradient, rtol=1e-3, atol=1e-4)


def test_the_loss_is_that_of_transformers(tiny_weights: Callable[[str], Path], rows: list[Row]) -> None:
    learner, row = model.load(tiny_weights("tinyllama")), rows[1]
    labels = row.ids.where(row.trained, -100)
    theirs = learner(input_ids=row.ids[None], labels=labels[None]).loss.item()
    ours = loss_of(learner, collate.padded([row])).item() / int(row.trained.sum())
    assert ours == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("lay", [collate.padded, partial(collate.packed, multiple=16)], ids=["padded", "packed"])
def test_a_row_is_exact_where_greedy_decoding_gives_it(lay: Callable[..., dict[str, Any]],
                                                       tiny_weights: Callable[[str], Path], rows: list[Row]) -> None:
    learner = model.load(tiny_weights("tinyllama")).eval()
    said = [learner.generate(row.ids[None], max_new_tokens=6, do_sample=False, eos_token_id=-1)[0] for row in rows]
    answered = [Row(ids, torch.arange(len(ids)) >= len(ids) - 6, "greedy") for ids in said]
    answered[1].ids[-1] += 1
    answered[2].ids[-6] += 1
    attention.use(learner, attention.NAME if lay is not collate.padded else "sdpa")
    inputs = lay(answered)
    logits, targets, _ = predicted(learner, inputs)
    assert exactly(logits, targets, inputs["counts"]) == [True, False, False, True]


def test_a_model_with_recurrent_layers_is_not_packed(tiny_weights: Callable[[str], Path]) -> None:
    learner = model.load(tiny_weights("granite4"))
    learner.config.layer_types = ["mamba", "attention", "mamba", "mamba"]
    assert not attention.can_pack(learner)


def test_logits_are_made_where_the_loss_is(rows: list[Row]) -> None:
    inputs = collate.packed(rows)
    trained = [place for place, row in zip((0, 5, 135, 166), rows, strict=True) for place in
               (place + torch.arange(1, len(row.ids))[row.trained[1:]]).tolist()]
    assert (inputs["logits_to_keep"] + 1).tolist() == trained
    assert inputs["weights"].unique().tolist() == [1.0]


def test_the_tokenizer_counts_what_the_model_has(tiny_weights: Callable[[str], Path]) -> None:
    assert len(tokenizer(tiny_weights("qwen"))) <= model.load(tiny_weights("qwen")).config.vocab_size


def test_filling_up_changes_nothing(tiny_weights: Callable[[str], Path], rows: list[Row]) -> None:
    learner = model.load(tiny_weights("tinyllama"))
    attention.use(learner, attention.NAME)
    filled = collate.packed(rows, 0.1, multiple=64)
    assert (filled["input_ids"].shape[1], len(filled["targets"])) == (192, 192)
    assert filled["origins"] == [str(length) for length in LENGTHS]
    plain, plain_gradient = loss_and_gradient(learner, collate.packed(rows, 0.1))
    loss, gradient = loss_and_gradient(learner, filled)
    assert loss == pytest.approx(plain, rel=1e-5)
    torch.testing.assert_close(gradient, plain_gradient, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("short", [0, attention.SHORT])
def test_attention_in_bf16_gives_the_loss_of_fp32(short: int, tiny_weights: Callable[[str], Path], rows: list[Row],
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "SHORT", short)
    learner = model.load(tiny_weights("tinyllama"))
    attention.use(learner, attention.NAME)
    inputs = collate.packed(rows, 0.1, multiple=64)
    plain = loss_and_gradient(learner, dict(inputs))[0]
    with torch.autocast("cpu", torch.bfloat16):
        loss, gradient = loss_and_gradient(learner, dict(inputs))
    assert loss == pytest.approx(plain, rel=1e-2)
    assert gradient.isfinite().all()
