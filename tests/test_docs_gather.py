"""Every command of the manual of gather is run as it stands there, in a copy of docs/example."""
import json
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from tests import smoke
from tests.conftest import Cli
from tests.test_docs import DOCS, EXAMPLE, blocks, commands

PAGE = DOCS / "gather.md"
RUN = sorted({words for words, _ in commands(PAGE) if "gather_man" not in words})


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return shutil.copytree(EXAMPLE, tmp_path / "example")


@pytest.mark.skipif(not shutil.which("man"), reason="man is missing")
@pytest.mark.parametrize("words", RUN)
def test_a_command_does_what_it_says(cli: Cli, here: Path, words: str) -> None:
    said = cli(*shlex.split(words), folder=here)
    assert (said.code, said.err) == (0, ""), words
    if "plan=true" not in words:
        rows = next(here.glob("store/gather-*/records/train.jsonl")).read_text("utf-8").splitlines()
        assert len(rows) >= 2


def test_the_templates_shown_are_those_of_the_example() -> None:
    shown = next(text for text in blocks(PAGE, "yaml") if "asking.yaml" in text)
    assert yaml.safe_load(shown) == yaml.safe_load((EXAMPLE / "material" / "asking.yaml").read_text("utf-8"))


@pytest.mark.skipif(not shutil.which("man"), reason="man is missing")
def test_the_record_shown_is_among_those_that_are_made(cli: Cli, here: Path) -> None:
    shown = json.loads(blocks(PAGE, "json")[0])
    assert cli("+recipe=library_gather", "until=gather", folder=here).code == 0
    made = next(here.glob("store/gather-*/records/train.jsonl")).read_text("utf-8").splitlines()
    assert shown in [json.loads(line) for line in made]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/usr/share/man/man1").is_dir() or not shutil.which("man"), reason="no manual pages here")
def test_this_machines_manual_pages_become_a_model(tmp_path_factory: pytest.TempPathFactory) -> None:
    ran = smoke.once(tmp_path_factory.getbasetemp(), "gather_man")
    assert (ran.code, ran.record["error"], ran.unmet) == (0, "", {}), ran.err
    found = ran.metrics("gather")
    assert found["sources"]["man"]["units"] == 12
    assert found["sources"]["man"]["rows"] > 50
    assert "What was gathered" in (ran.folder / "report.html").read_text("utf-8")
