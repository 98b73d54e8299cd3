"""Requests that differ in their literals only have one skeleton."""
import json

import pytest

from pillm.backends.json_schema import schema
from pillm.records.skeleton import alike, masks, skeleton
from pillm.records.text import words
from pillm.serve.questions import Question

SCHEMA = schema("tool_calls")


def put(text: str, *calls: dict) -> str:
    return skeleton(words(text), list(calls), masks(SCHEMA))


def note(text: str) -> dict:
    return {"tool": "note", "text": text}


@pytest.mark.parametrize(("one", "other"), [
    (("Écris-moi donc que la bouilloire coule.", note("la bouilloire coule")),
     ("ecris moi donc que Léo dort", note("Léo dort"))),
    (("Sors-moi du lit jeudi à sept heures et d'mie", {"tool": "alarm", "time": "07:30"}),
     ("sors moi du lit, fin de semaine, 14h15!", {"tool": "alarm", "time": "14:15"})),
    (("Sors-moi du lit à minuit moins quart", {"tool": "alarm"}), ("Demain sors-moi du lit", {"tool": "alarm"})),
    (("Fais donc de la clarté dans la salle de bain", {"tool": "light", "room": "salle de bain", "state": "on"}),
     ("Fais donc de la clarté dans la cuisine", {"tool": "light", "room": "cuisine", "state": "on"})),
    (("Wake me up at half past seven", {"tool": "alarm"}), ("Wake me up at noon", {"tool": "alarm"})),
], ids=["copied", "day and time", "times elsewhere", "enumeration", "English"])
def test_literals_do_not_matter(one: tuple, other: tuple) -> None:
    assert put(*one) == put(*other)


@pytest.mark.parametrize(("one", "other"), [
    (("Écris donc que ça coule", note("ça coule")), ("Marque donc que ça coule", note("ça coule"))),
    (("Le bébé dort, mets une alarme", {"tool": "alarm"}), ("Mets une alarme, le bébé dort", {"tool": "alarm"})),
    (("Note: du lait", note("du lait")), ("Un dentiste demain", {"tool": "calendar", "title": "dentiste"})),
    (("mets du lait à 7h", note("du lait")), ("à 7h du lait mets", note("du lait"))),
], ids=["words", "their order", "the tool's name", "few words: places too"])
def test_what_is_said_around_them_does(one: tuple, other: tuple) -> None:
    assert put(*one) != put(*other)


def test_only_whole_words_are_literals_and_the_longest_first() -> None:
    assert put("Marque donc art pis artisan", note("art")) == "marque donc pis artisan"
    calls = ({"tool": "calendar", "title": "souper"}, note("souper chez Line"))
    assert put("Écris donc vite souper chez Line", *calls) == "ecris donc vite"


def test_few_words_keep_the_places_of_literals() -> None:
    assert put("Mets 20 h 15 le dentiste", {"tool": "calendar", "title": "dentiste"}) == "mets # le #"
    assert put("7h", {"tool": "alarm"}) == "#"
    assert skeleton([], [], masks(None)) == ""


QUESTIONS = [
    Question("slots", "slots", [note("du lait")], user="Écris donc vite du lait"),
    Question("any", "one_of", [json.dumps([note("Line")]), json.dumps([note("chez Line")])],
             user="Garde-moi donc ça chez Line"),
    Question("text", "contains", "Québec", user="Quelle est donc ta ville?"),
    Question("turns", "slots", [note("du sel")], messages=(
        {"role": "user", "content": "Bonjour"}, {"role": "assistant", "content": "Oui?"},
        {"role": "user", "content": "Barbouille donc vite du sel"})),
]


@pytest.mark.parametrize(("text", "answer", "question"), [
    ("écris donc vite du pain", json.dumps([note("du pain")]), "slots"),
    ("Garde-moi donc ça chez Paul", json.dumps([note("Paul")]), "any"),
    ("Garde-moi donc ça avec Paul", json.dumps([note("avec Paul")]), "any"),
    ("Barbouille donc vite du poivre", json.dumps([note("du poivre")]), "turns"),
    ("Écris donc plus tard du pain", json.dumps([note("du pain")]), ""),
    ("écris donc vite du lait", "C'est noté.", ""),
    ("écris donc vite du lait", "[pas du JSON", ""),
    ("Quelle est donc ta ville?", "[]", ""),
])
def test_a_question_put_alike_is_found_where_both_answers_are_json(text: str, answer: str, question: str) -> None:
    assert alike(QUESTIONS, SCHEMA)(words(text), answer, None) == question
