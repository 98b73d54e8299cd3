"""Digests: of data, files and folders, and when a file is read again."""
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.engine.digest import Hashes, canonical, key_of, sha256

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(st.dictionaries(st.text(), JSON))
def test_key_does_not_depend_on_order(data: dict) -> None:
    assert key_of(data) == key_of(dict(reversed(data.items())))


@given(JSON, JSON)
def test_different_data_have_different_texts(one: object, other: object) -> None:
    if canonical(one) == canonical(other):
        assert one == other


def test_not_a_number_is_no_data() -> None:
    with pytest.raises(ValueError):
        key_of({"loss": float("nan")})


def test_a_folder_is_its_names_and_bytes(tmp_path: Path) -> None:
    hashes = Hashes(tmp_path / "hashes.sqlite")
    folder = tmp_path / "artifact"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "sub" / "b.txt").write_text("b")
    before = hashes.digest(folder)
    assert list(hashes.artifact(folder)) == ["a.txt", "sub/b.txt"]
    (folder / "sub" / "b.txt").rename(folder / "sub" / "c.txt")
    assert hashes.digest(folder) != before


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    hashes, file = Hashes(tmp_path / "hashes.sqlite"), tmp_path / "data"
    file.write_text("one")
    first = hashes.sha256(file)
    stat = file.stat()
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size, time and inode: taken for unchanged
    assert hashes.sha256(file) == first
    assert hashes.sha256(file, anew=True) == sha256(file) != first
    file.write_text("three")
    assert hashes.sha256(file) == sha256(file)
