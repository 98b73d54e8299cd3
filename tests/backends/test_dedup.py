import random

from pillm.backends.dedup import NearDuplicates, jaccard

WORDS = [f"mot{n}" for n in range(500)]


def tokens(text: str) -> set[str]:
    return set(text.split())


def texts(count: int) -> list[str]:
    draw = random.Random(1)
    return [" ".join(draw.sample(WORDS, 20)) for _ in range(count)]


def changed(text: str, words: int) -> str:
    return " ".join(["autre"] * words + text.split()[words:])


def test_what_is_near_an_earlier_text_is_found_under_its_name():
    first = texts(300)
    near = [changed(text, 1) for text in first]
    met = NearDuplicates(tokens, 0.9)
    assert met.add(first, list(range(300))) == [None] * 300
    assert met.add(near, list(range(300, 600))) == list(range(300))


def test_only_what_reaches_the_threshold_counts():
    text = texts(1)[0]
    alike = changed(text, 3)
    similarity = jaccard(tokens(text), tokens(alike))
    for threshold, found in ((similarity, 0), (similarity + 0.01, None)):
        assert NearDuplicates(tokens, threshold).add([text, alike], [0, 1]) == [None, found]


def test_a_near_duplicate_is_not_compared_with_later_texts():
    chain = [changed(texts(1)[0], n) for n in range(5)]
    met = NearDuplicates(tokens, 0.88)
    found = met.add(chain, list(range(5)))
    kept = [n for n, twin in enumerate(found) if twin is None]
    assert all(found[n] in kept for n in range(5) if n not in kept)


def test_batches_change_nothing():
    some = texts(50)
    mixed = [text for pair in zip(some, (changed(text, 1) for text in some), strict=True) for text in pair]
    whole = NearDuplicates(tokens, 0.9).add(mixed, list(range(100)))
    piecemeal = NearDuplicates(tokens, 0.9)
    assert [piecemeal.add([text], [n])[0] for n, text in enumerate(mixed)] == whole


def test_texts_without_words_are_alike():
    assert NearDuplicates(tokens, 0.9).add(["", ""], [7, 8]) == [None, 7]
