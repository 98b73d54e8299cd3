"""The generate stage on the shipped rules: quick enough, the same each time, and true to the contract."""
import json
import re
import shutil
from pathlib import Path

import pytest

from pillm.backends.json_schema import accepting, schema
from pillm.engine.stage import Progress
from pillm.errors import DataError, StageError
from pillm.serve import questions
from pillm.serve.spans import is_span
from pillm.stages.generate import GenerateConfig, check, estimate, generate
from pillm.stages.prepare import PrepareConfig, prepare
from tests.conftest import ROOT

RULES = ROOT / "dataset" / "quebecois" / "requests" / "rules"
SUITES = {name: RULES.parent / f"{name}.jsonl" for name in ("dev", "test", "outside", "noisy", "ambiguous")}
SCHEMA = schema("tool_calls")
SLOTS = {call["properties"]["tool"]["const"]: call["properties"] for call in SCHEMA["items"]["oneOf"]}

DAYS = "|".join(SLOTS["alarm"]["day"]["enum"])
NUMBERS = (r"\d[\dh:]*|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante"
           r"|cinquante|midi|minuit|heures?|h|minutes|min|quart|demie?|d'mie|moins|et|à|vers|pour")


def silent(label: str, done: float, total: float | None = None, **figures: float) -> None:
    """Progress that nobody watches."""


def config(**changed: object) -> GenerateConfig:
    defaults = {"generator": RULES, "answer_schema": ROOT / "schemas" / "tool_calls.schema.json", "language": "fr-CA",
                "licence": "CC-BY-4.0", "rows": 300, "seed": 7}
    return GenerateConfig(**defaults | changed)


