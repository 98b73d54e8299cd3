"""The average of the trained weights."""
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerControl, TrainerState, TrainingArguments

from pillm.backends.hf.averaging import Averages

IGNORED: Any = (TrainingArguments(report_to="none"), TrainerState(), TrainerControl())


class Small(torch.nn.Module):
    """A trained matrix before a frozen one."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.frozen = (torch.nn.Linear(1, 1, bias=False) for _ in range(2))
        self.frozen.requires_grad_(False)
        self.set(0.0)

    def set(self, value: float) -> None:
        with torch.no_grad():
            self.first.weight.fill_(value)


def follow(averages: Averages, learner: Small, *values: float) -> float:
    """The average after steps that lead to these values."""
    for value in values:
        learner.set(value)
        averages.on_step_end(*IGNORED)
    with averages.in_place():
        return learner.first.weight.item()


def test_it_starts_at_the_first_step_and_slows_down_to_its_decay() -> None:
    learner = Small()
    averages = Averages(learner, 0.5)
    assert follow(averages, learner) == 0.0
    assert follow(averages, learner, 8.0) == 8.0
    assert follow(averages, learner, 4.0) == pytest.approx(2 / 11 * 8 + 9 / 11 * 4)
    before = follow(averages, learner, *[4.0] * 20)
    assert follow(averages, learner, 6.0) == pytest.approx((before + 6) / 2)


def test_a_decay_of_nought_is_the_weights_themselves() -> None:
    learner = Small()
    assert follow(Averages(learner, 0.0), learner, 1.0, 2.0, 3.0) == 3.0


def test_the_weights_come_back_whatever_happens() -> None:
    learner = Small()
    averages = Averages(learner, 0.9)
    follow(averages, learner, 1.0, 2.0)
    with pytest.raises(ZeroDivisionError), averages.in_place():
        assert learner.first.weight.item() < 2
        raise ZeroDivisionError
    assert learner.first.weight.item() == 2.0


def test_a_saved_average_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    learner, again = Small(), Small()
    averages, later = Averages(learner, 0.9), Averages(again, 0.9)
    follow(averages, learner, 1.0, 2.0, 3.0)
    averages.save(tmp_path)
    later.load(tmp_path)
    assert follow(later, again, 5.0, 7.0) == follow(averages, learner, 5.0, 7.0)


def test_only_what_is_trained_is_averaged() -> None:
    learner = Small()
    assert [id(one) for one in Averages(learner, 0.9).trained] == [id(learner.first.weight)]
