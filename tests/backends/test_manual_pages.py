"""Manual pages are found by section and name, and rendered by this machine's man."""
import gzip
import shutil

import pytest

from pillm.backends import manual_pages
from tests.reference.pages import PUMP

needs_man = pytest.mark.skipif(not (shutil.which("man") and shutil.which("groff")), reason="man and groff are missing")


@pytest.fixture
def manuals(tmp_path):
    for name in ("man1/pump.1", "man1/pumpctl.1ssl", "man1/valve.1", "man5/pump.5", "man3/pump.3", "man1/no page"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(PUMP)
    (tmp_path / "man1" / "hose.1.gz").write_bytes(gzip.compress(PUMP.encode()))
    (tmp_path / "man1" / "alias.1").symlink_to("pump.1")
    (tmp_path / "man1" / "gone.1").symlink_to("nowhere.1")
    (tmp_path / "man1" / "round.1").symlink_to("round.1")
    return tmp_path


@pytest.mark.parametrize(("sections", "names", "without", "found"), [
    (("1",), ("*",), (), ["hose(1)", "pump(1)", "valve(1)", "pumpctl(1ssl)"]),
    (("1ssl",), ("*",), (), ["pumpctl(1ssl)"]),
    (("1", "5"), ("pump*",), ("pumpctl",), ["pump(1)", "pump(5)"]),
    (("7",), ("*",), (), [])])
def test_pages_by_section_and_name(manuals, sections, names, without, found):
    assert [str(page) for page in manual_pages.pages(manuals, sections, names, without)] == found


@needs_man
def test_a_page_is_rendered_packed_or_not(manuals):
    text, told = manual_pages.rendered(manuals / "man1" / "pump.1")
    assert told == ""
    assert "       pump - move water" in text.split("\n")
    assert manual_pages.rendered(manuals / "man1" / "hose.1.gz") == (text, "")


@needs_man
def test_what_is_no_page_is_told(manuals):
    assert manual_pages.rendered(manuals / "nowhere.1")[1].endswith("No such file or directory")
    (manuals / "man1" / "torn.1.gz").write_bytes(gzip.compress(PUMP.encode())[:40])
    assert manual_pages.rendered(manuals / "man1" / "torn.1.gz")[0] == ""
