"""Every suite that is shipped is sound: right answers pass, what knows nothing does not. Some are sealed: sums only."""
import re
import shutil
from pathlib import Path

import pytest
import yaml

from pillm.serve import examining, questions
from pillm.serve.checkers import CHECKERS
from tests.conftest import ROOT

MOST = {"empty": 0.02, "echo": 0.1, "shuffled": 0.1, "constant": 1 / 3}
"""Over all suites of a domain; a domain whose suites ask when to refuse lets a blanket refusal pass there."""

TOOLS = ("rsync", "jq")
"""What commands use that not every machine has; CI does."""


def judgeable(question: questions.Question) -> bool:
    """On this machine: what runs commands is there, and the commands are."""
    used = [tool for tool in TOOLS if question.check == "execution" and re.search(rf"\b{tool}\b", str(question.right))]
    return CHECKERS[question.check].missing() is None and all(map(shutil.which, used))


def suites(domain: Path) -> dict[str, Path]:
    part = yaml.safe_load(domain.read_text("utf-8"))
    return {name: ROOT / file for name, file in ({"dev": part["eval"]} | part.get("suites", {})).items()}


EXAMINED = [file for file in sorted((ROOT / "conf" / "domain").glob("*.yaml")) if "\neval: " in file.read_text("utf-8")]


@pytest.mark.parametrize("domain", EXAMINED, ids=lambda file: file.stem)
def test_who_knows_passes_and_who_does_not_fails(domain: Path) -> None:
    found = examining.all_examined({name: [question for question in questions.read(file) if judgeable(question)]
                                    for name, file in suites(domain).items()})
    for name, figures in found.items():
        amiss = {kind: len(figures[kind]) for kind in ("wrong_gold", "without_gold")}
        assert (name, figures["gold"], amiss) == (name, 1, {"wrong_gold": 0, "without_gold": 0})
    whole = found["all" if len(found) > 1 else "dev"]
    assert {name: whole[name] for name, most in MOST.items() if whole[name] > most} == {}
