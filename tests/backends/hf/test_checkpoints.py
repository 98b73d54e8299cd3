"""Which checkpoints count."""
from pathlib import Path

from pillm.backends.hf.checkpoints import last, mark_whole, step


def written(folder: Path, number: int, *, whole: bool) -> Path:
    checkpoint = folder / f"checkpoint-{number}"
    checkpoint.mkdir()
    (checkpoint / "optimizer.pt").write_bytes(b"x" * 100)
    if whole:
        mark_whole(checkpoint)
    return checkpoint


def test_the_latest_whole_one_counts_and_half_written_ones_go(tmp_path: Path) -> None:
    assert last(tmp_path) is None
    written(tmp_path, 9, whole=True)
    newest = written(tmp_path, 10, whole=True)
    half = written(tmp_path, 11, whole=False)
    assert last(tmp_path) == newest and step(newest) == 10
    assert not half.exists()


def test_a_truncated_file_does_not_count(tmp_path: Path) -> None:
    before = written(tmp_path, 1, whole=True)
    (written(tmp_path, 2, whole=True) / "optimizer.pt").write_bytes(b"x" * 50)
    assert last(tmp_path) == before
