"""What the store holds is whole."""
import json
from pathlib import Path
from typing import Any

import pytest

from pillm.engine import housekeeping
from pillm.engine import store as storing
from pillm.engine.store import Store, damaged
from pillm.errors import CorruptError

KEY = "k" * 64


def commit(store: Store, text: str = "made", key: str = KEY) -> dict:
    partial = store.partial("words", key)
    (partial / "lines.txt").write_text(text)
    (partial / "work" / "checkpoint").write_text("half")
    manifest = {"stage": "words", "version": "1", "key": key, "identity": {}, "metrics": {}}
    return store.commit(manifest, {"lines": ("lines", "lines.txt")})


def test_a_committed_artifact_is_found_by_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.manifest("words", KEY) is None
    manifest = commit(store)
    assert store.manifest("words", KEY) == manifest
    artifact = store.outputs(manifest, "draw")["lines"]
    assert (artifact.kind, artifact.path.read_text()) == ("lines", "made")
    assert not (store.home("words", KEY) / "work").exists()


def test_of_a_killed_attempt_only_work_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    partial = store.partial("words", KEY)
    (partial / "lines.txt").write_text("half")
    (partial / "work" / "checkpoint").write_text("3")
    again = store.partial("words", KEY)
    assert [path.name for path in again.iterdir()] == ["work"]
    assert (again / "work" / "checkpoint").read_text() == "3"


class Killed(BaseException):
    """Not caught by anything."""


def killed_after(acts: int, monkeypatch: pytest.MonkeyPatch, *words: Any) -> bool:
    """Whether a commit that may touch the disk so many times was cut short."""
    left = [acts]

    def mortal(real: Any) -> Any:
        def act(*given: Any, **more: Any) -> Any:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return real(*given, **more)
        return act

    with monkeypatch.context() as patch:
        for name in ("remove", "_sync", "_described"):
            patch.setattr(storing, name, mortal(getattr(storing, name)))
        for name in ("rename", "unlink"):
            patch.setattr(Path, name, mortal(getattr(Path, name)))
        try:
            commit(*words)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("before", ["", "old"], ids=["first", "forced"])
def test_a_kill_in_commit_loses_neither_what_was_made_nor_the_work(
        before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for acts in range(100):
        store = Store(tmp_path / str(acts))
        if before:
            commit(store, before)
        if not killed_after(acts, monkeypatch, store, "new"):
            break
        store.finish("words", KEY)
        found = store.manifest("words", KEY)
        made = store.outputs(found, "draw")["lines"].path.read_text() if found else ""
        work = store.partial("words", KEY) / "work"
        assert made == "new" or (made == before and (work / "checkpoint").read_text() == "half")
        ends.append(made)
    assert {before, "new"} == set(ends)
    assert ends == sorted(ends, key="new".__eq__)  # once it is made it stays so


@pytest.mark.parametrize("damage", [
    lambda partial: (partial / "lines.txt").write_text("mad!"),
    lambda partial: (partial / "lines.txt").unlink(),
    lambda partial: (partial / "manifest.json").write_text(""),
])
def test_what_a_kill_left_is_not_taken_for_whole_where_it_is_not(tmp_path: Path, damage) -> None:
    store = Store(tmp_path)
    commit(store)
    partial = store.home("words", KEY).rename(store.home("words", KEY).with_suffix(".partial"))
    damage(partial)
    store.finish("words", KEY)
    assert store.manifest("words", KEY) is None
    assert [path.name for path in store.partial("words", KEY).iterdir()] == ["work"]


@pytest.mark.parametrize("damage", [
    lambda home: (home / "lines.txt").write_text("mad!"),
    lambda home: (home / "lines.txt").unlink(),
    lambda home: (home / "lines.txt").write_text("longer than before"),
])
def test_a_damaged_artifact_is_never_accepted(tmp_path: Path, damage) -> None:
    store = Store(tmp_path)
    manifest = commit(store)
    damage(store.home("words", KEY))
    with pytest.raises(CorruptError, match=r"lines.txt: .*force=\[draw\]"):
        store.outputs(manifest, "draw")
    assert housekeeping.verify(store)[0][1]


def test_a_damaged_manifest_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    commit(store)
    (store.home("words", KEY) / "manifest.json").write_text('{"stage": ')
    with pytest.raises(CorruptError, match=r"manifest.json: it is not JSON"):
        store.manifest("words", KEY)


def test_damage_is_named() -> None:
    assert damaged(Path("x"), {"a": "1"}, {"a": "1"}) == ""
    assert damaged(Path("x"), {"a": "1", "b": "2"}, {"a": "1"}) == "b is missing"
    assert damaged(Path("x"), {"a": "1"}, {"a": "1", "b": "2"}) == "b was added"
    assert damaged(Path("x"), {"a": "1"}, {"a": "2"}) == "the bytes of a are not those that were made"


def test_what_no_run_refers_to_is_collected(tmp_path: Path) -> None:
    store, runs = Store(tmp_path / "store"), tmp_path / "runs"
    used, loose = commit(store), commit(store, key="l" * 64)
    store.partial("words", "p" * 64)
    (runs / "toy" / "1").mkdir(parents=True)
    step = {"stage": "words", "key": used["key"]}
    (runs / "toy" / "1" / "run.json").write_text(json.dumps({"steps": {"words": step}}))
    found = housekeeping.loose(store, runs)
    assert [home.name for home in found.orphans] == [f"words-{loose['key'][:16]}"]
    assert [home.name for home in found.interrupted] == [f"words-{'p' * 16}.partial"]
    housekeeping.collect(store, [*found.orphans, *found.interrupted])
    assert [home.name for home, _ in store.entries()] == [f"words-{used['key'][:16]}"]


def test_what_a_run_is_at_work_on_is_never_collected(tmp_path: Path) -> None:
    store = Store(tmp_path)
    partial = store.partial("words", KEY)
    with store.lock("words", KEY, lambda: None):
        assert housekeeping.loose(store, tmp_path / "runs") == housekeeping.Loose([], [], [partial])
        housekeeping.collect(store, [partial])
        assert partial.exists()
    assert housekeeping.loose(store, tmp_path / "runs").interrupted == [partial]
