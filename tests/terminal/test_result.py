"""The table that a run ends with."""
from typing import Any

from pillm.terminal.result import files, suites


def evaluated(suite: str, score: float) -> dict[str, Any]:
    def marks(octets: int) -> dict[str, Any]:
        return {"bytes": octets, "score": {"value": score, "low": score - 0.1, "high": score + 0.1, "n": 40}}

    return {"stage": "evaluate", "identity": {"config": {"eval": suite}, "inputs": {}},
            "metrics": {"questions": 40, "f16": marks(2_000_000), "Q8_0": marks(1_000_000)}}


RECORD = {"steps": {"evaluate_test": evaluated("b", 0.5), "evaluate_free": evaluated("a", 0.6),
                    "evaluate": evaluated("a", 0.7), "bench": {"stage": "bench", "metrics": {}}}}


def test_files_of_the_questions_that_count() -> None:
    rows = files(RECORD)
    assert [(row["step"], row["file"], row["score"]) for row in rows] == [
        ("evaluate_free", "f16", "60.0%"), ("evaluate_free", "Q8_0", "60.0%"),
        ("evaluate", "f16", "70.0%"), ("evaluate", "Q8_0", "70.0%")]


def test_further_suites_are_a_line_each() -> None:
    assert suites(RECORD) == [{"suite": "test", "questions": "40", "score": "50.0%", "95 %": "40% to 60%"}]


def test_nothing_was_evaluated() -> None:
    assert files({"steps": {}}) == suites({"steps": {}}) == []
