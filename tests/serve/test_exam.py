from dataclasses import replace
from types import SimpleNamespace

import pytest

from pillm.backends.llama_cpp.server import Completion
from pillm.errors import ConfigError
from pillm.serve.exam import Answered, judged, marks, sit, speed
from pillm.serve.kept import Kept
from pillm.serve.picks import percentile, spread
from pillm.serve.questions import Question
from tests.reference.tool_schema import SCHEMA

NOTE = Question("n", "slots", [{"tool": "note", "text": "du lait"}], user="Note du lait", schema=SCHEMA, tags=("note",))
YES = Question("y", "exact", "oui", user="Oui?", tags=("note", "court"))


def answered(question: Question, text: str, seconds: float = 0.5) -> Answered:
    completion = Completion(text, prompt_tokens=10, completion_tokens=5, prompt_s=seconds / 5, decode_s=seconds,
                            mean_logprob=-0.1, stop_reason="eos")
    return Answered(question, completion, judged(question, text))


def test_a_question_with_a_schema_says_whether_the_answer_fits_it():
    assert judged(NOTE, '[{"tool":"note","text":"du pain"}]') == {
        "score": 0, "slot_f1": 0.5, "json_valid": 1, "schema_valid": 1}
    assert judged(NOTE, '[{"tool":"nota","text":"du lait"}]')["schema_valid"] == 0
    assert judged(YES, "oui") == {"score": 1}


@pytest.mark.parametrize("wrong", [
    {"check": "exact", "answer": "x", "schema": {"type": "strng"}},
    {"check": "json_schema", "answer": {"type": "strng"}},
    {"check": "balanced_pair", "answer": {"pair": "p", "premise": True, "check": "json_schema", "answer": "{"}},
])
def test_a_schema_that_is_none_is_told_before_anything_is_asked(wrong, tmp_path):
    asked = []
    chat = SimpleNamespace(ask_many=lambda *given: asked.extend(given) or iter(()))
    with pytest.raises(ConfigError, match="Repair"):
        sit(chat, [YES, Question("w", **wrong)], lambda *_: None, Kept(tmp_path / "kept.jsonl"))
    assert asked == []


def test_what_was_answered_before_a_kill_is_not_asked_again(tmp_path):
    def chat(*texts):
        asked = []

        def ask_many(conversations, schemas):
            asked.extend(turns[-1]["content"] for turns in conversations)
            return (answered(YES, text).completion for text in texts)

        return SimpleNamespace(ask_many=ask_many, asked=asked)

    def killed(done, score):
        if done == 2:
            raise KeyboardInterrupt

    suite = [Question(str(n), "exact", "oui", user=f"Question {n}") for n in range(4)]
    file = tmp_path / "f16.jsonl"
    with pytest.raises(KeyboardInterrupt), Kept(file, lambda: 7.0) as kept:
        sit(chat("oui", "non"), suite, killed, kept)
    with file.open("ab") as torn:
        torn.write(b'{"id": "2", "completion": {"te')
    rest = chat("oui", "oui")
    with Kept(file) as kept:
        found = sit(rest, suite, lambda *_: None, kept)
    assert rest.asked == ["Question 2", "Question 3"]
    assert [one.completion.text for one in found] == ["oui", "non", "oui", "oui"]
    assert (found[0].completion, kept.most) == (answered(YES, "oui").completion, 7.0)
    assert list(Kept(file).answers) == ["0", "1", "2", "3"]


def test_marks_are_summed_per_checker_and_tag():
    found = marks([answered(NOTE, '[{"tool":"note","text":"du lait"}]'), answered(YES, "non"), answered(YES, "oui")], 0)
    assert {name: (mark["value"], mark["n"]) for name, mark in found.items() if name != "tags"} == {
        "score": (0.666667, 3), "slots": (1, 1), "slot_f1": (1, 1), "json_valid": (1, 1), "schema_valid": (1, 1),
        "exact": (0.5, 2)}
    assert {tag: mark["score"]["value"] for tag, mark in found["tags"].items()} == {"court": 0.5, "note": 0.666667}


def test_speed_counts_tokens_and_whole_answers():
    found = speed([answered(YES, "oui", seconds) for seconds in (0.1, 0.2, 0.4)])
    assert found["latency_ms"] == {"p50": 240, "p90": 480, "p99": 480}
    assert found["tokens_per_s"] == round(15 / 0.7, 1)
    assert found["prompt_tokens_per_s"] == round(30 / 0.14, 1)


def test_percentiles_are_values_that_were_seen():
    values = list(range(1, 101))
    assert [percentile(values, p) for p in (50, 90, 99)] == [50, 90, 99]
    assert percentile([7], 99) == 7


def test_some_questions_are_spread_over_the_suite():
    suite = [Question(str(n), "exact", "x", user="x") for n in range(10)]
    assert [question.id for question in spread(suite, 4)] == ["0", "2", "5", "7"]
    assert spread(suite, None) == spread(suite, 99) == suite


def test_thoughts_of_one_token_each_are_no_share():
    one = answered(YES, "oui")
    given = [replace(one, measures=one.measures | {"thought_tokens": 1.0})] * 5
    assert marks(given, seed=0)["thought_tokens"] == {"value": 1, "low": 1, "high": 1, "n": 5}
