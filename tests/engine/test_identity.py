"""What belongs to a step's identity."""
from pathlib import Path
from typing import Annotated

from pillm.engine.digest import sha256
from pillm.engine.explain import reasons
from pillm.engine.identity import identity, identity_config
from pillm.engine.stage import Free, InputPath, Makes, Metrics, StageConfig, stage


class Inner(StageConfig):
    rank: int = 8
    log_every: Annotated[int, Free()] = 10


class Config(StageConfig):
    files: tuple[InputPath, ...] = ()
    inner: Inner | None = Inner()
    workers: Annotated[int, Free()] = 2


@stage("3", libraries=("pydantic", "no-such-library"))
def act(config: Config, out: Annotated[Path, Makes("x")]) -> Metrics:
    """Act."""
    return {}


def test_free_fields_are_left_out_at_any_depth() -> None:
    assert identity_config(Config(workers=9, inner=Inner(log_every=1)), sha256) == {"files": [], "inner": {"rank": 8}}


def test_a_file_enters_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("same")
    (tmp_path / "two").write_text("same")
    one, two = (identity_config(Config(files=[tmp_path / name]), sha256) for name in ("one", "two"))
    assert one == two
    (tmp_path / "two").write_text("other")
    assert identity_config(Config(files=[tmp_path / "two"]), sha256) != one


def test_a_file_that_no_field_names_enters_too(tmp_path: Path) -> None:
    class Judging(Config):
        def also_reads(self) -> list[Path]:
            return [tmp_path / "lexicon.yaml"]

    found = []
    for text in ("one", "two"):
        (tmp_path / "lexicon.yaml").write_text(text)
        found.append(identity(act, Judging(), {}, sha256))
    assert reasons(found[1], found[0]) == ["file lexicon.yaml changed"]
    assert "files" not in identity(act, Config(), {}, sha256)


def test_files_of_one_name_are_told_apart_wherever_the_store_lies(tmp_path: Path) -> None:
    class Judging(Config):
        root: Annotated[Path, Free()]

        def also_reads(self) -> list[Path]:
            return [self.root / language / "call.json" for language in ("en", "fr")]

    found = []
    for root, english in (("one", "a"), ("two", "a"), ("three", "other")):
        for language, text in (("en", english), ("fr", "b")):
            (tmp_path / root / language).mkdir(parents=True)
            (tmp_path / root / language / "call.json").write_text(text)
        found.append(identity(act, Judging(root=tmp_path / root), {}, sha256))
    assert found[0] == found[1]
    assert reasons(found[2], found[0]) == ["file en/call.json changed"]


def test_versions_of_named_libraries_belong_to_it() -> None:
    found = identity(act, Config(), {}, sha256)
    assert found["libraries"].keys() == {"pydantic", "no-such-library"}
    assert found["libraries"]["no-such-library"] == "not installed"


def test_reasons_name_what_changed() -> None:
    old = {"stage": "sft", "version": "1", "config": {"lora": {"rank": 8}}, "libraries": {"trl": "1.0"},
           "inputs": {"chats": "a", "base": "b"}}
    new = {"stage": "sft", "version": "2", "config": {"lora": {"rank": 16}}, "libraries": {"trl": "1.1"},
           "inputs": {"chats": "c", "base": "b"}}
    assert reasons(new, old) == ["stage version 1 → 2", "config lora.rank 8 → 16", "libraries trl 1.0 → 1.1",
                                 "input chats changed"]
    assert reasons(new, None) == ["never run"]
    assert reasons(new, new) == ["its artifact is gone"]
