"""Records per second through prepare, and its memory: `python bench/prepare.py [ROWS …]`.

Each case runs in a process of its own. The records are short (12 words asked, 15 answered), all different. Printed:
CPU seconds, records per CPU second and peak memory, beside plain json.loads of the same file.
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

from pillm.stages.prepare import PrepareConfig, prepare

CASES: dict[str, dict[str, Any]] = {
    "json.loads": {},
    "equal duplicates": {"near_duplicate": None, "eval": None},
    "and eval questions": {"near_duplicate": None},
    "and near duplicates": {},
}
QUESTIONS = 200


def corpus(folder: Path, rows: int) -> None:
    """records.jsonl and eval.jsonl."""
    draw = random.Random(0)
    words = ["".join(draw.choices(string.ascii_lowercase + "éèà", k=draw.randint(2, 9))) for _ in range(20_000)]
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        for n in range(rows):
            record = {"user": " ".join(draw.choices(words, k=12)), "assistant": " ".join(draw.choices(words, k=15)),
                      "tags": ["abcde"[n % 5]], "lang": "fr", "source": "synthetic"}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    with (folder / "eval.jsonl").open("w", encoding="utf-8") as file:
        for n in range(QUESTIONS):
            question = {"id": str(n), "user": " ".join(draw.choices(words, k=12)), "check": "exact", "answer": "x"}
            file.write(json.dumps(question, ensure_ascii=False) + "\n")


def measured(case: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak MiB of this process."""
    begun = time.process_time()
    if case == "json.loads":
        with (folder / "records.jsonl").open("rb") as file:
            for line in file:
                json.loads(line)
    else:
        given = {"files": [folder / "records.jsonl"], "eval": folder / "eval.jsonl", "system": None,
                 "answer_schema": None, "seed": 0}
        with tempfile.TemporaryDirectory() as work:
            prepare.action(PrepareConfig(**given | CASES[case]), generated={}, records=Path(work) / "records",
                           work=Path(work), progress=lambda *_, **__: None)
    return time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        print(*measured(sys.argv[2], Path(sys.argv[3])))
        return
    for rows in map(int, sys.argv[1:] or ["100000"]):
        with tempfile.TemporaryDirectory() as folder:
            corpus(Path(folder), rows)
            for case in CASES:
                command = [sys.executable, __file__, "--case", case, folder]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                seconds, mib = map(float, told.split())
                print(f"{rows:>9,} {case:<20} {seconds:7.1f} s {rows / seconds:>9,.0f}/s {mib:6.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
