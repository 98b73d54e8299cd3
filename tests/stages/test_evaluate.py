import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.server import Server
from pillm.engine.digest import sha256
from pillm.errors import StageError
from pillm.stages.evaluate import EvaluateConfig, check, estimate, evaluate
from tests.reference import tiny_gguf
from tests.reference.anthropic_server import ANTHROPIC
from tests.reference.openai_server import OPENAI, serving
from tests.reference.tool_schema import SCHEMA

QUESTIONS = [
    {"id": "a", "user": "Note que la bouilloire coule", "check": "slots", "schema": "tool_calls", "tags": ["note"],
     "answer": [{"tool": "note", "text": "la bouilloire coule"}]},
    {"id": "b", "user": "Ferme la porte", "check": "json_schema", "answer": "tool_calls", "tags": ["none", "court"]},
    {"id": "c", "user": "Pis le resto?", "check": "contains", "answer": "tool", "tags": ["court"]},
]


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf", "odd")
    tiny_gguf.model(folder / "bf16.gguf", "odd", "bf16")
    return folder


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "tool_calls.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    path = tmp_path / "eval.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS), "utf-8")
    return path


def config(suite: Path | None, **changes) -> EvaluateConfig:
    given = {"eval": suite, "system": None, "answer_schema": "tool_calls", "decoding": "spans", "context": 512,
             "threads": 1, "seed": 0, "max_tokens": 200} | changes
    return EvaluateConfig(**given)


def run(config: EvaluateConfig, ladder: Path, scores: Path, suite: Path | None = None,
        progress: Callable[..., None] = lambda *_, **__: None) -> dict:
    (work := scores.with_name("work")).mkdir(exist_ok=True)
    return evaluate.action(config, ladder=ladder, scores=scores, work=work, progress=progress, suite=suite)


def test_every_file_of_the_ladder_is_scored(ladder, suite, tmp_path):
    metrics = run(config(suite), ladder, tmp_path / "scores")
    scores = json.loads((tmp_path / "scores" / "scores.json").read_text("utf-8"))
    assert (metrics["questions"], scores["types"].keys()) == (3, {"f16", "bf16"})
    for type_, marks in scores["types"].items():
        assert marks["sha256"] == sha256(ladder / f"{type_}.gguf")
        assert marks["schema_valid"]["value"] == marks["json_valid"]["value"] == marks["json_schema"]["value"] == 1
        assert marks["contains"]["value"] == 1
        assert marks["slots"]["n"] == 1
        assert marks["score"] == metrics[type_]["score"]
        assert marks["score"]["low"] <= marks["score"]["value"] <= marks["score"]["high"]
        assert {tag: found["score"]["n"] for tag, found in marks["tags"].items()} == {"court": 2, "none": 1, "note": 1}
    speed = metrics["f16"]
    assert 0 < speed["latency_ms"]["p50"] <= speed["latency_ms"]["p99"]
    assert speed["tokens_per_s"] > 0
    assert speed["peak_rss_mib"] > 1


def test_answers_and_questions_can_be_read_together(ladder, suite, tmp_path):
    run(config(suite, types=["f16"]), ladder, tmp_path / "scores")
    answers = [json.loads(line) for line in (tmp_path / "scores" / "answers.jsonl").open(encoding="utf-8")]
    questions = [json.loads(line) for line in (tmp_path / "scores" / "questions.jsonl").open(encoding="utf-8")]
    assert [(one["type"], one["id"]) for one in answers] == [("f16", "a"), ("f16", "b"), ("f16", "c")]
    assert questions == QUESTIONS
    assert json.loads(answers[0]["answer"])[0]["tool"] in ("note", "none")
    assert answers[1]["stop"] == "eos"


