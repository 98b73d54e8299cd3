"""How long the sandbox takes: a command that does nothing, alone and as an answer to a question with two trees.

    python bench/sandbox.py
"""
import statistics
import time
from collections.abc import Callable

from pillm.backends import sandbox
from pillm.serve.execution.judge import execution

ROUNDS = 50
QUESTION = {"trees": [{"files": {f"d/{n}.txt": "x\n" for n in range(20)}}] * 2, "stdout": ["20\n", "20\n"]}


def median_ms(call: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def main() -> None:
    if told := sandbox.missing():
        raise SystemExit(told)
    with sandbox.folder() as folder:
        print(f"true: {median_ms(lambda: sandbox.run('true', folder)):.0f} ms")
    print(f"an answer, two trees of 20 files: {median_ms(lambda: execution('ls d | wc -l', QUESTION)):.0f} ms")


if __name__ == "__main__":
    main()
