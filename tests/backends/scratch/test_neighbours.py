"""First embeddings from who stands beside whom."""
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import cosine_similarity

from pillm.backends.scratch import neighbours
from pillm.backends.scratch.build import build
from pillm.backends.scratch.induction import CONSTANT
from pillm.backends.weights_folder import tokenizer
from pillm.shape import Shape

SHAPE = Shape(hidden=96, layers=2, heads=3, kv_heads=3, head_dim=32, ffn=64, vocab=512)
EATEN, PLACES = ("pomme", "poire", "prune"), ("ville", "place", "gare")
LINES = [line for thing, place in zip(EATEN, PLACES, strict=True) for line in (
    f"je mange une {thing} mûre", f"donne une {thing} sucrée", f"achète la {thing} mûre",
    f"va à la {place} demain", f"pars vers la {place} ensuite", f"cours à la {place} ensuite")] * 20


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build("nano", SHAPE, LINES, out := tmp_path_factory.mktemp("nano"), context=64, first_weights="neighbours", seed=1)
    return out


def of(weights: Path, word: str) -> Tensor:
    ids = tokenizer(weights).encode(f" {word}", add_special_tokens=False).ids
    assert len(ids) == 1
    return load_file(weights / "model.safetensors")["model.embed_tokens.weight"][ids[0]]


@pytest.mark.parametrize("alike", [EATEN, PLACES])
def test_words_of_one_kind_are_near_each_other_and_apart(weights: Path, alike: tuple[str, ...]) -> None:
    others = {EATEN: PLACES, PLACES: EATEN}[alike]
    near = torch.stack([cosine_similarity(of(weights, alike[0]), of(weights, word), dim=0) for word in alike[1:]])
    far = torch.stack([cosine_similarity(of(weights, alike[0]), of(weights, word), dim=0) for word in others])
    assert near.min() > far.max() + 0.2
    assert near.max() < 0.95  # the random part tells them from each other


def test_tokens_that_are_never_seen_stay_random_and_none_is_louder(weights: Path) -> None:
    random = weights.parent / "random"
    build("nano", SHAPE, LINES, random, context=64, first_weights="induction", seed=1)
    told, untold = (load_file(one / "model.safetensors")["model.embed_tokens.weight"] for one in (weights, random))
    unseen = (told == untold).all(1)
    assert 0 < unseen.sum() < len(told)
    assert (told[:, 0] == CONSTANT).all()
    loud, usual = (part[:, 1:].std().item() for part in (told[~unseen], untold))
    assert loud == pytest.approx(usual, rel=0.1)


@pytest.mark.parametrize("texts", [["a", "", "b"], ["?!"]], ids=["none", "one pair"])
def test_text_without_telling_neighbours_leaves_embeddings_random(weights: Path, texts: list[str]) -> None:
    assert not neighbours.known(tokenizer(weights), texts, 512, 8, seed=0).any()


def test_equal_on_every_run(weights: Path, tmp_path: Path) -> None:
    build("nano", SHAPE, LINES, tmp_path / "again", context=64, first_weights="neighbours", seed=1)
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (weights / "model.safetensors").read_bytes()
