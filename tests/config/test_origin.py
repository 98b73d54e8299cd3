"""Where a value comes from."""
from pathlib import Path

from pillm.config.origin import file_marks, followed, nearest

TEXT = "sft:\n  lora:\n    rank: 8\nsteps:\n  - prepare\n  - label\n"


def test_every_key_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(TEXT)
    marks = dict(file_marks(file, "_global_"))
    assert marks["sft", "lora", "rank"] == f"{file}:3"
    assert marks["steps", "1"] == f"{file}:6"
    assert dict(file_marks(file, "model"))["model", "sft"] == f"{file}:1"


def test_an_empty_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert dict(file_marks(tmp_path / "empty.yaml", "")) == {}


def test_what_has_no_line_takes_its_parents() -> None:
    origins = {("sft",): "a.yaml:1", ("sft", "lora"): "a.yaml:2"}
    assert nearest(origins, ("sft", "lora", "rank")) == "a.yaml:2"
    assert nearest(origins, ("seed",)) == "default"


def test_an_inherited_default_comes_from_where_its_source_does() -> None:
    values = {"sft": {"context": "${model.context}", "seed": "${seed}"}}
    assert dict(followed(values, {("model", "context"): "nano.yaml:9"})) == {("sft", "context"): "nano.yaml:9"}
