"""A rendered page's indentation says what is what."""
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


def test_an_example_at_the_margin():
    page = "P(1)\n\nEXAMPLES\n       To list them, run:\n\n       pump --list\n\n       All is well.\n\nend\n"
    assert list(manual.blocks(page))[1:] == [Block("paragraph", "To list them, run:"), Block("code", "pump --list"),
                                             Block("paragraph", "All is well.")]
