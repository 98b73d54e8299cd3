"""Which column of a table is what."""
import pytest

from pillm.records.gather.mapping import found, mistakes, unknown
from pillm.records.gather.passage import Aside, Passage, Ready

ROW = {"q": " Why? ", "a": "Because.", "unit": 3, "tags": "x, y", "chat": '[{"role": "user", "content": "Hi"}]',
       "empty": "", "none": None, "bad": "\udce9"}


@pytest.mark.parametrize(("columns", "made"), [
    ({"user": "q", "assistant": "{a} ({unit})"}, {"user": "Why?", "assistant": "Because. (3)"}),
    ({"user": "q", "tags": "tags", "licence": "none"}, {"user": "Why?", "tags": ["x", "y"]}),
    ({"messages": "chat"}, {"messages": [{"role": "user", "content": "Hi"}]})])
def test_a_row_as_a_record(columns, made):
    assert found(ROW, "t.csv:2", columns) == Ready("t.csv:2", made)


def test_a_row_as_a_passage():
    passage = found(ROW, "t.csv:2", {"title": "q", "text": "a"})
    assert passage == Passage("section", "Why?\nBecause.", "t.csv:2",
                              {"title": "Why?", "heading": "", "text": "Because."})


@pytest.mark.parametrize(("columns", "reason"), [
    ({"user": "question"}, "missing column"), ({"user": "empty"}, "empty column"), ({"user": "none"}, "empty column"),
    ({"messages": "q"}, "column is not JSON"), ({"user": "q", "assistant": "bad"}, "not text in its encoding")])
def test_a_row_that_cannot_be_used_is_told(columns, reason):
    aside = found(ROW, "t.csv:2", columns)
    assert isinstance(aside, Aside)
    assert (aside.place, aside.reason) == ("t.csv:2", reason)


@pytest.mark.parametrize(("columns", "told"), [
    ({"user": "q"}, []), ({"assistant": "a"}, ["they name no user"]),
    ({"user": "qq"}, ["there is no column qq. Did you mean 'q'?"]),
    ({"user": "{q} {zz}"}, ["there is no column zz."]),
    ({"usr": "q", "user": "q"}, ["a record has no such field. Did you mean 'user'?"])])
def test_mistakes_are_told_before_a_row_is_read(columns, told):
    said = [line for _, line in (*mistakes(columns), *unknown(columns, ["q", "a"]))]
    assert len(said) == len(told)
    assert all(want in line for want, line in zip(told, said, strict=True))