def made(out: Path, progress: Progress = silent, **changed: object) -> list[dict]:
    generate.action(config(**changed), out, progress)
    return [json.loads(line) for line in (out / "train.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def records(folder: Path) -> list[dict]:
    return made(folder / "records", rows=20_000)


@pytest.fixture(scope="module")
def trained(records: list[dict], folder: Path) -> list[dict]:
    """What is left of them to train on."""
    config = PrepareConfig(files=[], eval=SUITES["dev"], suites={name: SUITES[name] for name in list(SUITES)[1:]},
                           system=None, answer_schema=ROOT / "schemas" / "tool_calls.schema.json", seed=7)
    prepare.action(config, generated={"generate": folder / "records"}, records=folder / "prepared", work=folder,
                   progress=silent)
    return [json.loads(line) for line in (folder / "prepared" / "train.jsonl").open(encoding="utf-8")]


def test_every_answer_keeps_schema_and_words(records: list[dict]) -> None:
    accepted = accepting(SCHEMA)
    for record in records:
        calls = json.loads(record["assistant"])
        assert accepted(calls), record
        assert record["assistant"] == json.dumps(calls, ensure_ascii=False, separators=(",", ":"))
        for call in calls:
            slots = SLOTS[call["tool"]]
            assert list(call) == [name for name in slots if name in call]
            for name, value in call.items():
                assert not slots[name].get("x-copied") or is_span(value, record["user"]), record


def test_requests_are_all_different_and_cover_everything(records: list[dict]) -> None:
    assert len({record["user"] for record in records}) == len(records)
    calls = [call for record in records for call in json.loads(record["assistant"])]
    for tool, slots in SLOTS.items():
        with_tool = [call for call in calls if call["tool"] == tool]
        assert len(with_tool) > 0.05 * len(records)
        for name, slot in slots.items():
            said = {call[name] for call in with_tool if name in call}
            assert said >= set(slot.get("enum", [])), (tool, name)
            assert len(said) > 20 or "enum" in slot or "const" in slot
    assert {len(json.loads(record["assistant"])) for record in records} == {1, 2, 3}


def test_a_request_reads_like_writing(records: list[dict], tmp_path: Path) -> None:
    for record in records:
        text = record["user"]
        assert text == text.strip()
        assert not any(mark in text for mark in ("  ", " ,", "{", "}", "[", "]", "|", "\n"))
    assert 0.2 < sum(record["user"].islower() for record in records) / len(records) < 0.5
    for record in made(tmp_path / "known", rows=3000, invented=0):
        assert not re.search(r" (?:de|à) le (?!\w+(?:er|ir|re)\b)", record["user"])  # before a verb it is right


def skeleton(request: str, calls: list[dict]) -> str:
    """What is left of a request without the words that are copied, numbers, days, punctuation and case."""
    for call in calls:
        for name, slot in SLOTS[call["tool"]].items():
            if slot.get("x-copied") and name in call:
                request = request.replace(call[name], name.upper(), 1)
    request = re.sub(rf"\b({DAYS}|{NUMBERS})\b", "#", request.lower())
    return " ".join(re.sub(r"[^\w'# ]|(# ?)+", lambda found: "# " if "#" in found[0] else " ", request).split())


def golds(question: questions.Question) -> list[list[dict]]:
    return [question.answer] if question.check == "slots" else [json.loads(answer) for answer in question.answer]


@pytest.mark.parametrize("suite", SUITES)
def test_no_question_nor_its_skeleton_is_trained_on(trained: list[dict], suite: str) -> None:
    """A phrasing is not learned by heart and then examined. What fails is told by its id: one suite is sealed."""
    said = {record["user"] for record in trained}
    put = {skeleton(record["user"], json.loads(record["assistant"])) for record in trained}
    alarm = [{"tool": "alarm"}]
    assert skeleton("Mets une alarme à sept heures et quart!", alarm) == skeleton("mets une alarme à 6h30", alarm)
    asked = questions.read(SUITES[suite])
    assert [question.id for question in asked if question.user in said] == []
    shared = [question.id for question in asked for calls in golds(question) if skeleton(question.user, calls) in put]
    assert shared == []


def test_nearly_all_records_are_trained_on(records: list[dict], trained: list[dict]) -> None:
    assert len(trained) > 0.88 * len(records)


def test_records_say_where_they_come_from(records: list[dict]) -> None:
    record = next(record for record in records if '"light"' in record["assistant"])
    assert record.keys() == {"user", "assistant", "requires_json", "tool_schema", "tags", "lang", "source", "licence"}
    assert (record["requires_json"], record["tool_schema"], record["source"]) == (True, "tool_calls", "generated")
    assert (record["lang"], record["licence"]) == ("fr-CA", "CC-BY-4.0")
    assert "light" in record["tags"]


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        made(tmp_path / name, seed=seed)
    one, same, other = ((tmp_path / name / "train.jsonl").read_bytes() for name in ("one", "same", "other"))
    assert one == same != other


def test_unseen_words_and_phrasings_make_other_requests(tmp_path: Path) -> None:
    trained = {record["user"] for record in made(tmp_path / "trained", rows=3000, noise=0)}
    for unseen in ("fillers", "phrasings"):
        held_out = {record["user"] for record in made(tmp_path / unseen, noise=0, unseen=unseen)}
        assert len(held_out - trained) > 0.9 * len(held_out)


def test_nothing_is_invented_where_nothing_shall_be(tmp_path: Path) -> None:
    files = ("words/names.yaml", "tools/message.yaml", "said/message.yaml")
    known = "".join((RULES / file).read_text("utf-8").lower() for file in files)
    messages = [json.loads(record["assistant"])[0] for record in made(tmp_path / "plain", invented=0, noise=0)]
    names = {call["to"] for call in messages if call["tool"] == "message"}
    assert names
    assert all(name.lower() in known for name in names)


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, float | None]] = []
    made(tmp_path / "records", lambda label, done, total=None, **figures: told.append((done, total)), rows=1200)
    assert told == [(1000, 1200), (1200, 1200)]


def test_too_few_rules_for_so_many_rows_are_told(tmp_path: Path) -> None:
    small = tmp_path / "rules"
    (small / "tools").mkdir(parents=True)
    (small / "tools" / "none.yaml").write_text("phrasings: [(salut|allo), merci]\nheld_out: [bye]\n", "utf-8")
    (small / "words").mkdir()
    (small / "words" / "common.yaml").write_text("and: [pis]\n", "utf-8")
    (small / "several.yaml").write_text('{share: 0, calls: {2: 1}, joiners: {", ": 1}}', "utf-8")
    for name in ("noise.yaml", "lexicon.yaml"):
        (small / name).write_bytes((RULES / name).read_bytes())
    assert {record["user"] for record in made(tmp_path / "three", generator=small, rows=3, noise=0)} == {
        "Salut", "Allo", "Merci"}
    with pytest.raises(StageError, match="the rules make 3 different requests, not 4"):
        made(tmp_path / "four", generator=small, rows=4, noise=0)


