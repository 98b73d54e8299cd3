"""What a gather of manual pages takes and yields: `python bench/gather.py 500 ['gcloud*']` (pages, names left out)."""
import sys
import tempfile
import time
from pathlib import Path

from pillm.stages.gather import TEMPLATES, GatherConfig, gather

TEACHER = {"kind": "gold", "model": None, "base_url": None, "api_key_env": None, "temperature": 0, "top_p": 1,
           "max_tokens": 1, "batch_size": 1, "concurrency": 1, "seed": 0}


def main(most: int, without: list[str]) -> None:
    man = {"sections": ["1", "8"], "without": without, "most": most}
    config = GatherConfig.model_validate(TEACHER | {"sources": [{"man": man}], "language": "en", "licence": "mixed",
                                                    "templates": TEMPLATES})
    with tempfile.TemporaryDirectory() as folder:
        (work := Path(folder) / "work").mkdir()
        began = time.monotonic()
        found = gather.action(config, records=Path(folder) / "records", work=work, progress=lambda *_, **__: None)
        seconds = time.monotonic() - began
    pages = found["sources"]["man"]
    print(f"{pages['units']} pages in {seconds:.0f} s: {pages['passages']:,} passages, {found['rows']:,} records")
    for reason, count in found["left_out"].items():
        print(f"{count:7,}  {reason}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
