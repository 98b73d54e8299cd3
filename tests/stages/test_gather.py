"""The gather stage: a user's own material becomes records, nothing is lost unheard, and a kill costs nothing."""
import csv
import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pillm.backends.json_schema import problems, schema
from pillm.engine.digest import Unremembered, files, sha256
from pillm.engine.identity import identity
from pillm.errors import DataError, StageError
from pillm.records.text import collapsed
from pillm.stages.gather import TEMPLATES, GatherConfig, check, estimate, gather
from pillm.stages.label import LabelConfig, label
from pillm.stages.prepare import PrepareConfig, prepare
from tests.reference.openai_server import serving
from tests.reference.pages import PUMP

TEACHER = {"kind": "gold", "model": None, "base_url": None, "api_key_env": None, "temperature": 0, "top_p": 1,
           "max_tokens": 400, "batch_size": 4, "concurrency": 4, "seed": 0}
GIVEN = TEACHER | {"language": "en", "licence": "CC0-1.0", "templates": TEMPLATES}
needs_man = pytest.mark.skipif(not (shutil.which("man") and shutil.which("groff")), reason="man and groff are missing")

GUIDE = """# The pump

It moves water out of wells, day and night.

## Starting

To empty the well behind the house, run:

```sh
pump -a house
```

- `--quiet`: say nothing at all while it works

## Is it loud?

Not louder than a bee, as long as it is oiled. Write to julie@pumps.dev about it.
"""
MATERIAL = {
    "notes/guide.md": GUIDE,
    "notes/page.html": "<title>Wells</title><h1>Wells</h1><p>Most wells are deeper than a house is high.</p>",
    "notes/faq.txt": "Q: How deep is a well?\nA: Deeper than you would think.\n",
    "tools/clean.sh": "#!/bin/sh\n# Remove the old logs of this month\nfind logs -mtime +30 -delete\n",
    "own/.bash_history": "pump -a house\n" * 3 + "mysql -u root -pgeheim\n",
    "own/may.log": "Problem: the pump does not start any more\nFix: oil the pump and start it again\n",
    "tables/wells.csv": 'well,depth\nthe one behind the house,"12 m"\nthe old one,\n',
    "man/man1/pump.1": PUMP,
}
SOURCES: dict[str, dict[str, Any]] = {
    "markdown": {"path": "notes"}, "html": {"path": "notes"}, "text": {"path": "notes"},
    "shell": {"path": "tools", "licence": "MIT"}, "history": {"path": "own/.bash_history", "opt_in": True},
    "logs": {"path": "own", "opt_in": True},
    "table": {"path": "tables", "columns": {"user": "How deep is {well}?", "assistant": "depth"}},
    "man": {"path": "man"}}


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in MATERIAL.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(*sources: dict[str, Any], **changes: Any) -> GatherConfig:
    return GatherConfig.model_validate(GIVEN | {"sources": list(sources)} | changes)


def run(config: GatherConfig, folder: Path, progress: Callable[..., None] = lambda *_, **__: None) -> dict[str, Any]:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    return gather.action(config, records=folder / "records", work=folder / "work", progress=progress)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.open(encoding="utf-8")]


def made(folder: Path) -> list[dict[str, Any]]:
    return lines(folder / "records" / "train.jsonl")


def aside(folder: Path) -> list[dict[str, Any]]:
    return lines(folder / "records" / "rejected.jsonl")


def digests(folder: Path) -> dict[str, str]:
    return {name: sha256(path) for name, path in files(folder / "records")}


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs_man if name == "man" else ()) for name in SOURCES])
def test_every_source_makes_records_that_say_where_they_are_from(material: Path, name: str) -> None:
    metrics = run(config({name: SOURCES[name]}), material / "out")
    rows = made(material / "out")
    assert metrics["rows"] == len(rows) > 0
    assert not any(problems(row, schema("record")) for row in rows)
    for row in rows:
        assert row["source"].split(":")[0].split("(")[0] in {
            "notes/guide.md", "notes/page.html", "notes/faq.txt", "tools/clean.sh", ".bash_history", "own/may.log",
            "tables/wells.csv", "pump"}
        assert (row["licence"], row["lang"], row["tags"][0]) == ("MIT" if name == "shell" else "CC0-1.0", "en", name)
        assert name == "table" or collapsed(row["quote"]) in collapsed(row["assistant"])
    assert metrics["sources"][name]["units"] == 1


