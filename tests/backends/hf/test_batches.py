"""Which rows go through the model together."""
from hypothesis import given
from hypothesis import strategies as st

from pillm.backends.hf.batches import in_order, plan
from pillm.backends.hf.options import Training

LENGTHS = st.lists(st.integers(1, 300), min_size=1, max_size=200)


@given(lengths=LENGTHS, packed=st.booleans(), tokens=st.none() | st.integers(50, 1000), seed=st.integers(0, 9))
def test_an_epoch_has_every_row_once(lengths: list[int], packed: bool, tokens: int | None, seed: int) -> None:
    training = Training(epochs=2, batch_size=7, batch_tokens=tokens)
    passes = plan(lengths, training, packed=packed, seed=seed)
    seen = [row for batch in passes for row in batch]
    assert sorted(seen[:len(lengths)]) == sorted(seen[len(lengths):]) == list(range(len(lengths)))
    assert plan(lengths, training, packed=packed, seed=seed) == passes


@given(lengths=LENGTHS, packed=st.booleans())
def test_a_pass_keeps_its_budget_of_tokens(lengths: list[int], packed: bool) -> None:
    for batch in plan(lengths, Training(epochs=1, batch_tokens=400), packed=packed, seed=0):
        rows = [lengths[row] for row in batch]
        assert len(batch) == 1 or (sum(rows) if packed else len(rows) * max(rows)) <= 400


def test_max_steps_counts_steps_not_passes() -> None:
    training = Training(max_steps=9, batch_size=2, gradient_accumulation=3)
    assert len(plan([5] * 4, training, packed=True, seed=0)) == 27


def test_epochs_and_seeds_differ() -> None:
    training = Training(epochs=2, batch_size=50)
    first, second = plan([5] * 50, training, packed=True, seed=0)
    assert first != second != plan([5] * 50, training, packed=True, seed=1)[1]


def test_padded_rows_of_like_length_go_together() -> None:
    lengths = [10, 200] * 50
    waste = sum(len(batch) * max(lengths[row] for row in batch)
                for batch in plan(lengths, Training(epochs=1, batch_size=10), packed=False, seed=0))
    assert waste < 1.2 * sum(lengths)


def test_evaluation_keeps_the_order() -> None:
    assert in_order([5, 5, 5], Training(batch_size=2), packed=True) == [[0, 1], [2]]
