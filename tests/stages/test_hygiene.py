"""What prepare keeps out of a corpus, and how often what is kept trains."""
import json
from collections import Counter

import pytest
from pydantic import ValidationError

from pillm.stages.prepare import check, prepare
from tests.stages.test_prepare import config, everything, made, read, run, write

CALL = '[{{"tool": "timer", "minutes": {}}}]'


def rejected(folder) -> list[tuple[int, str, str]]:
    return sorted((row["line"], row["reason"], row["told"]) for row in read(folder, "rejected"))


def call(asked: str, minutes: int, **fields) -> dict:
    return {"user": asked, "assistant": CALL.format(minutes), "requires_json": True} | fields


def test_records_with_secrets_are_set_aside_and_masked(tmp_path):
    bad = [{"user": "Écris à marie.tremblay@videotron.ca", "assistant": "C'est fait."},
           {"user": "Note ça", "assistant": "Noté.", 
            "source": "ghp_9aB3kLmQ7rStUvWx2yZ0AbCdEfGhIjKlMnOp, 514 276-8841"}]
    metrics = run(config(write(tmp_path / "a.jsonl", *made(40), *bad), max_rejected=0), tmp_path)
    assert rejected(tmp_path) == [(41, "e-mail address", "it holds: e-mail address"),
                                  (42, "access token", "it holds: access token, phone number")]
    assert metrics["left_out"] == {"e-mail address": 1, "access token": 1}
    assert metrics["left_out_of"] == {"a.jsonl": metrics["left_out"]}
    for name in ("train", "validation", "test", "rejected"):
        text = (tmp_path / "records" / f"{name}.jsonl").read_text("utf-8")
        assert not any(held in text for held in ("tremblay", "ghp_", "276-8841"))


def test_some_kinds_of_private_data_may_be_allowed(tmp_path):
    mail = {"user": "Écris à marie.tremblay@videotron.ca", "assistant": "C'est fait."}
    file = write(tmp_path / "a.jsonl", *made(40), mail)
    assert run(config(file, private=["password"]), tmp_path)["left_out"] == {}
    with pytest.raises(ValidationError, match="phone number"):
        config(file, private=["phone numbers"])


def test_one_question_with_two_answers_in_json_is_set_aside_with_both(tmp_path):
    rows = [*made(40), call("Pars un timer de 5 minutes", 5), call("pars un TIMER de 5 minutes!", 15),
            call("Pars un timer de 6 minutes", 6), call("Pars un timer de 6 minutes!", 6),
            {"user": "Salut", "assistant": "Allô!"}, {"user": "Salut", "assistant": "Bonjour."}]
    file = write(tmp_path / "a.jsonl", *rows)
    run(config(file, near_duplicate=None), tmp_path)
    told = "a.jsonl:{} asks the same, and is answered otherwise"
    assert rejected(tmp_path) == [(41, "contradiction", told.format(42)), (42, "contradiction", told.format(41))]
    prose = tmp_path / "prose"
    assert run(config(file, near_duplicate=None, contradictions="any"), prose)["left_out"] == {"contradiction": 4}
    none = tmp_path / "none"
    assert run(config(file, near_duplicate=None, contradictions=None), none)["left_out"] == {}


def test_one_question_under_two_schemas_is_two(tmp_path):
    rows = [call("Combien?", 5), {"user": "Combien?", "assistant": "5", "requires_json": True,
                                  "tool_schema": {"type": "integer"}}]
    assert run(config(write(tmp_path / "a.jsonl", *made(40), *rows)), tmp_path)["left_out"] == {}


def test_lengths_that_stand_out_are_set_aside(tmp_path):
    long = {"user": "Raconte", "assistant": " ".join(f"mot{n}" for n in range(1000))}
    file = write(tmp_path / "a.jsonl", *made(40), long, {"user": "Oui?"})
    run(config(file), tmp_path)
    assert rejected(tmp_path) == [
        (41, "unusual length", "6896 letters, where half of the records have at most 51")]
    other = tmp_path / "other"
    assert run(config(file, length_times=10), other)["left_out"] == {"unusual length": 2}
    assert run(config(file, length_times=None), tmp_path / "all")["left_out"] == {}


def test_other_languages_are_set_aside_where_they_are_told_surely(tmp_path):
    pytest.importorskip("py3langid")
    german = {"user": "Wie komme ich morgen früh am schnellsten zum Bahnhof, wenn es wieder schneit?",
              "assistant": "Nimm am besten die Straßenbahn; sie fährt auch bei starkem Schneefall alle zehn Minuten."}
    french = {"user": "Comment je me rends à la gare demain matin s'il neige encore comme aujourd'hui?",
              "assistant": "Prends donc le métro : il passe aux cinq minutes, même quand il neige à plein ciel."}
    short = {"user": "Guten Morgen", "assistant": "Grüß Gott"}
    file = write(tmp_path / "a.jsonl", *made(40), german, french, short)
    run(config(file, language={"expected": ["fr-CA"]}), tmp_path)
    assert rejected(tmp_path) == [(41, "unexpected language", "it looks like de, not fr-CA")]


def test_a_missing_extra_is_told_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setattr("pillm.installed.version", lambda name: None)
    assert list(check(config(language={"expected": ["fr"]}))) == [
        ("language", "languages are told by py3langid, which is not installed. Run: pip install 'pillm[language]'")]


