from dataclasses import replace

from pillm.serve.checkers import CHECKERS
from pillm.serve.examining import ANSWERERS, SLOW_CONSTANTS, SLOW_DEALS, all_examined, answered, examined
from pillm.serve.questions import Question

NAMES = ["lait", "pain", "beurre", "miel", "sel", "poivre", "riz", "thé"]
NOTES = [Question(name, "slots", [{"tool": "note", "text": f"du {name}"}], user=f"Note du {name}", tags=("note",))
         for name in NAMES]
SUMS = [Question(f"sum{n}", "number", n + 7, user=f"{n} plus 7?", tags=("sum", "short")) for n in range(8)]


def figures(questions: list[Question]) -> dict[str, float]:
    found = examined(questions)
    return {name: found[name] for name in ANSWERERS if name in found}


def test_a_sound_suite_is_passed_by_who_knows_alone():
    assert figures(NOTES + SUMS) == {"gold": 1, "empty": 0, "constant": 1 / 16, "echo": 1 / 16, "shuffled": 0}


def test_echo_passes_where_the_question_has_its_answer():
    leaky = [Question("a", "contains", "Rimouski", user="Rimouski est-il au bord du fleuve?"),
             Question("b", "regex", "(?i)non", user="Est-ce une tradition?"),
             Question("c", "exact", "oui", user="Oui?")]
    found = examined(leaky)
    assert found["echo_passes"] == ["a"]
    assert found["echo"] == round(1 / 3, 4)


def test_a_blanket_answer_is_found_by_suite_and_by_tag():
    outside = [Question(f"o{n}", "slots", [{"tool": "none"}], user="Raconte", tags=("none",)) for n in range(8)]
    found = all_examined({"notes": NOTES, "outside": outside})
    assert (found["outside"]["constant"], found["outside"]["shuffled"]) == (1, 1)
    assert found["all"]["constant"] == 0.5
    assert found["all"]["tags"]["none"]["constant"] == 1
    assert found["all"]["tags"]["note"]["constant"] == 0
    assert 0.1 < found["all"]["shuffled"] < 0.5
    assert found["notes"] == examined(NOTES)


def test_a_right_answer_that_is_refused_is_named_and_one_that_is_missing_too():
    odd = [Question("good", "regex", r"^\d+ h$", user="Quand?", gold="7 h"),
           Question("bad", "regex", r"^\d+ h$", user="Quand?", gold="à 7 h"),
           Question("none", "regex", r"^\d+ h$", user="Quand?"),
           Question("shape", "slots", [{"tool": "note"}], user="Note", schema={"type": "object"})]
    found = examined(odd)
    assert (found["wrong_gold"], found["without_gold"]) == (["bad", "shape"], ["none"])
    assert found["gold"] == round(2 / 3, 4)
    assert found["checkers"]["regex"] | {"gold": 0.5, "questions": 3} == found["checkers"]["regex"]


def test_without_golds_there_is_nothing_to_shuffle():
    assert figures([Question("a", "regex", "x", user="a?")]) == {
        "empty": 0, "constant": 0, "echo": 0}
    assert "shuffled" not in figures(NOTES[:1])


def test_answers_that_are_dealt_to_others_never_stay():
    sheet = answered([Question(str(n), "exact", str(n), user="?") for n in range(3)], seed=4)
    assert sheet["shuffled"] == [0, 0, 0]
    assert sheet == answered([Question(str(n), "exact", str(n), user="?") for n in range(3)], seed=4)


def test_pairs_hold_a_blanket_answer_to_half():
    pairs = [Question(f"{n}{premise}", "balanced_pair", user="?", gold="Oui." if premise else "Non.", answer={
        "pair": str(n), "premise": premise, "check": "regex", "answer": "^Oui" if premise else "^Non"})
        for n in range(6) for premise in (True, False)]
    found = figures(pairs)
    assert (found["gold"], found["constant"]) == (1, 0.5)
    assert 0.2 < found["shuffled"] < 0.8


def test_a_stock_phrase_is_tried_as_a_blanket_answer():
    doubts = [Question(str(n), "regex", "(?i)sais pas", user="Qui?", gold=f"Je ne sais pas, {n}.") for n in range(4)]
    pairs = [Question(f"{n}{premise}", "balanced_pair", user="Vrai?", gold=f"{said}, {n}.", answer={
        "pair": str(n), "premise": premise, "check": "regex", "answer": f"^{said}"})
        for n in range(4) for premise, said in ((True, "Oui"), (False, "Non"))]
    assert figures(doubts)["constant"] == 1
    assert figures(pairs)["constant"] == 0.5


def test_where_judging_takes_long_few_blanket_answers_are_tried(monkeypatch):
    judged = []
    monkeypatch.setitem(CHECKERS, "exact", replace(CHECKERS["exact"], slow=True, measure=lambda answer, wanted: (
        judged.append(answer), {"score": float(answer == wanted)})[1]))
    commands = [Question(str(n), "exact", f"ls {n}", user="Liste") for n in range(10)]
    assert figures(commands)["constant"] == 0.1
    assert len(judged) == 10 * (len(["gold", "empty", "echo"]) + SLOW_CONSTANTS + SLOW_DEALS)
