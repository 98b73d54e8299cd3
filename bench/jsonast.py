"""What the jsonast nano learns: by steps, and by size. Each line is a training from nothing, in JSON; then a table.
Or what its records say: `coverage` hears each again, and writes the table in dataset/jsonast/README.md.

    python bench/jsonast.py curve 300 600 1200 2400
    python bench/jsonast.py sizes --steps 1200
    python bench/jsonast.py coverage
    python bench/jsonast.py curve 100 200 --set derive.rows=500 --set evaluate.max_questions=20
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

RECIPE = "jsonast_nano"
STEPS = ["derive", "prepare", "label", "fetch", "sft", "gguf", "quantize", "prefer", "evaluate_schemas",
         "evaluate_phrasings", "evaluate_free", "evaluate"]
SUITES = {"dev": "evaluate", "schemas": "evaluate_schemas", "phrasings": "evaluate_phrasings",
          "schemas, free": "evaluate_free"}
SIZES = {"small": {"hidden": 128, "layers": 3, "heads": 4, "kv_heads": 4, "ffn": 352},
         "nano": {},
         "large": {"hidden": 256, "layers": 6, "heads": 8, "kv_heads": 8, "ffn": 704}}
"""Shapes beside the recipe's own; heads stay 32 wide."""
MEASURES = ("score", "schema_valid", "tree_similarity")


def run(name: str, steps: int, further: list[str]) -> dict[str, Any]:
    """One training with its scores."""
    words = [f"+recipe={RECIPE}", f"only=[{','.join(STEPS)}]", f"sft.training.max_steps={steps}",
             f"sft.training.eval_steps={max(1, steps // 4)}", *further]
    done = subprocess.run([sys.executable, "-m", "pillm", *words], stdout=sys.stderr, check=False)
    if done.returncode not in (0, 3):
        sys.exit(done.returncode)
    made = max(Path("runs", RECIPE).glob("*/run.json"), key=lambda file: file.stat().st_mtime)
    record = json.loads(made.read_text("utf-8"))["steps"]
    return {"name": name, "steps": steps, "parameters": record["fetch"]["metrics"]["parameters"],
            "records": record["prepare"]["metrics"]["rows"]["train"], "loss": _loss(made.parent),
            "mistakes": {key: record["prefer"]["metrics"][key] for key in ("asked", "wrong", "pairs", "errors")},
            "suites": {suite: _marks(made.parent / f"{step}.scores") for suite, step in SUITES.items()}}


def _loss(folder: Path) -> list[tuple[int, float]]:
    """(step, loss of the validation chats)."""
    lines = [json.loads(line) for line in (folder / "sft.losses").read_text("utf-8").splitlines()]
    return [(line["step"], round(line["eval_loss"], 4)) for line in lines if "eval_loss" in line]


def _marks(folder: Path) -> dict[str, Any]:
    """Of Q8_0: each measure with its 95 % interval, and the score by depth."""
    marks = json.loads((folder / "scores.json").read_text("utf-8"))["types"]["Q8_0"]
    found = {name: [round(marks[name][key], 4) for key in ("value", "low", "high")] for name in MEASURES
             if name in marks}
    depths = {tag: [round(told["score"]["value"], 4), told["score"]["n"]] for tag, told in marks.get("tags", {}).items()
              if tag.startswith("depth:")}
    return found | {"depths": depths}


def table(found: list[dict[str, Any]]) -> str:
    """A row a training: same tree / satisfies its schema / similarity, in percent."""
    lines = [" | ".join(["", "steps", "parameters", "loss", *SUITES])]
    for one in found:
        cells = [" / ".join(f"{100 * marks[name][0]:.0f}" for name in MEASURES if name in marks)
                 for marks in one["suites"].values()]
        lines.append(" | ".join([one["name"], f"{one['steps']:,}", f"{one['parameters']:,}",
                                 f"{one['loss'][-1][1]:.3f}", *cells]))
    return "\n".join(lines)


def coverage() -> None:
    """The README's table, from the records."""
    from pillm.records.languages import coverage

    readme = Path("dataset/jsonast/README.md")
    shares = coverage.shares(Path("dataset/jsonast/languages"), Path("dataset/jsonast/train.jsonl"))
    readme.write_text(coverage.placed(readme.read_text("utf-8"), shares), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["curve", "sizes", "coverage"])
    parser.add_argument("steps_of", nargs="*", type=int, help="curve: steps of each training")
    parser.add_argument("--steps", type=int, default=1200, help="sizes: steps of all")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--set", action="append", default=[], dest="further", help="key=value of the recipe")
    given = parser.parse_args()
    if given.what == "coverage":
        coverage()
        return
    if given.what == "curve":
        trainings = [(f"{steps} steps", steps, given.further) for steps in given.steps_of]
    else:
        trainings = [(size, given.steps, [*given.further, *(f"model.shape.{key}={value}" for key, value
                                                            in SIZES[size].items())]) for size in given.sizes]
    found = []
    for training in trainings:
        found.append(run(*training))
        print(json.dumps(found[-1]), flush=True)
    print(table(found))


if __name__ == "__main__":
    main()