def test_a_file_trains_as_often_as_its_weight_says(tmp_path):
    twice = write(tmp_path / "twice.jsonl", *made(400, tags=["twice"]))
    half = write(tmp_path / "half.jsonl", *[row | {"user": f"Autrement : {row['assistant']} {row['user']}"}
                                             for row in made(400, tags=["half"])])
    once = write(tmp_path / "once.jsonl", *[{"user": f"{n * 17} est-il pair? {n}", "tags": ["once"]}
                                             for n in range(100)])
    files = [{"path": str(twice), "weight": 2}, {"path": str(half), "weight": 0.5}, str(once)]
    metrics = run(config(files=files, near_duplicate=None), tmp_path)
    counts = Counter(record["tags"][0] for record in read(tmp_path, "train"))
    assert counts == {"twice": 720, "half": pytest.approx(180, abs=30), "once": 90}
    for name in ("validation", "test"):
        assert Counter(record["tags"][0] for record in read(tmp_path, name)) == {"twice": 20, "half": 20, "once": 5}
    assert metrics["left_out"] == {"below its file's weight": 360 - counts["half"]}
    assert len({json.dumps(record) for record in everything(tmp_path)}) == 900 - sum(metrics["left_out"].values())
    again = tmp_path / "again"
    run(config(files=[files[2], files[1], files[0]], near_duplicate=None), again)
    assert sorted(map(json.dumps, read(again, "train"))) == sorted(map(json.dumps, read(tmp_path, "train")))


def test_a_cap_counts_copies(tmp_path):
    file = write(tmp_path / "a.jsonl", *made(100))
    metrics = run(config(files=[{"path": str(file), "weight": 3}], max_rows={"train": 30}), tmp_path)
    assert metrics["rows"]["train"] == 30
    assert metrics["left_out"] == {"over the cap": 80}


@pytest.mark.parametrize(("file", "told"), [
    ({"path": "a.jsonl", "weight": 0}, "greater than 0"),
    ({"path": "nowhere.jsonl", "weight": 1}, "no such file or folder"),
    ({"path": "a.jsonl", "wieght": 2}, "Extra inputs are not permitted"), ({"weight": 2}, "Field required"),
])
def test_wrong_weights_are_refused(tmp_path, file, told):
    write(tmp_path / "a.jsonl", *made(1))
    with pytest.raises(ValidationError, match=told):
        config(files=[file | ({"path": str(tmp_path / file["path"])} if file.get("path") == "a.jsonl" else {})])


def test_a_weight_and_the_bytes_of_its_file_enter_the_identity(tmp_path):
    from pillm.engine.identity import identity_config

    file = write(tmp_path / "a.jsonl", *made(1))
    found = [identity_config(config(files=[{"path": str(file), "weight": weight}, str(file)]), lambda path: "sum")
             for weight in (1, 2)]
    plain = {"path": "sum", "weight": 1}
    assert [each["files"] for each in found] == [[plain, plain], [{"path": "sum", "weight": 2}, plain]]


def test_contamination_is_counted_per_suite_and_is_a_gate(tmp_path):
    suites = {name: write(tmp_path / f"{name}.jsonl", {"id": "q", "user": text, "check": "exact", "answer": "x"})
              for name, text in (("one", "Où donc s'en vont les outardes en automne?"),
                                 ("two", "Qui a mangé mes crêpes?"))}
    near = [{"user": "ou donc s'en vont les OUTARDES en automne", "assistant": "Au sud."},
            {"user": "Dis-moi, qui a mangé mes crêpes?", "assistant": "Le chat."},
            {"user": "Explique", "assistant": "On demande : «Qui a mangé mes crêpes?» et on attend."}]
    metrics = run(config(write(tmp_path / "a.jsonl", *made(27), *near), suites=suites), tmp_path)
    assert metrics["contamination"] == {"one": {"near": 1, "alike": 0}, "two": {"near": 2, "alike": 0}}
    assert metrics["gates"] == [{"name": "contamination", "met": False, "told": "3 of 30 records were near an eval "
                                 "question (10.0%, at most 5.0%); none of them is left"}]
    tolerant = run(config(tmp_path / "a.jsonl", suites=suites, max_contaminated=0.1), tmp_path / "tolerant")
    assert tolerant["gates"][0]["met"]


def test_what_is_read_is_kept_or_counted_whatever_it_is(tmp_path):
    """Poisoned lines among good ones: told, counted, nothing lost, no crash."""
    poison = [b'{"user": "\xe9t\xe9"}', b'{"user": "a", "n": NaN}', b'{"user": "a", "user": "b"}', b"[" * 10_000,
              b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"user": "\\ud800"}', b'{"user": "a\\u0000"}', b"\0\0\0",
              b'{"user": "' + b"x" * 9_000_000 + b'"}', b"\xef\xbb\xbf\xef\xbb\xbf{}", b'{"user": "x"} {"user": "y"}']
    good = [json.dumps(row).encode() for row in made(100)]
    lines = [line for pair in zip(good, poison, strict=False) for line in pair] + good[len(poison):]
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines[:60]) + b"\n" + b"\n".join(lines[60:]))
    metrics = run(config(tmp_path / "a.jsonl", max_rejected=0.2), tmp_path)
    assert sum(metrics["rows"].values()) == 100
    assert metrics["left_out"] == {"not JSON": 9, "not UTF-8": 1, "too long": 1}
    assert [line for line, _, _ in rejected(tmp_path)] == list(range(2, 23, 2))
    assert (tmp_path / "records" / "rejected.jsonl").stat().st_size < 200_000


def test_the_stage_names_what_it_rests_on():
    assert set(prepare.libraries) == {"rensa", "jsonschema", "py3langid", "torch", "transformers"}
