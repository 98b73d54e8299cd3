"""Requests made per CPU second, and milliseconds for the grammar of one request.

    python bench/generate.py          # 60,000 rows; medians of five for the grammar
"""
import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path

from pillm.serve import spans
from pillm.stages.generate import GenerateConfig, generate

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "schemas" / "tool_calls.schema.json"
REQUEST = ("Heille, tu peux-tu me trouver un resto pas trop cher dans l'Plateau pour samedi soir, pis après ça écrire "
           "à Marie-Ève que j'vas arriver en retard vers sept heures et demie à cause du trafic")
CALLS = 200


def rows_per_cpu_s(rows: int) -> float:
    config = GenerateConfig(generator=ROOT / "dataset" / "quebecois" / "requests" / "rules", answer_schema=SCHEMA,
                            language="fr-CA", licence="CC-BY-4.0", rows=rows, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        generate.action(config, Path(folder) / "records", lambda *told, **figures: None)
        return rows / (time.process_time() - started)


def grammar_ms() -> float:
    schema = json.loads(SCHEMA.read_text("utf-8"))

    def once() -> float:
        started = time.perf_counter()
        for _ in range(CALLS):
            spans.grammar(REQUEST, schema)
        return (time.perf_counter() - started) / CALLS * 1000

    return statistics.median(once() for _ in range(5))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    print(f"requests per CPU s: {rows_per_cpu_s(parser.parse_args().rows):,.0f}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print(f"grammar of {len(REQUEST.split())} words: {grammar_ms():.2f} ms")
