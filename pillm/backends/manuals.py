"""What this machine's manual pages say: which options and words a tool documents."""
import gzip
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

SECTIONS = "1:8:5:7"
MARKUP = re.compile(r"\\f\(..|\\f\[\w*\]|\\f.|\\[&/,|^:]|\\%")
"""Fonts and marks without width."""
FLAG = re.compile(r"\bFl (?=\w)")
"""An option in mdoc."""
INCLUDE = re.compile(r"^\.so (\S+)", re.MULTILINE)


def missing() -> str | None:
    """Why no manual can be read here, with the remedy; None if they can."""
    return None if shutil.which("man") else "manual pages cannot be read. Install man-db and the pages of the tools."


@cache
def page(name: str) -> str:
    """Its source as plain text, good enough to look options up in; empty where there is no such page."""
    if missing():
        return ""
    found = subprocess.run(["man", "-w", "-S", SECTIONS, name], capture_output=True, text=True, check=False)
    return _plain(Path(found.stdout.split("\n")[0])) if found.returncode == 0 else ""


def _plain(file: Path) -> str:
    """Rendering would be a hundred times as slow."""
    text = _read(file)
    if included := INCLUDE.search(text):
        return page(Path(included[1]).name.partition(".")[0])
    return FLAG.sub("-", MARKUP.sub("", text.replace("\\-", "-").replace("\\(hy", "-")))


def _read(file: Path) -> str:
    octets = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return octets.decode(errors="replace")
