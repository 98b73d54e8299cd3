import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pillm.backends.json_schema import problems, schema
from pillm.engine.digest import files, sha256
from pillm.engine.identity import identity
from pillm.errors import DataError
from pillm.stages.prepare import MaxRows, PrepareConfig, check, estimate, prepare
from tests.conftest import ROOT

TOPICS = ["hiver", "chalet", "poutine", "métro", "tempête", "érable", "hockey", "canot", "tuque", "dépanneur"]


def made(count: int, **fields: Any) -> list[dict]:
    """Records that no two of are near each other."""
    return [{"user": f"Question {n} sur {TOPICS[n % 10]} numéro {n * 7}", "assistant": f"Réponse {n} {n * 13} {n * 31}"}
            | fields for n in range(count)]


def write(file: Path, *rows: Any) -> Path:
    """A row that is text is written as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("".join(line + "\n" for line in lines), "utf-8")
    return file


def config(*files: Path, **changes: Any) -> PrepareConfig:
    given = {"files": list(files), "eval": None, "system": None, "answer_schema": None, "seed": 0} | changes
    return PrepareConfig.model_validate(given, context={"look_in": [Path(), ROOT]})


def run(config: PrepareConfig, folder: Path, **generated: Path) -> dict:
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    return prepare.action(config, generated=generated, records=folder / "records", work=work,
                          progress=lambda *_, **__: None)


def read(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / "records" / f"{name}.jsonl").open(encoding="utf-8")]


def everything(folder: Path) -> list[dict]:
    return [record for name in ("train", "validation", "test") for record in read(folder, name)]


def test_records_are_split_and_none_is_lost(tmp_path):
    file = write(tmp_path / "a.jsonl", *made(200, tags=["fr"], mine=[1, None]))
    metrics = run(config(file), tmp_path)
    assert metrics == {"rows": {"train": 180, "validation": 10, "test": 10}, "left_out": {}, "left_out_of": {},
                       "strata": 1, "rejected_share": 0, "contamination": {}, "gates": []}
    assert sorted(everything(tmp_path), key=str) == sorted(made(200, tags=["fr"], mine=[1, None]), key=str)
    assert not any(problems(record, schema("record")) for record in everything(tmp_path))
    assert read(tmp_path, "rejected") == []


def test_every_format_is_read_into_one_corpus(tmp_path):
    plain = write(tmp_path / "plain.jsonl", *made(30))
    chats = write(tmp_path / "chats.jsonl", {"messages": [{"role": "user", "content": "Un chat?"},
                                                          {"role": "assistant", "content": "Miaou."}]})
    other = tmp_path / "other.jsonl.gz"
    other.write_bytes(gzip.compress(b"\xef\xbb\xbf" + "\r\n".join(map(json.dumps, [
        {"conversations": [{"from": "human", "value": "Un chien?"}, {"from": "gpt", "value": "Wouf."}]},
        {"instruction": "Une vache?", "input": "", "output": "Meuh."},
        {"question": "Une poule?", "agent_responses": ["Hmm."], "final_answer": "Cot."}])).encode()))
    assert sum(run(config(plain, chats, other), tmp_path)["rows"].values()) == 34
    texts = json.dumps(everything(tmp_path), ensure_ascii=False)
    assert all(said in texts for said in ("Miaou.", "Wouf.", "Meuh.", "Cot."))


def test_what_is_left_out_is_kept_with_its_place_and_reason(tmp_path):
    good = made(100)
    bad = ['{"user": "a"', {"user": ""}, {"user": "Note ça", "requires_json": True, "assistant": "oui"}]
    again = [good[3], good[5] | {"user": good[5]["user"].upper()}]
    file = write(tmp_path / "a.jsonl", *good, *bad, *again)
    metrics = run(config(file), tmp_path)
    rejected = read(tmp_path, "rejected")
    assert [(row["line"], row["reason"], row["told"]) for row in sorted(rejected, key=lambda row: row["line"])] == [
        (101, "not JSON", "Expecting ',' delimiter: line 1 column 13 (char 12)"),
        (102, "schema", "user: '' does not match '\\\\S'"),
        (103, "answer is not JSON", "Expecting value: line 1 column 1 (char 0)"),
        (104, "duplicate", "it says the same as a.jsonl:4"),
        (105, "near duplicate", "it is nearly a.jsonl:6"),
    ]
    assert {row["file"] for row in rejected} == {"a.jsonl"}
    kept_aside = {row["line"]: row.get("record", row.get("text")) for row in rejected}
    assert [kept_aside[line] for line in (101, 102, 103, 104)] == [*bad, good[3]]
    assert metrics["left_out"] == dict.fromkeys(
        ("not JSON", "schema", "answer is not JSON", "duplicate", "near duplicate"), 1)
    assert metrics["rejected_share"] == pytest.approx(3 / 105)
    assert sum(metrics["rows"].values()) + sum(metrics["left_out"].values()) == 105


def test_too_many_bad_records_stop_the_run_and_all_are_listed(tmp_path):
    file = write(tmp_path / "a.jsonl", *made(90), *[{"user": 3}] * 8, "oops", "\x00")
    with pytest.raises(DataError) as error:
        run(config(file), tmp_path)
    told = str(error.value)
    assert told.startswith("prepare.max_rejected: 10.0% of 100 records cannot be used, and at most 5.0% are allowed. ")
    assert f"  schema: 8\n    {file}:91: user: 3 is not of type 'string'\n" in told
    assert f"  not JSON: 2\n    {file}:99: " in told
    kept = Path(told.rsplit("reasons: ", 1)[1])
    assert len(kept.read_text("utf-8").splitlines()) == 10
    assert sum(run(config(file, max_rejected=0.1), tmp_path)["rows"].values()) == 90


def test_duplicates_and_eval_questions_do_not_stop_a_run(tmp_path):
    asked = write(tmp_path / "eval.jsonl", {"id": "q1", "user": "Où est-ce que je peux manger une bonne poutine?",
                                            "check": "contains", "answer": "x"})
    near = ["OU EST CE QUE JE PEUX MANGER UNE BONNE POUTINE", "Allô! Où est-ce que je peux manger une bonne poutine?",
            "Où est-ce que je peux manger une bone poutine?"]
    file = write(tmp_path / "a.jsonl", *made(30), *made(30), *[{"user": text, "assistant": "Ici."} for text in near])
    metrics = run(config(file, eval=asked), tmp_path)
    assert metrics["left_out"] == {"duplicate": 30, "near an eval question": 3}
    assert {row["told"] for row in read(tmp_path, "rejected")[:3]} == {"it holds the question dev/q1"}
    assert "manger" not in json.dumps(everything(tmp_path))


def call(text: str, said: str) -> dict:
    """A record or question of a note."""
    return {"user": text, "assistant": json.dumps([{"tool": "note", "text": said}], ensure_ascii=False)}


def asked(id_: str, text: str, said: str) -> dict:
    return {"id": id_, "user": text, "check": "slots", "answer": [{"tool": "note", "text": said}]}


def test_suites_are_kept_out_as_the_eval_questions_are(tmp_path):
    suites = {name: write(tmp_path / f"{name}.jsonl", asked(name, f"Grave bien dans ta tête {said}", said))
              for name, said in (("one", "la fournaise coule en bas"), ("two", "le facteur est venu hier matin"))}
    eval_ = write(tmp_path / "eval.jsonl", asked("three", "Surtout souviens-toi de la plante", "la plante"))
    near = [call("grave bien dans ta tete le facteur est venu hier matin", "le facteur est venu hier matin"),
            call("Surtout souviens-toi de la plante, ok?", "la plante")]
    run(config(write(tmp_path / "a.jsonl", *made(30), *near), eval=eval_, suites=suites), tmp_path)
    rejected = [(row["reason"], row["told"]) for row in read(tmp_path, "rejected")]
    assert rejected == [("near an eval question", f"it holds the question {name}")
                        for name in ("two/two", "dev/three")]


def test_records_put_like_a_question_are_left_out(tmp_path):
    suite = write(tmp_path / "suite.jsonl", asked("put", "Grave bien dans ta tête que le facteur est venu",
                                                  "le facteur est venu"))
    alike = call("grave bien dans ta tête que la fournaise coule encore!", "la fournaise coule encore")
    others = [call("Grave donc dans ta tête que le chien a jappé fort", "le chien a jappé fort"),
              {"user": "Grave bien dans ta tête que tout passe", "assistant": "C'est gravé.", "requires_json": False},
              {"user": "Grave bien dans ta tête que rien ne presse"}]
    metrics = run(config(write(tmp_path / "a.jsonl", *made(30), alike, *others), suites={"suite": suite},
                         answer_schema="tool_calls", max_rejected=1), tmp_path)
    assert metrics["left_out"]["skeleton of an eval question"] == 1
    row = next(row for row in read(tmp_path, "rejected") if row["reason"].startswith("skeleton"))
    assert (row["line"], row["told"]) == (31, "it is put like the question suite/put")
    assert "facteur" not in json.dumps(row, ensure_ascii=False)
    kept = {record["user"] for record in everything(tmp_path)}
    assert kept >= {record["user"] for record in others}


def test_a_skeleton_does_not_stop_a_run(tmp_path):
    suite = write(tmp_path / "suite.jsonl", asked("put", "Grave bien dans ta tête que le robinet du sous-sol coule",
                                                  "le robinet du sous-sol coule"))
    rows = [call(f"Grave bien dans ta tête que {topic} {n}", f"{topic} {n}") for n, topic in enumerate(TOPICS)]
    metrics = run(config(write(tmp_path / "a.jsonl", *made(30), *rows), suites={"suite": suite}, max_rejected=0),
                  tmp_path)
    assert metrics["left_out"] == {"skeleton of an eval question": 10}
    assert metrics["rejected_share"] == 0


@pytest.mark.parametrize(("content", "told"), [
    (None, "prepare: there are no records. Name files in domain.files, or add a step that generates some."),
    ("", "a.jsonl: there are no records in it. Write one JSON object a line."),
    ("\n\r\n \n", "a.jsonl: there are no records in it."),
    ('{"user": 3}\n', "a.jsonl: no record can be used. Repair them; what is wrong:\n  schema: 1"),
], ids=["no file", "empty", "empty lines", "none usable"])
def test_nothing_to_train_on_is_told(tmp_path, content, told):
    (tmp_path / "a.jsonl").write_text(content or "")
    with pytest.raises(DataError) as error:
        run(config(*([] if content is None else [tmp_path / "a.jsonl"])), tmp_path)
    assert told in str(error.value)


def test_a_corpus_without_a_train_split_is_told(tmp_path):
    file = write(tmp_path / "a.jsonl", *made(2))
    with pytest.raises(DataError, match="no record is left to train on"):
        run(config(file, test=0.99, validation=0), tmp_path)


def test_strata_are_spread_over_the_splits(tmp_path):
    rows = [record | {"tags": [tag]} for tag in ("a", "b", "c") for record in made(200, lang=tag)]
    rows = [record | {"user": f"{record['tags'][0]} {record['user']} {record['lang'] * 9}"} for record in rows]
    run(config(write(tmp_path / "a.jsonl", *rows), near_duplicate=None), tmp_path)
    for name, share in (("validation", 10), ("test", 10)):
        tags = [record["tags"][0] for record in read(tmp_path, name)]
        assert all(abs(tags.count(tag) - share) <= 1 for tag in "abc")


def test_records_that_come_later_do_not_reshuffle_the_others(tmp_path):
    few, more = tmp_path / "few", tmp_path / "more"
    for folder, count in ((few, 400), (more, 405)):
        folder.mkdir()
        run(config(write(folder / "a.jsonl", *made(count)), near_duplicate=None), folder)
    kept = {name: {record["user"] for record in read(few, name)} for name in ("train", "validation", "test")}
    moved = sum(record["user"] not in kept[name] for name in kept for record in read(more, name)) - 5
    assert moved <= 2


def test_equal_prompts_with_other_answers_stay_in_one_split(tmp_path):
    rows = [record | {"assistant": f"{answer} {record['assistant']}"} for record in made(100)
            for answer in ("Oui oui oui", "Non non non")]
    run(config(write(tmp_path / "a.jsonl", *rows), near_duplicate=None), tmp_path)
    asked = [{record["user"] for record in read(tmp_path, name)} for name in ("train", "validation", "test")]
    assert sum(map(len, asked)) == len(set.union(*asked)) == 100


def test_caps_take_some_of_each_stratum_and_the_rest_is_kept_aside(tmp_path):
    rows = [record | {"tags": ["ab"[n % 2]]} for n, record in enumerate(made(400))]
    metrics = run(config(write(tmp_path / "a.jsonl", *rows), max_rows=MaxRows(train=50, validation=4)), tmp_path)
    assert metrics["rows"] == {"train": 50, "validation": 4, "test": 20}
    assert metrics["left_out"] == {"over the cap": 400 - 74}
    assert metrics["rejected_share"] == 0
    assert {row["told"] for row in read(tmp_path, "rejected")} == {"train takes 50", "validation takes 4"}
    tags = [record["tags"][0] for record in read(tmp_path, "train")]
    assert 15 < tags.count("a") < 35


def test_the_domains_system_prompt_goes_to_records_that_bring_none(tmp_path):
    rows = made(4)
    rows[1]["system_hint"] = "Sois bref."
    rows[2]["system_hint"] = ""
    rows[3] = {"messages": [{"role": "system", "content": "Rime."}, {"role": "user", "content": "Un vers?"}]}
    run(config(write(tmp_path / "a.jsonl", *rows), system="Tu es gentil.", test=0, validation=0), tmp_path)
    hints = [record.get("system_hint") for record in read(tmp_path, "train")]
    assert hints == ["Tu es gentil.", "Sois bref.", "", None]


def test_the_domains_schema_is_that_of_answers_unless_a_record_says_otherwise(tmp_path):
    call = '[{"tool":"none"}]'
    rows = [{"user": "Une", "assistant": call}, {"user": "Deux", "assistant": "prose", "requires_json": False},
            {"user": "Trois", "assistant": "3", "tool_schema": {"type": "integer"}},
            {"user": "Quatre", "assistant": "prose"}]
    file = write(tmp_path / "a.jsonl", *rows)
    run(config(file, answer_schema="tool_calls", max_rejected=0.25, test=0, validation=0), tmp_path)
    first, second, third = read(tmp_path, "train")
    assert (first["requires_json"], first["tool_schema"]) == (True, "tool_calls")
    assert second == rows[1]
    assert (third["requires_json"], third["tool_schema"]) == (True, {"type": "integer"})
    assert [row["reason"] for row in read(tmp_path, "rejected")] == ["answer is not JSON"]


def test_schemas_that_records_name_are_noted_beside_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("en/call", "fr/call", "other"):
        (tmp_path / "schemas" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "schemas" / f"{name}.schema.json").write_text("{}", "utf-8")
    rows = made(4, requires_json=True, assistant="1", tool_schema="fr/call")
    given = config(write(tmp_path / "a.jsonl", *rows, *made(1, tool_schema={"type": "object"})), validation=0, test=0)
    run(given, tmp_path)
    noted = json.loads((tmp_path / "records" / "schemas.json").read_text("utf-8"))
    assert noted == {"fr/call": sha256(tmp_path / "schemas" / "fr" / "call.schema.json")}
    read_too = identity(prepare, given, {}, sha256)["files"]
    assert {"en/call.schema.json", "fr/call.schema.json", "schemas/record.schema.json"} <= read_too.keys()


def test_where_no_schema_is_named_none_is_noted(tmp_path):
    run(config(write(tmp_path / "a.jsonl", *made(4, tool_schema='{"type": "object"}')), validation=0, test=0), tmp_path)
    assert not (tmp_path / "records" / "schemas.json").exists()


def test_generated_records_are_taken_with_the_name_of_their_step(tmp_path):
    (tmp_path / "made").mkdir()
    write(tmp_path / "made" / "train.jsonl", *made(20), made(1)[0])
    metrics = run(config(), tmp_path, generate=tmp_path / "made")
    assert sum(metrics["rows"].values()) == 20
    assert read(tmp_path, "rejected")[0]["file"] == "generate/train.jsonl"


def test_two_runs_in_two_places_give_the_same_bytes(tmp_path):
    digests = []
    for place in ("here", "far/away"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        run(config(write(folder / "a.jsonl", *made(300), *made(20), "{")), folder)
        digests.append({name: sha256(file) for name, file in files(folder / "records")})
    assert digests[0] == digests[1]
    assert str(tmp_path) not in (tmp_path / "here" / "records" / "rejected.jsonl").read_text("utf-8")


def test_what_a_killed_run_left_does_not_matter(tmp_path):
    file = write(tmp_path / "a.jsonl", *made(50))
    run(config(file), tmp_path)
    before = {name: sha256(path) for name, path in files(tmp_path / "records")}
    shutil.rmtree(tmp_path / "records")
    (tmp_path / "work" / "accepted.jsonl").write_text('{"user": "hal')
    (tmp_path / "work" / "rejected.jsonl").write_text("{")
    run(config(file), tmp_path)
    assert {name: sha256(path) for name, path in files(tmp_path / "records")} == before


@pytest.mark.parametrize(("changes", "told"), [
    ({"answer_schema": "tool_cals"}, "there is no schemas/tool_cals.schema.json. Did you mean 'tool_calls'?"),
    ({"files": ["nowhere.jsonl"]}, "there is no such file or folder: nowhere.jsonl"),
    ({"test": 1.5}, "less than or equal to 1"),
    ({"max_rows": {"train": 0}}, "greater than 0"),
])
def test_wrong_options_are_refused_before_anything_starts(changes, told):
    with pytest.raises(ValidationError) as error:
        config(**changes)
    assert told in str(error.value)


def test_what_cannot_go_together_is_told_before_anything_starts(tmp_path):
    assert list(check(config(tmp_path, validation=0.5, test=0.5))) == [
        ("files.0", f"{tmp_path} is a folder. Name the files in it."),
        ("validation", "validation and test together leave nothing to train on. Lower one of them.")]
    broken = write(tmp_path / "suite.jsonl", asked("a", "Note ça", "ça") | {"check": "slot"})
    field, told = next(check(config(suites={"odd": broken})))
    assert (field, told.count("Did you mean 'slots'?")) == ("suites.odd", 1)
    assert list(check(config())) == []


def test_the_estimate_grows_with_the_files(tmp_path):
    small, large = (estimate(config(write(tmp_path / f"{n}.jsonl", *made(n))), {}) for n in (10, 5000))
    assert small.seconds < large.seconds
    assert small.ram_gib < large.ram_gib
    assert estimate(config(), {"generate": {"rows": 20_000}}).seconds > large.seconds
