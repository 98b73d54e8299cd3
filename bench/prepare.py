"""Records per second through prepare, and its memory: `python bench/prepare.py [ROWS …] [CASE …]`.

Each case runs in a process of its own. The records are short (12 words asked, 15 answered), all different, but for one
in a hundred that differs from an earlier one in one word. Printed: CPU seconds, records per CPU second, peak memory.
"""
import json
import random
import resource
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pillm.records import accept, read
from pillm.stages.prepare import PrepareConfig, prepare

PREPARED: dict[str, dict[str, Any]] = {
    "prepare, bare": {"near_duplicate": None, "eval": None, "private": [], "contradictions": None,
                      "length_times": None},
    "and hygiene": {"near_duplicate": None, "eval": None},
    "and eval questions": {"near_duplicate": None},
    "and near duplicates": {},
}
OPTIONAL = ("assistant", "system_hint", "lang", "source", "licence", "tool_name", "goal")
QUESTIONS = 200


def corpus(folder: Path, rows: int) -> None:
    """records.jsonl and eval.jsonl."""
    draw = random.Random(0)
    words = ["".join(draw.choices(string.ascii_lowercase + "éèà", k=draw.randint(2, 9))) for _ in range(20_000)]
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        asked: list[str] = []
        answered: list[str] = []
        for n in range(rows):
            if n % 100 == 99:
                answered = [*answered[:-1], "autrement"]
            else:
                asked, answered = draw.choices(words, k=12), draw.choices(words, k=15)
            record = {"user": " ".join(asked), "assistant": " ".join(answered),
                      "tags": ["abcde"[n % 5]], "lang": "fr", "source": "synthetic"}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    with (folder / "eval.jsonl").open("w", encoding="utf-8") as file:
        for n in range(QUESTIONS):
            question = {"id": str(n), "user": " ".join(draw.choices(words, k=12)), "check": "exact", "answer": "x"}
            file.write(json.dumps(question, ensure_ascii=False) + "\n")


class Plain(BaseModel):
    """A record, as one would write it down in pydantic."""

    model_config = ConfigDict(extra="allow", strict=True)

    user: str = Field(pattern=r"\S")
    assistant: str | None = None
    system_hint: str | None = None
    tags: list[str] = []
    lang: str | None = None
    source: str | None = None
    licence: str | None = None
    tool_name: str | None = None
    goal: str | None = None
    requires_json: bool = False


def by_json(file: Path) -> None:
    """json.loads, and checks by hand."""
    with file.open("rb") as lines:
        for line in lines:
            record = json.loads(line)
            good = isinstance(record, dict) and isinstance(record.get("user"), str) and record["user"].strip()
            good = good and all(isinstance(record.get(name, ""), str) for name in OPTIONAL)
            good = good and isinstance(record.get("tags", []), list) and all(
                isinstance(tag, str) for tag in record.get("tags", []))
            if not good or not isinstance(record.get("requires_json", False), bool):
                raise ValueError(line)


def by_pydantic(file: Path) -> None:
    with file.open("rb") as lines:
        for line in lines:
            Plain.model_validate_json(line)


def as_read(file: Path) -> None:
    """What prepare does to each line at least: strict JSON without doubled keys, NFC, the record's JSON Schema."""
    for _ in accept.usable(read.rows(read.Source(0, file, file.name), print), None, print):
        pass


ALONE = {"json and hand checks": by_json, "pydantic": by_pydantic, "read and judged": as_read}


def measured(case: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak MiB of this process."""
    begun = time.process_time()
    if case in ALONE:
        ALONE[case](folder / "records.jsonl")
    else:
        given = {"files": [folder / "records.jsonl"], "eval": folder / "eval.jsonl", "system": None,
                 "answer_schema": None, "seed": 0}
        with tempfile.TemporaryDirectory() as work:
            prepare.action(PrepareConfig(**given | PREPARED[case]), generated={}, records=Path(work) / "records",
                           work=Path(work), progress=lambda *_, **__: None)
    return time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        print(*measured(sys.argv[2], Path(sys.argv[3])))
        return
    cases = [word for word in sys.argv[1:] if not word.isdigit()] or [*ALONE, *PREPARED]
    if unknown := [case for case in cases if case not in ALONE | PREPARED]:
        sys.exit(f"{unknown[0]}: no such case. There are: {', '.join(ALONE | PREPARED)}.")
    for rows in [int(word) for word in sys.argv[1:] if word.isdigit()] or [100_000]:
        with tempfile.TemporaryDirectory() as folder:
            corpus(Path(folder), rows)
            for case in cases:
                command = [sys.executable, __file__, "--case", case, folder]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                seconds, mib = map(float, told.split())
                print(f"{rows:>9,} {case:<20} {seconds:7.1f} s {rows / seconds:>9,.0f}/s {mib:6.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
