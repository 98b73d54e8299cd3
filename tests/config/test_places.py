"""Where recipes are looked for."""
from pathlib import Path

import pytest

from pillm.config import places


def test_nothing_below_a_recipes_folder_is_a_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is below is not even read: it may be large, and change meanwhile."""
    (tmp_path / "deep").mkdir()
    for file in ("own.yaml", "deep/other.yaml"):
        (tmp_path / file).touch()
    monkeypatch.setenv("PILLM_RECIPES", "")
    places.look_in("recipes", tmp_path)
    known = places.names("recipes")
    assert known["own"] == tmp_path / "own.yaml"
    assert not [name for name in known if "other" in name]
