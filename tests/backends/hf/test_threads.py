"""The number of threads that a training finds out."""
from collections.abc import Callable
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import pytest

from pillm.backends.hf.threads import AGAIN, TIMED, WORTH, Fastest, counts

A_STEP = {1: 1.0, 2: 0.6, 4: 0.4, 6: 0.39}


def steps(tokens: list[int], seconds: dict[int, float], most: int = 6,
          use: Callable[[int], None] = lambda threads: None) -> tuple[Fastest, list[int]]:
    """A step for each number of tokens, by a clock of our own that goes on for so many seconds a token: the callback,
    and the threads of each step.
    """
    used: list[int] = []
    now = 0.0

    def uses(threads: int) -> None:
        used.append(threads)
        use(threads)

    one = Fastest(most, list(accumulate(tokens, initial=0)), clock=lambda: now, use=uses)
    nothing: Any = None
    for step, many in enumerate(tokens, 1):
        one.on_step_begin(nothing, nothing, nothing)
        now += seconds[used[-1]] * many
        one.on_step_end(nothing, SimpleNamespace(global_step=step), nothing)  # type: ignore[arg-type]
    return one, used


@pytest.mark.parametrize(("most", "tried"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])])
def test_what_is_tried(most: int, tried: list[int]) -> None:
    assert counts(most) == tried


def test_the_fastest_is_gone_on_with() -> None:
    one, used = steps([2048] * 40, A_STEP)
    assert used == [*[1] * TIMED, *[2] * TIMED, *[4] * TIMED, *[6] * TIMED, *[4] * (40 - 4 * TIMED)]
    assert one.mostly == 4


def test_a_little_faster_is_not_worth_more_threads() -> None:
    assert steps([2048] * 30, {1: 1.0, 2: WORTH + 0.01})[0].mostly == 1


def test_where_other_programs_compute_one_thread_is_kept_and_more_are_tried_later() -> None:
    one, used = steps([2048] * (4 * TIMED + AGAIN), {1: 1.0, 2: 9.0})
    assert used[:AGAIN + 2 * TIMED + 4] == [*[1] * TIMED, *[2] * 2, *[1] * AGAIN, *[1] * TIMED, *[2] * 2]
    assert one.mostly == 1


def test_other_programs_that_come_later_are_noticed() -> None:
    seconds = {1: 1.0, 2: 0.5}
    used: list[int] = []

    def use(threads: int) -> None:
        used.append(threads)
        if len(used) > 50:
            seconds.update({1: 1.1, 2: 10.0})

    steps([2048] * 100, seconds, most=2, use=use)
    assert used[20:50] == [2] * 30
    assert used.count(2) < 60
    assert used[-1] == 1


def test_a_step_of_more_tokens_may_take_longer() -> None:
    assert steps([10] * TIMED + [100] * 10, {1: 1.0, 2: 0.5}, most=2)[1][-1] == 2
