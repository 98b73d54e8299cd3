"""Every card that is shipped says what is in its folder."""
from pathlib import Path

import pytest

from pillm.domains import refresh
from tests.conftest import ROOT

FOLDERS = sorted(card.parent for card in (ROOT / "dataset").glob("*/card.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_card_its_readme_and_its_pictures_are_current(folder: Path) -> None:
    assert {file.name for file in refresh.stale(refresh.made(folder))} == set(), "run `make cards`"


def test_every_dataset_has_a_card() -> None:
    assert {folder for folder in (ROOT / "dataset").iterdir() if folder.is_dir()} == set(FOLDERS)


def test_pictures_are_small() -> None:
    assert [file for file in (ROOT / "dataset").glob("*/images/*") if file.stat().st_size > 40_000] == []
