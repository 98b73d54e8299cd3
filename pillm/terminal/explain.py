"""`explain=KEY`: the value, where it comes from, what it means."""
from rich.console import Console
from rich.markup import escape

from pillm.config.compose import Composed
from pillm.config.meaning import meaning


def show(console: Console, composed: Composed, key: str) -> None:
    """Raises ConfigError for a key the recipe does not have."""
    found = meaning(composed, key)
    console.print(f"[bold]{found.key}[/] = {escape(repr(found.value))}", highlight=False)
    console.print(f"  from   {escape(found.origin)}", highlight=False)
    console.print(f"  type   {escape(found.kind)}", highlight=False)
    if found.told:
        console.print(f"  means  {escape(' '.join(found.told.split()))}", highlight=False)
