"""What pip has installed: versions and entry points, each looked up once."""
import re
from functools import cache
from importlib.metadata import EntryPoints, PackageNotFoundError, distribution, entry_points

VERSION = re.compile(r"^Version: *(\S+)", re.MULTILINE)


@cache
def version(name: str) -> str | None:
    """Of a distribution; None where it is not installed.

    From the head of its metadata: `importlib.metadata.version` parses all of it, readme and all, as an e-mail (5 ms).
    """
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    head = VERSION.search(found.read_text("METADATA") or "")
    return head[1] if head else found.version


@cache
def offers(group: str) -> EntryPoints:
    """The entry points of all packages in a group."""
    return _all().select(group=group)


@cache
def _all() -> EntryPoints:
    return entry_points()  # type: ignore[return-value]  # typeshed's, for Python before 3.12
