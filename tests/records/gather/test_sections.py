"""Blocks of a document as passages, each with its parts."""
import pytest

from pillm.backends.blocks import Block
from pillm.records.gather import plain
from pillm.records.gather.passage import Aside, Passage
from pillm.records.gather.sections import Document, passages, sentences, shortened, spoken

DOCUMENT = Document("The pump", lambda block, heading: f"pump.md:{block.line}", 80)
LONG = "A sentence that is much longer than an answer may be, so that there is nothing that could be kept of it at all"


def made(*blocks: Block) -> list:
    return list(passages(DOCUMENT, blocks))


def test_a_section_is_its_paragraphs_as_far_as_they_go():
    first, rest = made(Block("heading", "Wells", 1, level=1), Block("heading", "Deep ones", 2, level=2),
                       Block("paragraph", "They are deeper than a house is high.", 3),
                       Block("item", "they are dark", 4),
                       Block("paragraph", "Nobody has seen the ground of some of them.", 5))
    assert first == Passage("section", "Wells > Deep ones\nThey are deeper than a house is high.\n\n- they are dark",
                            "pump.md:3", {"title": "The pump", "heading": "Deep ones", "opening": "The pump",
                                          "text": "They are deeper than a house is high.\n\n- they are dark"})
    assert (rest.kind, rest.place, rest.slots["text"]) == (
        "rest", "pump.md:5", "Nobody has seen the ground of some of them.")


def test_only_the_first_section_opens_its_document():
    found = made(Block("paragraph", "It moves water.", 1), Block("heading", "More", 2, level=1),
                 Block("paragraph", "It moves air too.", 3))
    assert ["opening" in passage.slots for passage in found] == [True, False]


def test_options_and_terms():
    option, term, short, long = made(
        Block("term", "Empties the well. It takes an hour.", 1, term="-a, --all"),
        Block("term", "what water comes out of", 2, term="well"), Block("term", "see well", 3, term="hole"),
        Block("term", LONG, 4, term="-x"))
    assert (option.kind, option.slots["term"], option.slots["first"]) == ("option", "-a, --all", "Empties the well")
    assert (term.kind, term.slots["text"]) == ("term", "what water comes out of")
    assert (short.reason, long.reason) == ("too short", "too long")


@pytest.mark.parametrize(("term", "text", "first"), [
    ("--all", "Empties it. Slowly.", "Empties it"), ("-a", "- one\n\n- two", "- one\n\n- two"),
    ("--all, --no-all", "Empties it or not at all.", ""), ("-a", "Normally, wells are closed. It opens them.", ""),
    ("-a", "By default nothing is said.", ""), ("-a", "as --all, but in silence", ""),
    ("-a", "Input is read from the well.", ""), ("-a", "The output file is the well.", ""),
    ("-a", "If none is given, all are.", ""), ("-a", "Items are counted.", "Items are counted"),
    ("--color[=WHEN]", "Colours the water WHEN", ""), ("--color=WHEN", "Colours it WHEN", "Colours it WHEN"),
    ("--all", f"Empties {'what it holds and ' * 10}more.", "")])
def test_what_tells_no_option_apart_is_not_asked_the_other_way_round(term, text, first):
    document = Document("The pump", lambda block, heading: "", 400)
    (found,) = passages(document, [Block("term", text, 1, term=term)])
    assert (found.slots["text"], found.slots["first"]) == (text, first)


def test_a_term_has_one_explanation_in_its_document():
    found = made(Block("term", "empties the well", 1, term="-a"), Block("term", "opens the old well", 2, term="-b"),
                 Block("heading", "List", 3, level=1), Block("term", "lists all wells", 4, term="-a"),
                 Block("term", "opens the  old well", 5, term="-b"))
    assert [(each.reason, each.told) for each in found if isinstance(each, Aside)] == [
        ("explained more than once", "-a has 2 explanations")] * 2
    assert [each.slots["first"] for each in found if isinstance(each, Passage)] == [
        "opens the old well", "opens the  old well"]


def test_a_sentence_that_several_terms_begin_with_tells_none():
    found = made(Block("term", "Empties the well. Slowly.", 1, term="-a"),
                 Block("term", "Empties the well. At once.", 2, term="-b"),
                 Block("term", "Opens the well.", 3, term="-c"))
    assert [each.slots["first"] for each in found] == ["", "", "Opens the well"]


@pytest.mark.parametrize(("heading", "reason"), [
    ("EXAMPLES", "term among examples"), ("Example:", "term among examples"), ("OPTIONS", "")])
def test_a_term_among_examples_is_a_command(heading, reason):
    (found,) = made(Block("heading", heading, 1, level=1), Block("heading", "Deep", 2, level=2),
                    Block("term", "empties the old well", 3, term="pump old"))
    assert getattr(found, "reason", "") == reason


@pytest.mark.parametrize("taken", [Block("code", "pump -a", 2), Block("term", "empties the old well", 2, term="-a"),
                                   Block("code", "pump -a\n" * 20, 2)])
