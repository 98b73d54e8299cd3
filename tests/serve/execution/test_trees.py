import os
import stat
import time
from datetime import UTC, datetime

from pillm.serve.execution.trees import plant

TREE = {"files": {"a/b/c.txt": "café\n", "closed/": {"mode": "0500"}, "closed/in": "x", "empty/": {},
                  "tool": {"text": "#!/bin/sh\n", "mode": "4755"}, "big": {"size": 3_000_000},
                  "new": {"text": "", "age_s": 3600}, "old": {"text": "", "mtime": "2020-02-03T04:05:06"},
                  "there": {"link": "a/b/c.txt"}, "nowhere": {"link": "/no/where"}}}


def test_a_tree_is_planted_as_it_is_written(tmp_path):
    plant(TREE, tmp_path)
    assert sorted(at.name for at in tmp_path.iterdir()) == [
        "a", "big", "closed", "empty", "new", "nowhere", "old", "there", "tool"]
    assert (tmp_path / "a/b/c.txt").read_text("utf-8") == "café\n"
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b/c.txt", "closed", "tool")]
    assert modes == [0o755, 0o644, 0o500, 0o4755]
    big = (tmp_path / "big").stat()
    assert big.st_size == 3_000_000 <= big.st_blocks * 512  # du sees it too
    assert (tmp_path / "old").stat().st_mtime == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC).timestamp()
    assert abs(time.time() - 3600 - (tmp_path / "new").stat().st_mtime) < 30
    assert os.readlink(tmp_path / "nowhere") == "/no/where"
    (tmp_path / "closed").chmod(0o700)


def test_two_plantings_are_alike(tmp_path):
    plain = {"files": {"a/b": "x", "c/": {}, "l": {"link": "a"}}}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        plant(plain, tmp_path / name)
    seen = [[(at.relative_to(tmp_path / name), at.lstat().st_mode, at.lstat().st_mtime) for at in
             (tmp_path / name, *sorted((tmp_path / name).rglob("*")))] for name in ("one", "two")]
    assert seen[0] == seen[1]