def with_tool(folder: Path, tool: str, phrasing: str) -> Path:
    """The rules with one phrasing for a tool, and nothing that builds on its fragments."""
    shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("said"))
    (folder / "tools" / f"{tool}.yaml").write_text(f'phrasings: ["{phrasing}"]\nheld_out: [bye]\n', "utf-8")
    (folder / "several.yaml").write_text('{share: 0, calls: {2: 1}, joiners: {", ": 1}}', "utf-8")
    return folder


@pytest.mark.parametrize(("phrasing", "told"), [
    ("allume (la lumière|tout)", r'light.yaml: the schema refuses \[\{"tool":"light"\}\]'),
    ("allume [where=le salon]", "light.yaml: the schema has no slot 'where'"),
])
def test_a_rule_that_breaks_the_contract_is_told(tmp_path: Path, phrasing: str, told: str) -> None:
    broken = with_tool(tmp_path / "rules", "light", phrasing)
    with pytest.raises(DataError, match=told):
        made(tmp_path / "records", generator=broken, rows=200)


def test_a_phrasing_that_breaks_the_contract_is_told_before_anything_starts(tmp_path: Path) -> None:
    [(field, told)] = check(config(generator=with_tool(tmp_path / "rules", "light", "allume (la lumière|tout)")))
    assert field == "generator"
    assert told.endswith("In light.yaml's phrasing 'allume (la lumière|tout)'.")


def test_one_tool_can_be_read_alone(tmp_path: Path) -> None:
    tools = [record["tags"] for record in made(tmp_path / "records", tools=["timer", "alarm"], rows=200)]
    assert {tuple(tags) for tags in tools} == {("timer",), ("alarm",)}
    assert list(check(config(tools=["alarme"]))) == [
        ("tools", "there is no tool 'alarme'. Did you mean 'alarm'? There are alarm, calendar, heat, light, "
                  "localsearch, message, none, note, timer, weather.")]


def test_a_word_that_is_cut_is_told(tmp_path: Path) -> None:
    broken = with_tool(tmp_path / "rules", "note", "note:[text=ça]va")
    with pytest.raises(DataError, match="text 'ça' is no whole words of"):
        made(tmp_path / "records", generator=broken, rows=200)


def test_a_schema_that_begins_with_a_byte_order_mark_is_followed(tmp_path: Path) -> None:
    schema = tmp_path / "calls.schema.json"
    schema.write_text(config().answer_schema.read_text("utf-8"), "utf-8-sig")
    assert list(check(config(answer_schema=schema))) == []
    assert len(made(tmp_path / "records", answer_schema=schema, rows=3)) == 3


def test_a_schema_without_calls_is_told_before_anything_starts(tmp_path: Path) -> None:
    schema = tmp_path / "calls.schema.json"
    schema.write_text('{"type": "object"}', "utf-8")
    [(field, told)] = check(config(answer_schema=schema))
    assert field == "generator"
    assert told.startswith("the schema of the answers is no array of calls")


def test_rules_that_are_not_utf8_are_told_before_anything_starts(tmp_path: Path) -> None:
    rules = with_tool(tmp_path / "rules", "note", "bye")
    (rules / "tools" / "note.yaml").write_bytes("phrasings: [été]\n".encode("latin-1"))
    [(field, told)] = check(config(generator=rules))
    assert field == "generator"
    assert told.startswith("a file of it is not UTF-8 (invalid continuation byte).")


@pytest.mark.parametrize(("changed", "field"), [
    ({"generator": None}, "generator"), ({"answer_schema": None}, "answer_schema"),
    ({"generator": ROOT / "schemas"}, "generator")])
def test_what_is_missing_is_told_before_anything_starts(changed: dict, field: str) -> None:
    assert [name for name, _ in check(config(**changed))] == [field]
    assert list(check(config())) == []


def test_the_estimate_follows_its_formula() -> None:
    assert estimate(config(rows=60_000), {}).seconds == pytest.approx(11)
