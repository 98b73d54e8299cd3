"""Steps in order, and what a step leaves where it is cut short."""
from pathlib import Path
from typing import Annotated, Any

import pytest

from pillm.engine.graph import Step, bind
from pillm.engine.runner import Task, run
from pillm.engine.stage import Estimate, Makes, Metrics, StageConfig, stage
from pillm.engine.store import Store


class Nobody:
    """An observer that says nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def task(folder: Path, given: Path) -> Task:
    @stage("1", estimate=lambda config, recipe: Estimate(disk_gib=given.stat().st_size))
    def eat(config: StageConfig, eaten: Annotated[Path, Makes("lines")]) -> Metrics:
        """Takes away what it reads."""
        eaten.write_text(given.read_text())
        given.unlink()
        return {}

    return Task(bind([Step("eat", eat, StageConfig())]), Store(folder / "store"))


def test_a_step_whose_input_vanishes_meanwhile_is_committed(tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text("lines")
    done = run(task(tmp_path, given), Nobody(), lambda done: None)
    assert done["eat"].manifest["predicted"]["disk_gib"] == 5


def test_what_was_made_before_a_kill_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "given.txt"
    given.write_text("lines")
    made = task(tmp_path, given)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Store, "_move_in", killed)
        run(made, Nobody(), lambda done: None)
    done = run(made, Nobody(), lambda done: None)  # its input is gone
    assert done["eat"].outputs["eaten"].path.read_text() == "lines"
    assert not list(tmp_path.glob("store/*.partial"))
