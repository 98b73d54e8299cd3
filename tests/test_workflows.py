"""The workflow files are what GitHub accepts, and call make targets that exist."""
import re
import subprocess
import sys

import yaml

from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_they_fit_githubs_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_they_call_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    steps = [step.get("run", "") for file in WORKFLOWS for job in yaml.safe_load(file.read_text())["jobs"].values()
             for step in job["steps"]]
    called = {target for text in steps for target in re.findall(r"^\s*make ([a-z]+)", text, flags=re.MULTILINE)}
    assert called == {"test", "report"}
    assert called <= targets