def test_answers_that_quantizing_changed_are_counted(ladder, suite, tmp_path):
    folder = tmp_path / "ladder"
    folder.mkdir()
    for name in ("f16", "bf16"):
        (folder / f"{name}.gguf").symlink_to(ladder / f"{name}.gguf")
    tiny_gguf.model(folder / "Q8_0.gguf", "odd", coarse=True)
    metrics = run(config(suite, decoding="free", max_tokens=16), folder, tmp_path / "scores")
    scores = json.loads((tmp_path / "scores" / "scores.json").read_text("utf-8"))["types"]
    answers = {type_: [] for type_ in scores}
    for line in (tmp_path / "scores" / "answers.jsonl").open(encoding="utf-8"):
        answers[json.loads(line)["type"]].append(json.loads(line)["answer"])
    assert "differs_from_f16" not in scores["f16"]
    for type_ in ("bf16", "Q8_0"):
        found = scores[type_]["differs_from_f16"]
        changed = sum(a != b for a, b in zip(answers[type_], answers["f16"], strict=True))
        assert (found["value"], found["n"]) == (pytest.approx(changed / 3, abs=1e-6), 3)
        assert found["low"] <= found["value"] <= found["high"]
        assert metrics[type_]["differs_from_f16"] == found
    assert scores["Q8_0"]["differs_from_f16"]["value"] > 0
    alone = run(config(suite, types=["Q8_0"], decoding="free", max_tokens=16), folder, tmp_path / "alone")
    assert "differs_from_f16" not in alone["Q8_0"]


def test_posed_questions_are_asked_in_place_of_the_domains(ladder, suite, tmp_path):
    posed = tmp_path / "suite.jsonl"
    posed.write_text(json.dumps(QUESTIONS[2] | {"id": "posed-00001"}) + "\n", "utf-8")
    options = config(None, posed=True, types=["f16"])
    assert list(check(options)) == []
    assert run(options, ladder, tmp_path / "scores", posed)["questions"] == 1
    assert "posed-00001" in (tmp_path / "scores" / "questions.jsonl").read_text("utf-8")


