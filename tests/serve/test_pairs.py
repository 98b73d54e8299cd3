import json

import pytest

from pillm.backends.llama_cpp.server import Completion
from pillm.errors import ConfigError
from pillm.serve import pairs
from pillm.serve.checkers import CHECKERS
from pillm.serve.exam import Answered, judged, marks, some
from pillm.serve.questions import Question, read

YES, NO = r"(?i)^(oui|vrai)\b(?!.*\bnon\b)", r"(?i)^(non|faux)\b(?!.*\boui\b)"


def question(pair: str, premise: bool, check: str = "regex", answer: object = None) -> Question:
    argument = {"pair": pair, "premise": premise, "check": check, "answer": answer or (YES if premise else NO)}
    return Question(f"{pair}-{premise}", pairs.NAME, argument, user=f"{pair}, {premise}?", tags=("premise",))


SUITE = [question(pair, premise) for pair in ("lune", "sel", "hiver") for premise in (True, False)]


def answered(suite: list[Question], answer) -> list[Answered]:
    given = [(one, answer(one)) for one in suite]
    return [Answered(one, Completion(text, 1, 1, 0.1, 0.1, -0.1, "eos"), judged(one, text)) for one, text in given]


def values(suite: list[Question], answer) -> dict[str, float]:
    return {name: mark["value"] for name, mark in marks(answered(suite, answer), 0).items() if name != "tags"}


def test_one_blanket_answer_is_half_right():
    for word, sides in (("Oui.", (1, 0)), ("Non, pantoute.", (0, 1))):
        assert values(SUITE, lambda _, word=word: word) == {
            "score": 0.5, "balanced_pair": 0.5, "premise_true": sides[0], "premise_false": sides[1],
            "balanced_accuracy": 0.5, "both_right": 0}


def test_an_answer_that_says_both_is_wrong_on_both_sides():
    assert values(SUITE, lambda _: "Oui et non.")["balanced_accuracy"] == 0
    assert values(SUITE, lambda _: "Non, mais oui.")["balanced_accuracy"] == 0


def test_who_knows_is_right_on_both():
    found = marks(answered(SUITE, lambda one: "Vrai." if one.answer["premise"] else "Faux."), 0)
    assert found["balanced_accuracy"] == found["both_right"]
    assert (found["balanced_accuracy"]["value"], found["balanced_accuracy"]["n"]) == (1, 3)
    assert found["tags"]["premise"]["balanced_accuracy"]["n"] == 3
    assert found["balanced_accuracy"]["low"] < 0.5, "three pairs prove little"


def test_the_interval_is_over_pairs_not_over_questions():
    found = marks(answered(SUITE, lambda one: "Oui." if one.answer["pair"] != "sel" else "Faux."), 0)
    assert (found["balanced_accuracy"]["n"], found["balanced_accuracy"]["value"]) == (3, 0.5)
    assert found["balanced_accuracy"]["low"] == 0.219251, "three pairs that are all alike, not six questions"
    assert (found["score"]["n"], found["score"]["low"] < 0.5) == (6, True)


def test_a_pair_that_is_not_whole_counts_no_balance():
    found = marks(answered(SUITE[:3], lambda _: "Oui."), 0)
    assert (found["balanced_accuracy"]["n"], found["score"]["n"]) == (1, 3)
    assert "balanced_accuracy" not in marks(answered(SUITE[:1], lambda _: "Oui."), 0)


def test_some_of_a_suite_has_whole_pairs():
    single = [Question(str(n), "exact", "x", user="x") for n in range(4)]
    mixed = [*SUITE[::2], *single, *SUITE[1::2]]
    assert some(mixed, None) == some(mixed, 10) == mixed
    for most in range(2, 10):
        chosen = some(mixed, most)
        found = [one.answer["pair"] for one in chosen if one.check == pairs.NAME]
        assert len(chosen) <= most
        assert all(found.count(pair) == 2 for pair in found)
    assert len(some(SUITE, 1)) == 2


def test_any_single_checker_can_judge_a_side():
    one = question("sel", True, "contains", ["sodium", "chlorure"])
    assert one.right == "sodium\nchlorure"
    assert judged(one, "Du chlorure de sodium.") == {"score": 1, "premise_true": 1}
    assert question("sel", True).right is None


@pytest.mark.parametrize("change", [
    {"check": "balanced_pair"}, {"check": "regexp"}, {"answer": "("}, {"premise": 1}, {"premise": None}, {"pair": 3},
    {"more": 1}])
def test_what_does_not_suit(change):
    good = SUITE[0].answer
    assert CHECKERS[pairs.NAME].suits(good)
    assert not CHECKERS[pairs.NAME].suits(good | change)
    assert not CHECKERS[pairs.NAME].suits({key: value for key, value in good.items() if key != "premise"})


def test_a_pair_without_its_other_half_is_told_with_its_line(tmp_path):
    file = tmp_path / "eval.jsonl"
    lines = [*SUITE[:3], question("neige", True), question("neige", True), *SUITE[4:]]
    distinct = [one.line | {"id": str(n)} for n, one in enumerate(lines)]
    file.write_text("".join(json.dumps(line) + "\n" for line in distinct), "utf-8")
    with pytest.raises(ConfigError) as error:
        read(file)
    assert str(error.value).splitlines() == [
        f"{file}:3: pair 'sel' has 1 true and 0 false premises. Give it one of each.",
        f"{file}:5: pair 'neige' has 2 true and 0 false premises. Give it one of each."]
