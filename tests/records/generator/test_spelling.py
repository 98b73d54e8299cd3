"""Requests are spelled as French is, wherever one piece ends and the next begins."""

import pytest

from pillm.records.generator.french import BEFORE, elided, elides
from pillm.records.generator.noise import Noise, Piece, write_cleanly
from pillm.records.generator.read import read
from pillm.records.generator.spelling import spell
from tests.conftest import ROOT

NOISE = read(ROOT / "dataset" / "quebecois" / "requests" / "rules").noise


def spelled(*texts: str) -> str:
    pieces = [Piece(text) for text in texts]
    spell(pieces)
    return "".join(piece.text for piece in pieces)


def written(*texts: str, noise: Noise = NOISE) -> str:
    pieces = [Piece(text) for text in texts]
    write_cleanly(pieces, noise)
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize("head", ["été", "Émile", "hygiéniste", "Harmonium", "Hélène", "hiver", "y a", "Yvon"])
def test_mute_h_and_vowels_elide(head: str) -> None:
    assert elides(head)


@pytest.mark.parametrize("head", ["haricots", "hot-dog", "Haute-Yamaska", "huit", "onze", "yoga", "salon", "8 h", ""])
def test_aspirated_h_and_consonants_do_not(head: str) -> None:
    assert not elides(head)


def test_words_before_follow() -> None:
    said = {name: BEFORE[name]("hygiéniste", False, None)[0] for name in ("le", "de", "que")}
    assert said == {"le": "l'", "de": "d'", "que": "qu'"}
    assert BEFORE["le"]("hockey", False, None)[0] == "le "


@pytest.mark.parametrize(("text", "right"), [
    ("parce que il pleut", "parce qu'il pleut"), ("puisque on gèle", "puisqu'on gèle"),
    ("Lorsque Annie  vient", "Lorsqu'Annie  vient"), ("vu que y'est tard", "vu qu'y'est tard"),
    ("que onze heures", "que onze heures"), ("que huit amis", "que huit amis"), ("quelque ami", "quelque ami"),
    ("comme elle", "comme elle"), ("chaque année", "chaque année"),
])
def test_que_elides(text: str, right: str) -> None:
    assert elided(text) == right


@pytest.mark.parametrize(("pieces", "right"), [
    (("fait que ", "on gèle"), "fait qu'on gèle"), (("est-ce que", " ", "on peut"), "est-ce qu'on peut"),
    (("vu que ", "", " il pleut"), "vu qu'il pleut"), (("parce que ", "le chat dort"), "parce que le chat dort"),
    (("mets ", "quinze", "° ", "ici"), "mets 15° ici"), (("vingt et un °C",), "21 °C"),
    (("quinze", " degrés"), "quinze degrés"), (("T°", " à soir"), "T° à soir"),
])
def test_pieces_are_spelled_together(pieces: tuple[str, ...], right: str) -> None:
    assert spelled(*pieces) == right


def test_what_is_copied_stays_a_piece() -> None:
    pieces = [Piece("dis que "), Piece("on arrive", copied=True)]
    spell(pieces)
    assert [piece.text for piece in pieces] == ["dis qu'", "on arrive"]


@pytest.mark.parametrize(("pieces", "right"), [
    (("mets 20", ". ", "pis", " allume"), "Mets 20. Pis allume"), (("mets ça! écris-le",), "Mets ça! Écris-le"),
    (("appelle M. roy",), "Appelle M. roy"), (("à 7 h 30 AM. ", " lève-moi"), "À 7 h 30 AM.  Lève-moi"),
    (("attends... mets",), "Attends... mets"),
])
def test_sentences_begin_with_a_capital(pieces: tuple[str, ...], right: str) -> None:
    assert written(*pieces) == right


@pytest.mark.parametrize(("text", "asks"), [
    ("peux-tu mettre ça à l'agenda", True), ("à quelle heure ça ferme", True), ("va-t-il neiger à 17:30", True),
    ("le lac est gelé. c'est-tu vrai", True), ("c'est-tu gelé? mets 20", False),
    ("mon rendez-vous chez le notaire jeudi", False), ("j'ai-tu de la place jeudi, mets-le à l'agenda", False),
    ("combien y fait dehors: dis-le", False),
])
def test_only_what_ends_in_a_question_asks(text: str, asks: bool) -> None:
    assert written(text).endswith("?") == asks


def test_of_several_requests_the_last_says_whether_it_asks() -> None:
    for last, asks in (("peux-tu fermer", True), ("ferme", False)):
        pieces = [Piece("va-t-il neiger"), Piece(" pis ", joins=True), Piece(last)]
        write_cleanly(pieces, NOISE)
        assert pieces[-1].text == ("?" if asks else "")
