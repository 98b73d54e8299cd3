from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.hf.teacher import Teacher
from pillm.backends.teaching import Request, Sampling

ASKED = {"a": "Ça va?", "b": "Raconte-moi une longue histoire de neige", "c": "Oui", "d": "Pis toi?"}
REQUESTS: list[Request] = [
    (key, [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": text}])
    for key, text in ASKED.items()]


@pytest.fixture(scope="module")
def teacher(tiny_weights: Callable[[str], Path]) -> Teacher:
    return Teacher(tiny_weights("qwen"))


def answers(teacher: Teacher, requests: list[Request], sampling: Sampling, known: set[str] = frozenset(), *,
            batch_size: int = 2) -> dict[str, tuple[str, bool]]:
    kept: dict[str, tuple[str, bool]] = {}
    teacher.answer(requests, sampling, known, batch_size=batch_size, refuse=lambda *told: pytest.fail(str(told)),
                   keep=lambda key, text, cut: kept.__setitem__(key, (text, cut)))
    return kept


def test_padding_on_the_left_changes_no_answer(teacher):
    greedy = Sampling(max_tokens=8)
    together = answers(teacher, REQUESTS, greedy, batch_size=4)
    assert together == answers(teacher, REQUESTS, greedy, batch_size=1)
    assert {key: cut for key, (_, cut) in together.items()} == dict.fromkeys("abcd", True)
    assert len({text for text, _ in together.values()}) > 1


def test_what_is_known_is_not_asked_and_changes_no_other_answer(teacher):
    drawn = Sampling(temperature=1.5, top_p=0.95, max_tokens=8, seed=3)
    whole = answers(teacher, REQUESTS, drawn)
    assert answers(teacher, REQUESTS, drawn, {"a", "b"}) == {key: whole[key] for key in "cd"}
    assert answers(teacher, REQUESTS, drawn, set("abcd")) == {}
    assert answers(teacher, list(reversed(REQUESTS)), drawn) == whole
    assert answers(teacher, REQUESTS, Sampling(1.5, 0.95, 8, seed=4)) != whole


def test_a_prompt_that_leaves_no_room_is_refused(teacher):
    refused: dict[str, str] = {}
    long = ("long", [{"role": "user", "content": "neige " * teacher.context}])
    teacher.answer([long], Sampling(max_tokens=8), set(), batch_size=1, refuse=refused.__setitem__,
                   keep=lambda *told: pytest.fail(str(told)))
    assert refused["long"].endswith(f"and the model's context leaves {teacher.context - 8}")