def test_what_a_markdown_document_becomes(material: Path) -> None:
    metrics = run(config({"markdown": SOURCES["markdown"]}), material / "out")
    by_kind = {row["tags"][1]: row for row in made(material / "out")}
    assert by_kind["faq"]["assistant"] == (
        "Not louder than a bee, as long as it is oiled. Write to user@example.com about it.")
    assert by_kind["faq"]["source"] == "notes/guide.md:17"
    assert by_kind["option"]["quote"] == "say nothing at all while it works"
    assert "empty the well behind the house" in by_kind["code"]["user"] + by_kind["code"]["assistant"]
    assert metrics["masked"] == {"e-mail address": 2}


def test_a_history_keeps_its_credentials(material: Path) -> None:
    run(config({"history": SOURCES["history"]}), material / "out")
    left, = aside(material / "out")
    assert (left["reason"], left["source"]) == ("a credential on the command line", ".bash_history:4")
    everything = "".join(file.read_text("utf-8") for _, file in files(material / "out"))
    assert "geheim" not in everything


def test_rows_of_a_table_are_records_and_what_is_missing_is_told(material: Path) -> None:
    run(config({"table": SOURCES["table"]}), material / "out")
    first, second = made(material / "out")
    assert first == {"lang": "en", "licence": "CC0-1.0", "user": "How deep is the one behind the house?",
                     "assistant": "12 m", "source": "tables/wells.csv:2", "tags": ["table"]}
    assert "assistant" not in second


def test_several_sources_go_into_one_file_in_their_order(material: Path) -> None:
    metrics = run(config({"shell": SOURCES["shell"]}, {"text": SOURCES["text"]},
                         {"text": SOURCES["text"]}), material / "out")
    assert list(metrics["sources"]) == ["shell", "text", "text-2"]
    assert metrics["sources"]["text-2"]["left_out"] == {"asked before": metrics["sources"]["text"]["rows"]}
    tags = [row["tags"][0] for row in made(material / "out")]
    assert tags == ["shell"] * metrics["sources"]["shell"]["rows"] + ["text"] * metrics["sources"]["text"]["rows"]


def test_prepare_and_label_keep_place_licence_and_quote(material: Path) -> None:
    run(config({"markdown": SOURCES["markdown"]}, {"shell": SOURCES["shell"]}), material / "out")
    rows = {row["user"]: row for row in made(material / "out")}
    given = {"files": [], "eval": None, "system": None, "answer_schema": None, "seed": 0}
    (material / "prepared" / "work").mkdir(parents=True)
    metrics = prepare.action(PrepareConfig.model_validate(given), generated={"gather": material / "out" / "records"},
                             records=material / "prepared" / "records", work=material / "prepared" / "work",
                             progress=lambda *_, **__: None)
    assert sum(metrics["rows"].values()) + sum(metrics["left_out"].values()) == len(rows)
    label.action(LabelConfig.model_validate(TEACHER), records=material / "prepared" / "records",
                 chats=material / "chats", work=material / "prepared" / "work", progress=lambda *_, **__: None)
    chats = lines(material / "chats" / "train.jsonl")
    assert chats
    for chat in chats:
        row = rows[chat["messages"][0]["content"]]
        assert {key: chat[key] for key in ("source", "licence", "quote", "tags")} == {
            key: row[key] for key in ("source", "licence", "quote", "tags")}


