"""Files as they are found in the world: each is read, or told with the reason."""
import gzip
import os
from functools import partial
from pathlib import Path

import pytest

from pillm.records.gather import files
from pillm.records.gather.files import Unread

zipped = partial(gzip.compress, mtime=0)


def put(folder: Path, **content: bytes) -> None:
    for name, octets in content.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(octets)


def test_a_folder_and_those_inside_it(tmp_path):
    root = tmp_path / "notes"
    put(root, b_md=b"b", deep__a_md=b"a", c_txt=b"c", _git__d_md=b"d", drafts__e_md=b"e")
    assert files.listed(root, ["*.md"], ["drafts/*"], 1) == {"notes/b.md": root / "b.md",
                                                             "notes/deep/a.md": root / "deep" / "a.md"}
    assert files.listed(root / "c.txt", ["*.md"], [], 1) == {"c.txt": root / "c.txt"}


def test_what_a_name_alone_tells(tmp_path):
    root = tmp_path / "notes"
    put(root, a_md=b"a", large_md=b"x" * 2000, other__b_md=b"b")
    (root / "round.md").symlink_to("round.md")
    (root / "gone.md").symlink_to("nowhere.md")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.md")
    found = files.listed(root, ["*.md"], [], 1000 / 2**20)
    assert list(found.items()) == [
        ("notes/a.md", root / "a.md"), ("notes/other/b.md", root / "other" / "b.md"),
        ("notes/gone.md", files.NOWHERE), ("notes/large.md", files.LARGE), ("notes/loop", files.LINK),
        ("notes/pipe.md", files.SPECIAL), ("notes/round.md", files.NOWHERE)]
    assert {reason for reason in found.values() if isinstance(reason, str)} <= files.TOLD.keys()


@pytest.mark.parametrize(("octets", "encoding", "text"), [
    ("déjà\r\nvu\rhier".encode(), "utf-8", "déjà\nvu\nhier"), (b"\xef\xbb\xbfa", "utf-8", "a"),
    ("a é".encode("utf-16"), "utf-8", "a é"), ("é".encode("latin-1"), "iso8859-1", "é"),
    (zipped("déjà".encode()), "utf-8", "déjà")])
def test_text_in_the_forms_it_comes_in(tmp_path, octets, encoding, text):
    (tmp_path / "a").write_bytes(octets)
    assert files.text(tmp_path / "a", encoding, 1) == text


@pytest.mark.parametrize(("octets", "reason", "told"), [
    (b"", files.EMPTY, "nothing in it"), (b" \n\t", files.EMPTY, "nothing in it"),
    (b"\x7fELF\0\0", files.BINARY, "zero bytes"), (b"one\ntw\xe9\n", files.NOT_TEXT, "line 2: byte 7 is no utf-8"),
    (zipped(b"abc" * 99)[:-12], files.DAMAGED, "gzip file is damaged"),
    (b"x" * 3000, files.LARGE, "larger"), (zipped(b"x" * 3000), files.LARGE, "larger")])
def test_what_is_no_text_is_told(tmp_path, octets, reason, told):
    (tmp_path / "a").write_bytes(octets)
    found = files.text(tmp_path / "a", "utf-8", 2000 / 2**20)
    assert isinstance(found, Unread)
    assert found.reason == reason
    assert told in found.told


def test_a_file_that_went_away_or_may_not_be_read(tmp_path):
    found = files.text(tmp_path / "gone", "utf-8", 1)
    assert isinstance(found, Unread)
    assert found.reason == files.UNREADABLE
