"""JSON as models read and write it here."""
import json
from typing import Any


def compact(value: Any) -> str:
    """Without spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
