"""What was found good is not judged again, until what it depends on changes."""
from pathlib import Path

import pytest

from pillm import judged


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "pillm"


def test_only_what_was_good_is_remembered() -> None:
    said = iter([["wrong"], [], ["not asked again"]])
    assert [judged.mistakes("things", (1, "a"), lambda: next(said)) for _ in range(3)] == [["wrong"], [], []]
    assert judged.mistakes("things", (2, "a"), lambda: ["wrong"]) == ["wrong"]
    assert judged.mistakes("others", (1, "a"), lambda: ["wrong"]) == ["wrong"]


def test_a_cache_that_cannot_be_written_costs_only_time(own_cache: Path) -> None:
    own_cache.parent.write_text("a file where the folder should be")
    assert [judged.mistakes("things", 1, list) for _ in range(2)] == [[], []]


def test_sources_are_told_apart_by_name_time_and_size(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    seen = [judged.as_they_are(folder)]
    for name, text in (("a.yaml", "x"), ("a.yaml", "xy"), ("b.py", "x")):
        (folder / name).write_text(text)
        seen.append(judged.as_they_are(folder))
    (folder / "b.pyc").write_text("compiled")
    assert [len(files) for files in seen] == [0, 1, 1, 2] and seen[1] != seen[2]
    assert judged.as_they_are(folder) == seen[3]
