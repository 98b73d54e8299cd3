"""How long a request takes: its span grammar, and its answer in llama.cpp with and without it, one thread.

    python bench/requests.py Q8_0.gguf dataset/quebecois/requests/dev.jsonl tool_calls
"""
import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from pillm.backends.json_schema import schema as named
from pillm.serve import spans
from pillm.serve.chat import Chat, Decoding, Style
from pillm.serve.questions import Question, read

WORDS = 30
"""Of the long request whose grammar is timed."""
ROUNDS = 5


def median_ms(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found)


def answered_ms(gguf: Path, asked: list[Question], decoding: Decoding, schema: str) -> dict[str, float]:
    """Median and 99th percentile over the questions of the median of some rounds each."""
    with Chat(gguf, Style(None, decoding, schema), context=512, threads=1) as chat:
        took = sorted(median_ms(lambda text=one.user: chat.ask(text)) for one in asked)
    return {"median": round(statistics.median(took), 2), "p99": round(took[int(0.99 * (len(took) - 1))], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("schema")
    given = parser.parse_args()
    asked = read(given.questions)
    schema = named(given.schema)
    words = " ".join(one.user for one in asked).split()[:WORDS]
    grammar_ms = median_ms(lambda: spans.grammar(" ".join(words), schema), 200)
    print(json.dumps({"grammar_of_30_words_ms": round(grammar_ms, 3)}))
    for decoding in ("free", "spans"):
        print(json.dumps({"decoding": decoding, "answer_ms": answered_ms(given.gguf, asked, decoding, given.schema)}))


if __name__ == "__main__":
    main()
