"""Two hundred SIGKILLs at random moments of a smoke recipe: the store must end with an uninterrupted run's bytes.

    python bench/kills.py [--kills 200] [--recipe quebecois_nano]
"""
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.kills import storm


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--recipe", default="quebecois_nano")
    parser.add_argument("--longest-s", type=float, default=40.0, help="a kill comes at most so late")
    asked = parser.parse_args()
    command = [sys.executable, "-m", "pillm", f"+recipe={asked.recipe}", "+caps=smoke"]
    with tempfile.TemporaryDirectory() as folder:
        tally = storm(command, Path(folder), kills=asked.kills, span_s=(0.5, asked.longest_s))
    print(tally)
    return not (tally.equal and tally.left == 0)


if __name__ == "__main__":
    sys.exit(main())
