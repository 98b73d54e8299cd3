"""Markdown and HTML as blocks: what is kept, what is left out, and on which line it stands."""
import pytest

from pillm.backends import html_pages, markdown
from pillm.backends.blocks import Block

MARKDOWN = """---
title: not text
---
# The pump

It moves *water*
and `air`.

- `--fast`: twice the speed
- a plain item

| a | b |
|---|---|
| 1 | 2 |

To start it, run:

```sh
pump start
```

## When it leaks
Close the valve.
"""
HTML = """<html><head><title>The pump</title><style>p {}</style></head><body>
<nav><a href="/">home</a></nav>
<h1>The pump<a href="#p">¶</a></h1>
<p>It moves <em>water</em><br>and <code>air</code>.</p>
<ul><li>one</li><li>two <p>deeper</p></li></ul>
<dl><dt><code>--fast</code></dt><dt>-f</dt><dd>twice the speed</dd></dl>
<pre>pump start
pump stop
</pre>
<script>evil()</script>
<div>loose <b>words</b><p>a paragraph</p>after it</div>
<table><tr><td>1</td></tr></table>
</body></html>"""


def test_markdown():
    assert list(markdown.blocks(MARKDOWN)) == [
        Block("heading", "The pump", 4, level=1),
        Block("paragraph", "It moves water and `air`.", 6),
        Block("term", "twice the speed", 9, term="--fast"),
        Block("item", "a plain item", 10),
        Block("paragraph", "To start it, run:", 16),
        Block("code", "pump start", 19),
        Block("heading", "When it leaks", 22, level=2),
        Block("paragraph", "Close the valve.", 23)]


def test_html():
    page = html_pages.page(HTML.encode())
    assert page.blocks == [
        Block("heading", "The pump", 3, level=1),
        Block("paragraph", "It moves water and `air`.", 4),
        Block("item", "one", 5), Block("item", "two", 5), Block("paragraph", "deeper", 5),
        Block("term", "twice the speed", 6, term="--fast, -f"),
        Block("code", "pump start\npump stop", 7),
        *(Block("paragraph", text, 11) for text in ("loose words", "a paragraph", "after it"))]
    assert page.title == "The pump"


@pytest.mark.parametrize(("octets", "encoding", "said"), [
    ("<p>déjà vu".encode(), None, "déjà vu"),
    ('<meta charset="iso-8859-1"><p>déjà vu'.encode("latin-1"), None, "déjà vu"),
    ("<p>déjà vu".encode("cp1252"), "cp1252", "déjà vu"),
    ("<p>déjà vu".encode("utf-16"), "utf-16", "déjà vu"),
    (b"<p>never closed <b>bold", None, "never closed bold")])
def test_html_in_any_encoding_and_state(octets, encoding, said):
    assert [block.text for block in html_pages.page(octets, encoding).blocks] == [said]


@pytest.mark.parametrize("octets", [b"<!-- nothing -->", b"<html></html>", b"\x00\x01", b"<" * 50])
def test_what_is_hardly_html_has_nothing_and_breaks_nothing(octets):
    assert [block.kind for block in html_pages.page(octets).blocks] in ([], ["paragraph"])


def test_deep_html_is_read():
    deep = b"<div>" * 240 + b"<p>at the bottom</p>" + b"</div>" * 240
    assert [block.text for block in html_pages.page(deep).blocks] == ["at the bottom"]