def test_prose_is_whole_without_what_is_taken_out(taken):
    found = made(Block("paragraph", "There are many wells. These are the ways to empty them:", 1), taken,
                 Block("paragraph", "and then they are empty.", 3), Block("paragraph", "All is well.", 4),
                 Block("paragraph", "even at night.", 5))
    assert found[-1].slots["text"] == "There are many wells.\n\nAll is well.\n\neven at night."
    assert [each.text for each in found if getattr(each, "reason", "") == "goes on from what was taken out"] == [
        "and then they are empty."]


def test_a_paragraph_may_begin_with_the_name_of_its_program():
    document = Document("pump", lambda block, heading: "", 80)
    found = list(passages(document, [Block("term", "empties the old well", 1, term="-a"),
                                     Block("paragraph", "pump is silent.", 2)]))
    assert found[-1].slots["text"] == "pump is silent."


@pytest.mark.parametrize(("heading", "said"), [
    ("Wells > Deep ones", "Deep ones"), ("EXIT STATUS", "exit status"), ("NOTES > DNS", "DNS"), ("Input settings:",
                                                                                              "Input settings")])
def test_a_heading_as_one_speaks_of_it(heading, said):
    assert spoken(heading) == said


@pytest.mark.parametrize(("text", "kept"), [
    ("It is deep.  It is dark.", "It is deep. It is dark."), ("It is deep. See the section below.", "It is deep."),
    ("It is deep. These are the ways:", "It is deep."), ("It is deep.\n\n- as said above", "It is deep.")])
def test_an_answer_stands_alone(text, kept):
    (found,) = made(Block("heading", "Wells", 1, level=1), Block("paragraph", text, 2))
    assert found.slots["text"] == kept


def test_nothing_is_left_of_what_refers_elsewhere():
    (found,) = made(Block("paragraph", "All of this was said above.", 1))
    assert isinstance(found, Aside) and "elsewhere" in found.told


@pytest.mark.parametrize(("lead", "goal"), [
    ("To empty the well, run:", "empty the well"), ("If you want to see the ground, type this:", "see the ground"),
    ("For example, to list all wells:", "list all wells"), ("To list wells, define this:", ""),
    ("To start:", ""), ("This is how it is done:", "")])
def test_an_example_says_what_it_is_for(lead, goal):
    found = made(Block("paragraph", f"There are wells. {lead}", 1), Block("code", "pump -a", 2))[0]
    if lead == "To start:":
        assert found.reason == "code that nothing leads to"
    else:
        assert (found.kind, found.slots["lead"], found.slots["goal"], found.slots["code"]) == (
            "code", lead[:-1], goal, "pump -a")


def test_what_leads_to_an_example_is_told_with_it_only():
    example, section = made(Block("paragraph", "There are many wells. To empty one, run:", 1),
                            Block("code", "pump -a", 2), Block("paragraph", "To see it, look:", 3),
                            Block("code", "look", 4))[::2]
    assert (example.kind, section.slots["text"]) == ("code", "There are many wells.")


@pytest.mark.parametrize("blocks", [
    [Block("code", "pump -a", 1)], [Block("paragraph", "No colon ends this.", 1), Block("code", "pump -a", 2)],
    [Block("paragraph", "It is done so:", 1), Block("heading", "New", 2, level=1), Block("code", "pump -a", 3)]])
def test_code_that_nothing_leads_to_is_set_aside(blocks):
    aside = next(found for found in made(*blocks) if isinstance(found, Aside) and found.text == "pump -a")
    assert aside.reason == "code that nothing leads to"


def test_a_heading_that_asks_is_answered_by_its_section():
    found, = made(Block("heading", "Wells", 1, level=1), Block("heading", "Are they deep?", 2, level=2),
                  Block("paragraph", "Most of them are.", 3))
    assert (found.kind, found.slots["heading"], found.slots["text"]) == ("faq", "Are they deep?", "Most of them are.")


@pytest.mark.parametrize(("text", "longest", "kept"), [
    ("One. Two. Three.", 10, "One. Two."), ("One.\n\nTwo.", 30, "One.\n\nTwo."), ("One.\n\nTwo and more.", 8, "One."),
    (LONG, 80, ""), ("See (here.) Then there.", 12, "See (here.)")])
def test_shortened_to_whole_sentences(text, longest, kept):
    assert shortened(text, longest) == kept


def test_sentences_end_where_they_end():
    assert sentences("Use e.g. Debian, by J. Doe. It works! Does it? Yes.") == [
        "Use e.g. Debian, by J. Doe.", "It works!", "Does it?", "Yes."]


TEXT = """\
The pump
========

It moves water
out of wells.

2.1 Starting it

  To start it, run::

      pump -a
      pump -b

- the first
  of all
- the second

Q: Is it loud?
A: Not at all.

WHEN IT LEAKS

Close it.
"""


def test_plain_text_as_blocks():
    assert list(plain.blocks(TEXT)) == [
        Block("heading", "The pump", 1, level=1), Block("paragraph", "It moves water out of wells.", 4),
        Block("heading", "Starting it", 7, level=2), Block("paragraph", "To start it, run:", 9),
        Block("code", "pump -a\npump -b", 11), Block("item", "the first of all", 14), Block("item", "the second", 16),
        Block("heading", "Is it loud?", 18, level=3), Block("paragraph", "Not at all.", 19),
        Block("heading", "WHEN IT LEAKS", 21, level=2), Block("paragraph", "Close it.", 23)]
