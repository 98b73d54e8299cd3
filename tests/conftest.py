"""Fixtures that all rooms share."""
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
QUIET = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONHASHSEED": "0"}
os.environ |= QUIET
signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell that starts a job in the background has it ignore Ctrl-C, and children inherit that: tests interrupt."""


@dataclass(frozen=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which pip has installed another package with stages, a part and a recipe."""
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(ROOT / "tests" / "foreign")],
                   check=True, capture_output=True)
    return target


Cli = Callable[..., Told]


@pytest.fixture
def cli(foreign: Path, tmp_path: Path) -> Cli:
    """`python -m pillm …` in an empty folder, with the foreign package installed beside."""
    environment = os.environ | {"PYTHONPATH": str(foreign), "COLUMNS": "200"}

    def call(*words: str, folder: Path = tmp_path, **more: str) -> Told:
        done = subprocess.run([sys.executable, "-m", "pillm", *words], cwd=folder, env=environment | more,
                              capture_output=True, text=True, timeout=600, check=False)
        return Told(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A weights folder of a model part (`tinyllama`, `qwen`, …) at its tiny shape, built once a session."""
    folder = tmp_path_factory.mktemp("tiny")

    def build(part: str) -> Path:
        import yaml

        from pillm.backends.scratch import build as scratch
        from pillm.shape import Shape

        out = folder / part
        if not out.exists():
            values = yaml.safe_load((ROOT / "conf" / "model" / f"{part}.yaml").read_text("utf-8"))
            lines = (ROOT / "tests" / "data" / "corpus.txt").read_text("utf-8").splitlines()
            scratch.build(values["family"], Shape(**values["tiny"]), lines, out, context=512)
        return out

    return build


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where PILLM_MOST_SKIPS is set (CI, which has every optional tool), more skips than that fail the suite."""
    skipped = terminalreporter.stats.get("skipped", [])
    for report in skipped:
        terminalreporter.write_line(f"skipped {report.nodeid}: {report.longrepr[-1]}")
    most = os.environ.get("PILLM_MOST_SKIPS")
    if most is not None and len(skipped) > int(most):
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, at most {most} may be", red=True)
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED
