import pytest

from pillm.records.contamination import asked, near
from pillm.records.text import words
from pillm.serve.questions import Question

ASKED = {"plateau": "Tu peux-tu me trouver un resto pas cher dans l'Plateau?", "timer": "Pars un timer de 10 minutes",
         "alarm": "Réveille-moi demain à 7h pile", "short": "Ça va?"}
QUESTIONS = [Question(name, "exact", "x", user=text) for name, text in ASKED.items()]
LONG = " ".join(f"mot{n} autre{n} chose{n}" for n in range(300))


def found(*turns: tuple[str, str]) -> str:
    return near(QUESTIONS, 0.8)([(role, words(text)) for role, text in turns])


@pytest.mark.parametrize(("text", "question"), [
    (ASKED["plateau"], "plateau"),
    ("TU PEUX TU ME TROUVER UN RESTO PAS CHER DANS L PLATEAU", "plateau"),
    ("tu peux-tu me trouvér un resto pas chèr dans l’Plateau ?!", "plateau"),
    ("Tu peux-tu me trouver un restto pas cher dans l'Plateau", "plateau"),
    ("Dis donc, tu peux-tu me trouver un resto pas cher dans l'Plateau, s'il te plaît?", "plateau"),
    (f"{LONG} tu peux-tu me trouver un resto pas cher dans l'Plateau {LONG}", "plateau"),
    ("Réveille moi demain à 7 h pile", "alarm"),
    ("ca va", "short"),
    ("Pars un timer de 15 minutes", ""),
    ("Tu peux-tu me trouver une pharmacie ouverte dans Rosemont?", ""),
    ("Bonjour, ça va? Peux-tu m'aider?", ""),
    (LONG, ""),
], ids=["equal", "case", "accents", "typo", "inside", "inside a long text", "spacing", "short and equal",
        "another number", "another slot", "short and inside", "long and other"])
def test_an_eval_question_is_found_in_what_the_user_says(text, question):
    assert found(("user", text)) == question


def test_an_eval_question_is_found_in_an_answer_and_in_a_later_turn():
    assert found(("user", "Donne un exemple"), ("assistant", f"Par exemple : «{ASKED['timer']}»")) == "timer"
    assert found(("user", "Bonjour"), ("assistant", "Oui?"), ("user", "ÇA VA")) == "short"
    assert found(("user", "Bonjour"), ("assistant", "Ça va?")) == ""


def test_wherever_a_question_stands_in_a_long_text_it_is_found():
    filler = LONG.split()
    for place in range(60):
        text = " ".join([*filler[:place], ASKED["plateau"], *filler[place:]])
        assert found(("user", text)) == "plateau"


def test_of_several_turns_the_longest_is_what_is_asked():
    turns = ({"role": "user", "content": "Allô"}, {"role": "assistant", "content": "Un bien long discours pour rien"})
    assert asked(Question("q", "exact", "x", messages=turns, user="Quel temps fait-il?")) == "Quel temps fait-il?"


def test_without_questions_nothing_is_near():
    assert near([], 0.8)([("user", words("Ça va?"))]) == ""
