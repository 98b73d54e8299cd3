import pytest

from pillm.records.duplicates import plain, stance, tokens, twins
from pillm.records.write import copies


@pytest.mark.parametrize(("one", "other", "equal"), [
    ("Allume la lumière!", "allume  la LUMIERE", True), ("«Ça va»?", "ca va", True),
    ("ls > a", "ls >> a", False), ("à 7 h", "à 8 h", False), ("ls -l", "ls -L", True),
])
def test_what_is_asked_is_compared_without_case_accents_and_ends(one, other, equal):
    assert (plain(one) == plain(other)) == equal


@pytest.mark.parametrize(("one", "other", "equal"), [
    ('{"a": 1, "b": "É"}', '{"b":"e","a":1}', True), ('{"a": 1}', '{"a": 2}', False), ("Oui.", "oui", True),
    ("Oui.", "Non.", False),
])
def test_what_is_answered_is_compared_as_json_or_text(one, other, equal):
    given, otherwise = (stance([("user", "Dis"), ("assistant", text)]) for text in (one, other))
    assert given[0] == otherwise[0]
    assert (given[1] == otherwise[1]) == equal


def test_another_system_prompt_and_other_terms_are_another_question():
    asked = [stance(told, terms)[0] for told, terms in (
        ([("user", "Dis"), ("assistant", "a")], ""), ([("user", "Dis"), ("assistant", "a")], "tool_calls"),
        ([("system", "Rime."), ("user", "Dis"), ("assistant", "a")], ""))]
    assert len(set(asked)) == 3


def test_what_is_like_one_that_went_is_compared_with_the_one_that_stays():
    looked_at: list[tuple[int, int]] = []

    def alike(later: int, earlier: int) -> bool:
        looked_at.append((later, earlier))
        return later - earlier < 3

    found = twins([(1, 0), (2, 1), (2, 0), (3, 2), (3, 1), (3, 0), (4, 3), (4, 2)], alike)
    assert found == {1: 0, 2: 0, 4: 3}
    assert looked_at == [(1, 0), (2, 0), (3, 0), (4, 3)]


def test_tokens_are_words_and_pairs():
    assert tokens("a b a") == {"a", "b", "a b", "b a"}


@pytest.mark.parametrize("weight", [0.25, 0.5, 1, 1.7, 3])
def test_a_weight_is_kept_on_average_and_each_record_keeps_its_own(weight):
    places = range(1 << 63, 1 << 64, (1 << 63) // 5000)  # those that train have high places
    times = [copies(place, weight) for place in places]
    assert sum(times) / len(times) == pytest.approx(weight, abs=0.02)
    assert set(times) <= {int(weight), int(weight) + 1}
