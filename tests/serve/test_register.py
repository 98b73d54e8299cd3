"""The checker `register`: joual, careful French, and what is neither."""
import pytest

from pillm.serve.arguments import is_register
from pillm.serve.register import marks, register

JOUAL = [
    "Ben là, chus pas mal tanné, pis y fait frette en titi.",
    "Heille, t'as-tu vu mon char? Y'est pogné dans l'banc de neige.",
    "C'est-tu toé qui as pris ma tuque? Envoye, donne-moi-la.",
    "J'ai eu d'la misère à m'lever à matin, chus brûlé ben raide.",
]
CAREFUL = [
    "Je ne peux pas venir ce soir : ma voiture ne démarre pas.",
    "Auriez-vous l'obligeance de me rappeler? Je vous en saurais gré.",
    "Nous sommes très heureux de vous accueillir; n'hésitez pas à nous écrire.",
    "Est-ce que cela vous convient, ou est-ce qu'il faut attendre?",
]
NEITHER = [
    "", "42", "[]", '[{"tool":"none"}]', "Un chat dort sur le divan.",
    "The party starts at eight, bring cash and a full tank of gas. Check the bill, boss.",
    "El jueves vamos a la casa y no hay nada que hacer.", "Obrigado, mas não posso ir hoje.",
    "Wir fahren morgen nach Hause, so ist es.",
]


def score(text: str, want: str, least: int = 2) -> float:
    return register(text, {"want": want, "least": least})["score"]  # type: ignore[typeddict-item]


@pytest.mark.parametrize("text", JOUAL)
def test_joual_is_joual_and_not_careful(text: str) -> None:
    assert (score(text, "quebecois"), score(text, "standard", 1)) == (1, 0)


@pytest.mark.parametrize("text", CAREFUL)
def test_careful_french_is_careful_and_not_joual(text: str) -> None:
    assert (score(text, "standard"), score(text, "quebecois", 1)) == (1, 0)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_in_no_register_is_wrong_either_way(text: str) -> None:
    assert (score(text, "quebecois"), score(text, "standard")) == (0, 0)


def test_standard_words_of_quebec_are_no_joual() -> None:
    text = "Nous soupons chez vous en fin de semaine; n'oubliez ni les tuques ni les mitaines du dépanneur."
    assert marks(text)["quebecois"] == set()
    assert score(text, "standard") == 1


def test_one_word_again_and_again_is_one_mark() -> None:
    assert register("chus chus chus", {"want": "quebecois", "least": 2}) == {"score": 0, "share": 1}


def test_one_slip_in_four_is_forgiven_and_no_more() -> None:
    three = "Chus tanné, pis y fait frette"
    assert score(three, "quebecois", 3) == 1
    assert score(f"{three}; cela nous suffit, n'insistez pas, veuillez sortir.", "quebecois", 3) == 0


def test_typographic_apostrophes_and_case_do_not_matter() -> None:
    assert marks("Y’A PAS D’TROUBLE")["quebecois"] == marks("y'a pas d'trouble")["quebecois"] != set()


@pytest.mark.parametrize("value", [{"want": "quebecois", "least": 3}, {"want": "standard", "least": 1}])
def test_what_can_be_asked(value: object) -> None:
    assert is_register(value)


@pytest.mark.parametrize("value", [None, "quebecois", {}, {"want": "quebecois"}, {"want": "joual", "least": 1},
                                   {"want": "standard", "least": 0}, {"want": "standard", "least": True},
                                   {"want": "standard", "least": 1.0}, {"want": ["standard"], "least": 1},
                                   {"want": "standard", "least": 1, "most": 3}])
def test_what_cannot(value: object) -> None:
    assert not is_register(value)
