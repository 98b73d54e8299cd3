"""A rendered page's indentation says what is what."""
import pytest

from pillm.backends.blocks import Block
from pillm.records.gather import manual
from tests.reference.pages import RENDERED


def test_a_page_as_blocks():
    assert list(manual.blocks(RENDERED)) == [
        Block("heading", "NAME", level=1), Block("paragraph", "pump - move water"),
        Block("heading", "SYNOPSIS", level=1), Block("paragraph", "pump [OPTION]... WELL"),
        Block("heading", "DESCRIPTION", level=1),
        Block("paragraph", "Moves water out of a well."), Block("paragraph", "Wells are closed afterwards."),
        Block("term", "empty the well to its ground\n\nIt takes an hour.", term="-a, --all"),
        Block("term", "say nothing at all", term="-q"), Block("term", "do so with much noise", term="--very"),
        Block("heading", "Wells", level=2), Block("paragraph", "A well has a name."), Block("item", "It is deep."),
        Block("paragraph", "To list them, run:"), Block("code", "pump --list\npump --list --all"),
        Block("code", "NAME\nDEPTH  of the well"),
        Block("heading", "EXAMPLES", level=1), Block("code", "first line\nsecond line")]


def test_what_is_no_page_has_no_blocks():
    assert list(manual.blocks("")) == list(manual.blocks("one\ntwo\n")) == []


@pytest.mark.parametrize(("line", "block"), [
    ("-abcde empty it", Block("term", "empty it", term="-abcde")), ("-c     count", Block("term", "count", term="-c")),
    ("During the night it rests", Block("paragraph", "During the night it rests")),
    ("Before you start, look", Block("paragraph", "Before you start, look"))])
def test_a_term_on_the_line_of_its_explanation(line, block):
    assert list(manual.blocks(f"P(1)\n\nOPTIONS\n       {line}\n\nend\n"))[1:] == [block]


@pytest.mark.parametrize(("tag", "block"), [
    ("--remote=<file>   - Name the pump", Block("term", "- Name the pump\nof the well", term="--remote=<file>")),
    ("-a  or  --all", Block("term", "of the well", term="-a  or  --all")),
    ("-a  --all", Block("term", "of the well", term="-a  --all")),
    ("--save   file", Block("term", "of the well", term="--save   file")),
    ("-input file", Block("term", "of the well", term="-input file")),
    ("well   deep", Block("term", "of the well", term="well   deep"))])
def test_an_explanation_that_begins_on_the_line_of_its_term(tag, block):
    assert list(manual.blocks(f"P(1)\n\nOPTIONS\n       {tag}\n              of the well\n\nend\n"))[1:] == [block]


def test_a_line_that_leads_to_something_is_no_term():
    page = "P(1)\n\nEXAMPLES\n       Examples:\n              pump -a\n\n       * -x   go\n\nend\n"
    assert [block.term for block in manual.blocks(page)] == ["", "", "", ""]


def test_an_example_at_the_margin():
    page = "P(1)\n\nEXAMPLES\n       To list them, run:\n\n       pump --list\n\n       All is well.\n\nend\n"
    assert list(manual.blocks(page))[1:] == [Block("paragraph", "To list them, run:"), Block("code", "pump --list"),
                                             Block("paragraph", "All is well.")]
