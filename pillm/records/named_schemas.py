"""Which schemas the records of a folder name, as they were: what reads the records by them depends on these too."""
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from pillm.backends import schema_files

FILE = "schemas.json"
"""Name → sha256 of its file; there is none where no record names a schema."""


def note(names: Iterable[str], records: Path) -> None:
    """Beside the records, so that they are others once a schema is."""
    files = {name: file for name in sorted(set(names)) if (file := schema_files.named(name))}
    found = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    if found:
        (records / FILE).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def carry(records: Path, out: Path) -> None:
    """To records that were made of these."""
    if (records / FILE).exists():
        shutil.copyfile(records / FILE, out / FILE)