def test_two_evaluations_give_the_same_bytes(ladder, suite, tmp_path):
    for name in ("once", "again"):
        run(config(suite, decoding="free", max_tokens=16), ladder, tmp_path / name)
    for file in ("scores.json", "answers.jsonl", "questions.jsonl"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


def test_some_questions_of_the_whole_suite(ladder, suite, tmp_path):
    metrics = run(config(suite, types=["f16"], max_questions=2), ladder, tmp_path / "scores")
    assert metrics["questions"] == 2
    ids = [json.loads(line)["id"] for line in (tmp_path / "scores" / "questions.jsonl").open(encoding="utf-8")]
    assert ids == ["a", "b"]


def test_a_file_that_is_not_there_is_told(ladder, suite, tmp_path):
    with pytest.raises(StageError, match=r"the ladder has no Q8_0; it has bf16, f16\. Add it"):
        run(config(suite, types=["Q8_0"]), ladder, tmp_path / "scores")
    with pytest.raises(StageError, match="Did you mean 'f16'"):
        run(config(suite, types=["F16"]), ladder, tmp_path / "scores")


def test_what_is_checked_before_anything_starts(suite):
    assert list(check(config(suite))) == []
    suite.write_text('{"id": "a", "user": "x", "check": "exactly", "answer": "y"}\n')
    assert [field for field, _ in check(config(suite, answer_schema=None))] == ["eval", "decoding"]
    assert "Did you mean 'exact'?" in next(check(config(suite)))[1]
    assert next(check(config(None)))[1].startswith("this domain has no questions.")


def test_the_estimate_grows_with_questions_and_weights(suite):
    shape = {"layers": 22, "hidden": 2048, "heads": 32, "kv_heads": 4, "vocab": 32000}
    model = {"parameters": 1_100_000_000, "shape": shape}
    suite.write_text("{}\n" * 100)
    found = estimate(config(suite, context=2048), {"model": model, "quantize": {"types": ["Q8_0"]}})
    assert 2 < found.ram_gib < 3
    assert found.seconds == 2 * (1 + 100 * 75 * 0.11)
    assert estimate(config(suite, max_questions=10), {"model": model}).seconds < found.seconds / 5
    posed = estimate(config(suite, posed=True), {"model": model, "pose": {"rows": 200}})
    assert posed.seconds == pytest.approx(1 + 200 * 75 * 0.11)


def test_a_killed_exam_goes_on_where_it_was(ladder, suite, tmp_path, monkeypatch):
    asked: list[str] = []
    answer = Server.answer
    monkeypatch.setattr(Server, "answer", lambda server, request: (
        asked.append(request.messages[-1]["content"]), answer(server, request))[1])

    def killed(label: str, done: float, total: float, **figures: float) -> None:
        if label == "f16: questions" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(config(suite), ladder, tmp_path / "torn", progress=killed)
    before = len(asked)
    metrics = run(config(suite), ladder, tmp_path / "torn")
    assert asked[before:] == ["Pis le resto?"]
    assert all(metrics[type_]["peak_rss_mib"] > 1 for type_ in ("f16", "bf16"))
    (tmp_path / "at once").mkdir()
    run(config(suite), ladder, tmp_path / "at once" / "whole")
    for name in ("scores.json", "answers.jsonl", "questions.jsonl"):
        assert (tmp_path / "torn" / name).read_bytes() == (tmp_path / "at once" / "whole" / name).read_bytes()


def test_a_question_that_does_not_fit_is_named(ladder, suite, tmp_path):
    long = QUESTIONS[1] | {"user": "Ferme la porte " * 200}
    suite.write_text("".join(json.dumps(question) + "\n" for question in (QUESTIONS[0], long)), "utf-8")
    with pytest.raises(StageError) as error:
        run(config(suite, types=["f16"]), ladder, tmp_path / "scores")
    assert error.value.__notes__ == ["at question b"]


def test_each_question_has_the_whole_context_however_many_are_worked_at(ladder, suite, tmp_path):
    long = QUESTIONS[1] | {"user": "Ferme la porte " * 50}  # 360 tokens
    suite.write_text(json.dumps(long) + "\n", "utf-8")
    options = config(suite, types=["f16"], decoding="free", context=512, max_tokens=16, slots=4)
    assert run(options, ladder, tmp_path / "scores")["questions"] == 1


KIND = {"id": "k", "user": "Pis toi?", "check": "judge", "answer": {"criterion": "It is JSON."}, "tags": ["tone"]}
JUDGE = {"model": "parrot", "attempts": 2, "timeout_s": 5, "checked": 4}


def strict(messages: list[dict[str, str]]) -> str:
    """A judge that finds fault with everything, and once forgets to say so."""
    return "No.\nVERDICT: no" if len(messages) > 1 or "A right answer is" in messages[0]["content"] else "It is not."


@pytest.mark.parametrize("speech", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def test_a_judge_is_asked_and_its_agreement_told(ladder, suite, tmp_path, speech):
    suite.write_text("".join(json.dumps(question) + "\n" for question in [*QUESTIONS, KIND]), "utf-8")
    kind = "openai" if speech is OPENAI else "anthropic"
    with serving(strict, speech=speech) as server:
        options = config(suite, types=["f16"], judge=JUDGE | {"kind": kind, "base_url": server.url})
        assert list(check(options)) == []
        metrics = run(options, ladder, tmp_path / "scores")
        first = len(server.asked)
        assert run(options, ladder, tmp_path / "again")["judge"] == metrics["judge"]
        assert len(server.asked) == first, "verdicts that were paid for are kept under work/"
    marked = json.loads((tmp_path / "scores" / "scores.json").read_text("utf-8"))
    assert (marked["types"]["f16"]["judge"]["value"], marked["types"]["f16"]["judge_failed"]["value"]) == (0, 0)
    assert marked["judge"] == metrics["judge"]
    assert (marked["judge"]["model"], marked["judge"]["agreement"]["n"]) == ("parrot", 2)
    answers = [json.loads(line) for line in (tmp_path / "scores" / "answers.jsonl").open(encoding="utf-8")]
    assert answers[3]["judge_failed"] == 0


def test_a_question_for_a_judge_is_told_before_anything_starts(suite, monkeypatch):
    suite.write_text(json.dumps(KIND) + "\n", "utf-8")
    assert list(check(config(suite))) == [
        ("judge", "1 questions (k) are judged by a model. Name one (judge: {model: …, base_url: …}), or leave these "
                  "questions out.")]
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    lame = config(suite, judge=JUDGE | {"base_url": "localhost:1", "api_key_env": "NO_SUCH_VARIABLE"})
    assert [field for field, _ in check(lame)] == ["judge.base_url", "judge.api_key_env"]


def test_a_judge_that_is_not_there_ends_the_work(ladder, suite, tmp_path):
    suite.write_text(json.dumps(KIND) + "\n", "utf-8")
    with serving(strict) as server:
        url = server.url
    options = config(suite, types=["f16"], judge=JUDGE | {"base_url": url, "attempts": 1})
    with pytest.raises(StageError, match=r"the server cannot be reached .* or set judge\.base_url"):
        run(options, ladder, tmp_path / "scores")
