"""What a step took and what it left out, in one line: of stages whose metrics count both."""
from collections import Counter
from typing import Any

from pillm.engine.done import Done
from pillm.words import listed

LEFT_OUT = "rejected.jsonl"


def taken(done: Done) -> str:
    """`27 train, 3 validation, 0 test; 4 left out: not JSON 3, duplicate 1 (prepare.records/rejected.jsonl)`, or
    nothing; the file is that of the run's folder."""
    metrics = done.manifest["metrics"]
    if not {"rows", "left_out"} <= metrics.keys():
        return ""
    rows = metrics["rows"] if isinstance(metrics["rows"], dict) else {"rows": metrics["rows"]}
    kept = ", ".join(f"{number:,} {name}" for name, number in rows.items())
    left_out = Counter({reason: _total(counts) for reason, counts in metrics["left_out"].items()})
    if not left_out:
        return f"{kept}; none left out"
    told = listed([f"{reason} {number:,}" for reason, number in left_out.most_common()], by=", ")
    return f"{kept}; {left_out.total():,} left out: {told}{_file(done)}"


def _total(counts: Any) -> int:
    """Of a reason; some stages count it by task or language."""
    return sum(counts.values()) if isinstance(counts, dict) else counts


def _file(done: Done) -> str:
    found = next((port for port, made in done.outputs.items() if (made.path / LEFT_OUT).exists()), None)
    return f" ({done.name}.{found}/{LEFT_OUT})" if found else ""
