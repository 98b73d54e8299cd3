"""`python -m tests.golden` writes down the stages' versions and defaults, once a stage's version was raised."""
import json
from pathlib import Path

from pillm.config.defaults import defaults
from pillm.engine import registry
from pillm.engine.digest import key_of

FILE = Path(__file__).parent / "reference" / "stage_defaults.json"
Golden = dict[str, dict[str, str]]
"""stage → its version, and the sha256 of its defaults."""


def now() -> Golden:
    """Of the stages as they are; those of other packages are not ours to watch."""
    ours = (name for name, entry in registry.offers().items() if entry.value.startswith("pillm."))
    stages = {name: registry.load(name) for name in ours}
    return {name: {"version": stage.version, "defaults": key_of(defaults(stage.config))}
            for name, stage in stages.items()}


def recorded() -> Golden:
    return json.loads(FILE.read_text("utf-8"))


def changed(before: Golden, after: Golden) -> list[str]:
    """What was changed without a word to those who have results of the former defaults."""
    found = []
    for name, stage in after.items():
        known = before.get(name)
        if known is None:
            found.append(f"{name}: a new stage. Run python -m tests.golden.")
        elif known["version"] != stage["version"]:
            found.append(f"{name}: version {known['version']} is now {stage['version']}. Run python -m tests.golden.")
        elif known["defaults"] != stage["defaults"]:
            found.append(f"{name}: its defaults changed, and its version is still {stage['version']}. Take the change "
                         f"back, or raise version= in pillm/stages/{name}.py and run python -m tests.golden.")
    gone = sorted(before.keys() - after.keys())
    return found + [f"{name}: no such stage any more. Run python -m tests.golden." for name in gone]


if __name__ == "__main__":
    FILE.write_text(json.dumps(now(), indent=1) + "\n", "utf-8")
    print(f"{FILE}: written")
