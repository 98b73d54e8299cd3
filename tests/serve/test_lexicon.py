"""The lexicon as it is shipped, and what is found by it."""
import re
from collections import Counter

import pytest

from pillm.serve import lexicon

KEYS = {"form", "also", "standard", "kind", "usage", "region", "inflects", "shared", "pattern", "careful", "note"}


def finds(form: str, text: str) -> bool:
    entry = next(entry for entry in lexicon.entries() if entry["form"] == form)
    return any(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) for pattern in lexicon.patterns(entry))


def test_entries_are_whole_and_each_form_stands_once() -> None:
    found = lexicon.entries()
    assert len(found) >= 600
    for entry in found:
        assert {"form", "standard", "kind", "usage"} <= entry.keys() <= KEYS, entry
        assert entry["kind"] in ("word", "expression", "spelling", "grammar"), entry
        assert entry["usage"] in ("courant", "familier", "vulgaire", "vieilli"), entry
        assert entry["standard"] and entry["form"] not in entry["standard"], entry
    forms = Counter((entry["form"], tuple(entry["standard"])) for entry in found)
    assert [form for form, times in forms.items() if times > 1] == []
    kinds = {"word": 350, "expression": 140, "spelling": 50, "grammar": 20}
    assert [kind for kind, least in kinds.items() if sum(entry["kind"] == kind for entry in found) < least] == []


def test_a_form_is_found_where_it_is_said_as_written() -> None:
    """Without a pattern of its own an entry finds its own form, and verbs their infinitive."""
    plain = [entry for entry in lexicon.entries() if "pattern" not in entry]
    missed = [form for entry in plain for form in (entry["form"], *entry.get("also", ()))
              if not finds(entry["form"], form)]
    assert missed == []


@pytest.mark.parametrize(("form", "text"), [
    ("pogner", "on s'est fait pogner"), ("pogner", "y pognent rien"), ("pogner", "J'ai pogné un ticket"),
    ("niaiseux", "des niaiseuses"), ("attacher sa tuque", "Attache ta tuque!"),
    ("lâcher la patate", "Lâche pas la patate"), ("péter sa coche", "j'ai pété ma coche"),
    ("prendre une débarque", "a pris une débarque"), ("faire la baboune", "tu fais la baboune"),
    ("avoir son voyage", "j'ai mon voyage"), ("blonde", "Ma blonde est là"), ("verbe + -tu", "Ça va-tu?"),
    ("verbe + -tu", "C'est-tu loin?"), ("verbe + -tu", "tu peux-tu"), ("pas, sans ne", "c'est pas grave"),
    ("dans l'", "dans l'char"), ("y fait", "Y fait frette"), ("pis", "toi pis moi")])
def test_inflected_and_spoken_forms_are_found(form: str, text: str) -> None:
    assert finds(form, text)


@pytest.mark.parametrize(("form", "text"), [
    ("blonde", "une bière blonde"), ("pis", "tant pis"), ("pis", "de mal en pis"), ("verbe + -tu", "Vas-tu bien?"),
    ("verbe + -tu", "Que veux-tu?"), ("pas, sans ne", "ce n'est pas grave"), ("pas, sans ne", "ne l'oublie pas"),
    ("y fait", "il y fait bon"), ("dans l'", "dans l'eau"), ("de même", "tout de même"), ("char", "le charme")])
def test_what_only_looks_like_it_is_not(form: str, text: str) -> None:
    assert not finds(form, text)
