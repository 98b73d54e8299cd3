"""What is asked of a term has one answer in its document, and a first sentence stands for one term."""
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pillm.records.gather.passage import Aside, Found, Passage
from pillm.records.text import collapsed

AGAIN = "explained more than once"


def distinct(found: Sequence[Found]) -> Iterator[Found]:
    """Passages of one document: a term that has several explanations is set aside, and of a sentence that several
    terms begin with is not asked which term it is."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    terms: defaultdict[str, set[str]] = defaultdict(set)
    for each in found:
        if isinstance(each, Passage) and "term" in each.slots:
            term = each.slots["term"]
            texts[term].add(collapsed(each.text))
            terms[_sentence(each)].add(term)
    for each in found:
        if not isinstance(each, Passage) or "term" not in each.slots:
            yield each
        elif (count := len(texts[each.slots["term"]])) > 1:
            yield Aside(each.place, AGAIN, f"{each.slots['term']} has {count} explanations", each.text)
        elif len(terms[_sentence(each)]) > 1:
            yield replace(each, slots={**each.slots, "first": ""})
        else:
            yield each


def _sentence(passage: Passage) -> str:
    return collapsed(passage.slots["first"]).casefold()
