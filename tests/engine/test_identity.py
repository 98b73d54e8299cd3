"""What belongs to a step's identity."""
from pathlib import Path
from typing import Annotated

from pillm.engine.digest import sha256
from pillm.engine.explain import reasons
from pillm.engine.identity import identity, identity_config, named_config
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


OLD = {"stage": "x", "version": "1", "libraries": {}, "inputs": {}}


def told(was: dict, now: dict, named: dict | None = None) -> list[str]:
    return reasons(OLD | {"config": now}, OLD | {"config": was}, named)


class Weighted(StageConfig):
    path: InputPath
    weight: int = 1


class Weighing(StageConfig):
    files: tuple[Weighted, ...] = ()


def test_a_changed_file_is_told_by_its_name(tmp_path: Path) -> None:
    for name in ("library.jsonl", "more.jsonl"):
        (tmp_path / name).write_text(name)
    files = [{"path": tmp_path / name} for name in ("more.jsonl", "library.jsonl")]
    one, both = Weighing(files=files[1:]), Weighing(files=files)
    was = identity_config(one, sha256)
    assert told(was, identity_config(both, sha256), named_config(both)) == [
        "file more.jsonl is new", "config files.0.weight null → 1"]
    assert told(identity_config(both, sha256), was, named_config(one)) == [
        "config files.0.path is gone", "config files.0.weight 1 → null"]
    (tmp_path / "library.jsonl").write_text("other")
    assert told(was, identity_config(one, sha256), named_config(one)) == ["file library.jsonl changed"]
    plain, before = Config(files=[tmp_path / "more.jsonl"]), {"files": ["a" * 64], "inner": {"rank": 8}}
    assert told(before, identity_config(plain, sha256), named_config(plain)) == ["file more.jsonl changed"]


def test_reasons_go_into_lists() -> None:
    was, now = ({"sources": [{"path": "a" * 50, "kind": kind}, {"kind": "text"}]} for kind in ("markdown", "table"))
    assert told(was, now) == ["config sources.0.kind markdown → table"]
    assert told({"types": ["Q8_0"]}, {"types": ["Q8_0", "f16"]}) == ["config types ['Q8_0'] → ['Q8_0', 'f16']"]


def test_two_long_values_that_begin_alike_have_changed() -> None:
    assert told({"system": "a" * 60}, {"system": "a" * 61}) == ["config system changed"]
