"""A domain of one's own: the files that stand for one until its owner has replaced them."""
import re
from pathlib import Path

from pillm.errors import ConfigError

FOLDER = Path(__file__).with_suffix("")
NAME = re.compile("[a-z][a-z0-9_]*")
FILES = {
    "conf/domain/NAME.yaml": "domain.yaml",
    "dataset/NAME/train.jsonl": "train.jsonl",
    "dataset/NAME/eval.jsonl": "eval.jsonl",
    "dataset/NAME/card.yaml": "card.yaml",
    "recipes/NAME_nano.yaml": "nano.yaml",
    "recipes/NAME_qwen.yaml": "qwen.yaml",
}
"""Where each goes, where parts, recipes and data are looked for, and which of blank/ it is."""


def files(name: str) -> dict[Path, str]:
    """By path from the folder one stands in; raises ConfigError for a name that no file or key could have."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"command line: new={name}: a name is small letters, digits and _, a letter first. "
                          "Take another.")
    return {Path(place.replace("NAME", name)): (FOLDER / blank).read_text("utf-8").replace("NAME", name)
            for place, blank in FILES.items()}
