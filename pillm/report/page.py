"""Templates: everything that goes into a page is escaped, unless it is a picture of our own."""
import shlex
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


@cache
def environment() -> Environment:
    """HTML is escaped, Markdown is not; a name that is missing raises."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True,
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False))
    made.filters["quote"] = shlex.quote
    return made
