"""CPU seconds of looking at a recipe, of a rerun with nothing changed, and of a sweep against its distinct steps.

    python bench/engine.py            # plan and rerun, medians of 7; then a three-rank sweep under caps=smoke
"""
import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path


def cpu_s(words: list[str], folder: Path) -> float:
    """User and system seconds of `python -m pillm …` and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "pillm", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def median(words: list[str], folder: Path, runs: int = 7) -> float:
    return statistics.median(cpu_s(words, folder) for _ in range(runs))


def sweep(recipe: str, folder: Path) -> dict[str, float | int]:
    """A sweep over three ranks against the CPU seconds of its distinct steps, as their manifests tell."""
    whole = cpu_s(["-m", f"+recipe={recipe}", "+caps=smoke", "sft.lora.rank=4,8,16"], folder)
    manifests = [json.loads(file.read_text()) for file in folder.glob("store/*/manifest.json")]
    jobs = [json.loads(file.read_text()) for file in folder.glob("runs/*/sweep-*/*/run.json")]
    ran = sum(not step["cached"] for job in jobs for step in job["steps"].values())
    distinct = sum(manifest["made"]["cpu_s"] for manifest in manifests)
    return {"sweep_cpu_s": round(whole, 1), "distinct_steps_cpu_s": round(distinct, 1),
            "ratio": round(whole / distinct, 3), "steps_run": ran, "distinct_steps": len(manifests)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="quebecois_tinyllama")
    recipe = parser.parse_args().recipe
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = [f"+recipe={recipe}", "+caps=smoke"]
        print(json.dumps({"plan_cpu_s": round(median([*words, "plan=true"], folder), 3)}))
        print(json.dumps(sweep(recipe, folder)))
        cpu_s(words, folder)
        print(json.dumps({"rerun_cpu_s": round(median(words, folder), 3)}))


if __name__ == "__main__":
    main()