@pytest.mark.parametrize(("weight", "least", "most"), [(2, 2, 2), (0.5, 0.1, 0.9)])
def test_a_weight_says_how_often_gathered_records_train(material: Path, weight: float, least: float, most: float,
                                                        ) -> None:
    rows = [{"user": f"Question {n} {n * n} about {n * 7}?", "assistant": f"Answer {n * 3} {n * 5}"} for n in range(40)]
    (material / "made").mkdir()
    (material / "made" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = {"files": [], "eval": None, "system": None, "answer_schema": None, "seed": 0, "validation": 0, "test": 0,
             "weights": {"gather": weight}, "near_duplicate": None}
    (material / "work").mkdir()
    metrics = prepare.action(PrepareConfig.model_validate(given), generated={"gather": material / "made"},
                             records=material / "prepared", work=material / "work", progress=lambda *_, **__: None)
    assert least * 40 <= metrics["rows"]["train"] <= most * 40


def test_nothing_is_lost_unheard(material: Path) -> None:
    """As many things are made or told as there are in the folder."""
    odd = material / "odd"
    odd.mkdir()
    contents: dict[str, bytes] = {"empty.md": b"", "binary.md": b"\0\1\2", "latin.md": b"d\xe9j\xe0 vu",
                                  "huge.md": b"x" * 3_000_000, "nothing.md": b"<!-- a comment -->",
                                  "good.md": GUIDE.encode()}
    for name, octets in contents.items():
        (odd / name).write_bytes(octets)
    (odd / "round.md").symlink_to("round.md")
    (odd / "loop").symlink_to(odd)
    metrics = run(config({"markdown": {"path": "odd", "largest_mib": 2}}), material / "out")
    told = {row["source"]: row["reason"] for row in aside(material / "out") if ":" not in row["source"]}
    assert told == {"odd/empty.md": "empty", "odd/binary.md": "binary", "odd/latin.md": "not text in its encoding",
                    "odd/huge.md": "too large", "odd/nothing.md": "nothing to learn from",
                    "odd/round.md": "link that leads nowhere", "odd/loop": "link to a folder"}
    assert metrics["sources"]["markdown"]["units"] == 8
    assert metrics["left_out"]["binary"] == 1


def test_a_file_that_may_not_be_read_is_told() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        for name, mode in {"closed.md": 0o000, "open.md": 0o644}.items():
            (folder / name).write_text(GUIDE)
            (folder / name).chmod(mode)
        if root := os.geteuid() == 0:
            os.seteuid(65534)
        try:
            options = config({"markdown": {"path": str(folder)}}).sources[0].options
        finally:
            if root:
                os.seteuid(0)
        assert {name.rpartition("/")[2]: file for name, file in options.path.items()} == {
            "closed.md": "cannot be read", "open.md": folder / "open.md"}
    finally:
        shutil.rmtree(folder)


def wells(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for n in range(count):
        (folder / f"{n:03}.md").write_text(f"# Well {n}\n\nThe well number {n} is {n * 7} meters deep.\n\n"
                                           f"To empty well {n}, run:\n\n```sh\npump -a {n}\n```\n")
    return folder


def _slow(values: dict[str, Any], folder: Path) -> None:
    run(GatherConfig.model_validate(values), folder, lambda *_, **__: time.sleep(0.01))


@pytest.mark.parametrize("units", [1, 37, 80])
def test_a_killed_gather_goes_on_where_it_was(tmp_path: Path, units: int) -> None:
    """SIGKILL; the result has the bytes of one that nobody disturbed."""
    wells(tmp_path / "wells", 90)
    with (tmp_path / "depths.csv").open("w") as out:
        csv.writer(out).writerows([["q", "a"], *([f"How deep is {n}?", n] for n in range(1500))])
    values = GIVEN | {"sources": [{"markdown": {"path": str(tmp_path / "wells")}},
                                  {"table": {"path": str(tmp_path / "depths.csv"),
                                             "columns": {"user": "q", "assistant": "a"}}}]}
    run(GatherConfig.model_validate(values), tmp_path / "whole")
    child = multiprocessing.get_context("spawn").Process(target=_slow, args=(values, tmp_path / "torn"))
    child.start()
    journal = tmp_path / "torn" / "work" / "gathered.jsonl"
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= units):
        assert child.is_alive()
        time.sleep(0.002)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    known = journal.read_bytes().count(b"\n")
    with journal.open("ab") as torn:
        torn.write(b'[0, "cut off in the mid')
    shutil.rmtree(tmp_path / "torn" / "records", ignore_errors=True)
    read: list[str] = []
    run(GatherConfig.model_validate(values), tmp_path / "torn", lambda told, *_, **__: read.append(told))
    assert len(read) == 90 + 3 - known
    assert digests(tmp_path / "torn") == digests(tmp_path / "whole")


def replies(messages: list[dict[str, str]]) -> str:
    """Pairs for each well; one quote is not in the passage, one answer invents an option, one reply is no JSON."""
    text = messages[1]["content"]
    if "Well 1\n" in text or "section" not in text:
        return "Sorry, I cannot do that."
    n = text.split("The well number ")[1].split()[0]
    deep = f"The well number {n} is"
    return json.dumps([
        {"question": f"How deep is well {n}?", "answer": f"Well number {n}: {int(n) * 7} meters deep.", "quote": deep},
        {"question": f"Is {n} deep?", "answer": "Yes, the well is deep.", "quote": "wells are deep"},
        {"question": f"How is well {n} emptied?", "answer": f"The well number {n} with --force.", "quote": deep}])


def test_a_teacher_asks_and_must_quote(tmp_path: Path) -> None:
    folder = wells(tmp_path / "wells", 4)
    for n in range(4):
        (folder / f"{n:03}.md").write_text(f"# Wells\n## Well {n}\n\nThe well number {n} is {n * 7} meters deep.\n")
    teacher = {"kind": "openai", "model": "m", "by": "teacher"}
    with serving(replies) as server:
        given = config({"markdown": {"path": str(folder)}}, base_url=server.url, **teacher)
        assert list(check(given)) == []
        metrics = run(given, tmp_path / "out")
        asked = len(server.asked)
        shutil.rmtree(tmp_path / "out" / "records")
        run(given, tmp_path / "out")
        assert len(server.asked) == asked
    assert (metrics["asked"], metrics["asked_again"]) == (4, 1)
    assert [row["user"] for row in made(tmp_path / "out")] == [f"How deep is well {n}?" for n in (0, 2, 3)]
    assert made(tmp_path / "out")[0]["quote"] == "The well number 0 is"
    assert metrics["left_out"] == {"the quote is not in the passage": 3,
                                   "the answer names what the passage does not": 3, "answer is not JSON": 1}


def test_a_dataset_of_a_folder_is_streamed(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "wells").mkdir()
    (tmp_path / "wells" / "train.jsonl").write_text("".join(
        json.dumps({"q": f"How deep is well {n}?", "a": f"{n} meters"}) + "\n" for n in range(1200)))
    hub = {"dataset": str(tmp_path / "wells"), "revision": "0" * 40, "columns": {"user": "q", "assistant": "a"},
           "most": 1100, "licence": "MIT"}
    metrics = run(config({"hub": hub}), tmp_path / "out")
    rows = made(tmp_path / "out")
    assert (metrics["sources"]["hub"]["units"], len(rows)) == (3, 1100)
    assert rows[700] == {"lang": "en", "licence": "MIT", "user": "How deep is well 700?", "assistant": "700 meters",
                         "source": "wells:701", "tags": ["hub"]}
    lines_ = (tmp_path / "out" / "work" / "gathered.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "out" / "work" / "gathered.jsonl").write_bytes(b"".join(lines_[:2]))
    before = digests(tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "records")
    run(config({"hub": hub}), tmp_path / "out")
    assert digests(tmp_path / "out") == before


@pytest.mark.parametrize(("source", "told"), [
    ({"markdwn": {"path": "notes"}}, "Extra inputs"), ({"markdown": {"path": "nowhere"}}, "there is no such file"),
    ({"markdown": {"path": "notes"}, "text": {"path": "notes"}}, "one source with its options"), ({}, "one source"),
    ({"text": {"path": "notes", "encoding": "utf-9"}}, "no encoding that Python knows"),
    ({"hub": {"dataset": "a/b", "revision": "main", "columns": {"user": "q"}}}, "must be a commit"),
    ({"hub": {"dataset": "a/b", "columns": {"user": "q"}}}, "Field required"),
    ({"man": {"sections": ["x"]}}, "String should match pattern"), ({"man": {"path": "nowhere"}}, "no such folder")])
def test_sources_that_are_not_understood(material: Path, source: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        config(source)


@pytest.mark.parametrize(("source", "field", "told"), [
    ({"markdown": {"path": "tools"}}, "markdown.path", "no file in it is called *.md or"),
    ({"history": {"path": "own/.bash_history"}}, "history.opt_in", "Look through it, then set opt_in: true."),
    ({"logs": {"path": "own"}}, "logs.opt_in", "Look through it, then set opt_in: true."),
    ({"table": {"path": "tables", "columns": {"user": "wel"}}}, "table.columns.user",
     "tables/wells.csv: there is no column wel. Did you mean 'well'? There are well, depth."),
    ({"table": {"path": "tables", "columns": {"usr": "well", "user": "well"}}}, "table.columns.usr",
     "a record has no such field. Did you mean 'user'?"),
    ({"table": {"path": "notes", "names": ["*.md"], "columns": {"user": "a"}}}, "table.path",
     "notes/guide.md: .md is no table that is read."),
    ({"table": {"path": "own", "names": ["broken.parquet"], "columns": {"user": "a"}}}, "table.path",
     "own/broken.parquet: it is no table:"),
    ({"markdown": {"path": "own", "names": ["*.gone"]}}, "markdown.path",
     "none of its 1 files can be read; own/x.gone: link that leads nowhere:"),
    ({"hub": {"dataset": "wells", "revision": "0" * 40, "columns": {"user": "q"}}}, "hub.dataset",
     "wells is no folder, and no name on the Hub (owner/name)."),
    ({"man": {"path": "man", "names": ["pomp"]}}, "man.path", "no page of section")])
def test_what_cannot_be_gathered_is_told_before_anything_is_read(
    material: Path, source: dict[str, Any], field: str, told: str,
) -> None:
    (material / "own" / "broken.parquet").write_bytes(b"no parquet")
    (material / "own" / "x.gone").symlink_to("nowhere")
    found = dict(check(config(source)))
    assert told in found[f"sources.0.{field}"]


@pytest.mark.parametrize(("changes", "told"), [
    ({"by": "teacher"}, ("by", "a teacher is to ask, and there is none.")),
    ({"by": "both", "kind": "openai", "model": "m"}, ("base_url", "a server's address begins with http"))])
def test_a_teacher_that_is_not_there_is_told(material: Path, changes: dict[str, Any], told: tuple[str, str]) -> None:
    field, said = told
    assert said in dict(check(config({"markdown": SOURCES["markdown"]}, **changes)))[field]


def test_material_without_anything_in_it_ends_with_its_reasons(material: Path) -> None:
    (material / "notes" / "guide.md").write_text("")
    with pytest.raises(DataError, match=r"there is no record in it \(empty: 1\)"):
        run(config({"markdown": SOURCES["markdown"]}), material / "out")


def keys(given: GatherConfig) -> dict[str, Any]:
    return identity(gather, given, {}, Unremembered(Path("nowhere")).digest)


def test_names_bytes_and_templates_make_the_identity(material: Path) -> None:
    def key() -> dict[str, Any]:
        return keys(config({"markdown": SOURCES["markdown"]}, {"man": SOURCES["man"]}))

    def changes() -> Iterator[Callable[[], object]]:
        yield lambda: (material / "notes" / "guide.md").write_text(GUIDE + "More.")
        yield lambda: (material / "notes" / "guide.md").rename(material / "notes" / "other.md")
        yield lambda: (material / "man" / "man1" / "pump.1").write_text(PUMP + "More.")

    before = key()
    assert key() == before
    (material / "notes" / "page.html").write_text("not read by this source")
    assert key() == before
    for change in changes():
        change()
        assert key() != before
        before = key()
    (material / "mine.yaml").write_text("- {kind: faq, answer: <text>, quote: text, ask: [<heading>]}")
    assert keys(config({"markdown": SOURCES["markdown"]}, templates=material / "mine.yaml")) != keys(
        config({"markdown": SOURCES["markdown"]}))


def test_without_a_teacher_none_is_part_of_the_identity(material: Path) -> None:
    assert keys(config({"markdown": SOURCES["markdown"]})) == keys(
        config({"markdown": SOURCES["markdown"]}, kind="openai", model="m", base_url="http://x"))


def test_own_templates(material: Path) -> None:
    (material / "mine.yaml").write_text("- {kind: faq, answer: <text>, quote: text, ask: ['Say: <heading>']}")
    metrics = run(config({"markdown": SOURCES["markdown"]}, templates=material / "mine.yaml"), material / "out")
    assert [row["user"] for row in made(material / "out")] == ["Say: Is it loud?"]
    assert metrics["left_out"]["no template asks about it"] > 2
    (material / "mine.yaml").write_text("- {kind: fqa}")
    assert "templates" in dict(check(config({"markdown": SOURCES["markdown"]}, templates=material / "mine.yaml")))


def test_caps_take_few_of_each_source(tmp_path: Path) -> None:
    wells(tmp_path / "wells", 20)
    given = config({"markdown": {"path": str(tmp_path / "wells")}}, most_units=5)
    assert run(given, tmp_path / "out")["sources"]["markdown"]["units"] == 5
    assert estimate(given, {}).seconds < 2


def test_a_missing_library_is_told_with_the_way_to_install_it(material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pillm.installed.version", lambda name: None)
    assert list(check(config({"html": SOURCES["html"]}))) == [
        ("sources.0.html", "it is read by lxml, which is not installed. Run: pip install 'pillm[gather]'")]


@pytest.mark.parametrize(("changes", "told"), [
    ({"split": "nowhere"}, "Set subset and split to what"), ({"dataset": "owner/name"}, "the Hub cannot be reached")])
def test_what_the_hub_does_not_give_is_told_with_the_remedy(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "wells").mkdir()
    (tmp_path / "wells" / "train.jsonl").write_text('{"q": "How deep?"}\n')
    hub = {"dataset": str(tmp_path / "wells"), "revision": "0" * 40, "columns": {"user": "q"}} | changes
    with pytest.raises(StageError, match=told):
        run(config({"hub": hub}), tmp_path / "out")
