"""What the manuals show is generated, composes, or runs."""
import ast
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pillm.cli import main
from pillm.config import editor, reference
from tests.conftest import ROOT, Cli

DOCS = ROOT / "docs"
EXAMPLE = DOCS / "example"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
OWN = DOCS / "own-domain.md"
"""Its commands build on each other, from an empty folder on."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|\| )python -m pillm\b(.*)")
ONLY_WHEN_RUN = ("show=", "only=", "from=", "force=")
"""What needs earlier steps to be there: left out, the rest must compose."""


def blocks(page: Path, kind: str) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if found == kind]


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """(the words after `python -m pillm`, the lines shown below it) of every block of a page."""
    for _, text in FENCE.findall(page.read_text("utf-8")):
        shown: list[str] | None = None
        for line in text.splitlines():
            found = COMMAND.search(line.removeprefix("$ ").split("  #")[0].rstrip())
            if found:
                shown = []
                yield found[1].strip(), shown
            elif shown is not None:
                shown.append(line)


SHOWN = [(page.name, words, told) for page in PAGES if page != OWN for words, told in list(commands(page))]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """(exit code, standard output, standard error) of a command in a copy of docs/example."""
    here = tmp_path / "example"
    shutil.copytree(EXAMPLE, here)
    monkeypatch.chdir(here)
    for room in ("PILLM_CONF", "PILLM_RECIPES"):
        monkeypatch.setenv(room, "")

    def call(words: list[str]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pillm", *words])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def looking(words: str) -> list[str]:
    """The command as it is if it only looks, else its plan."""
    found = [word for word in shlex.split(words) if not word.startswith(ONLY_WHEN_RUN)]
    looks = not found or any(word.startswith(("plan=", "explain=", "stored=", "--cfg")) for word in found)
    return found if looks else [*found, "plan=true"]


@pytest.mark.parametrize(("page", "words", "shown"), [
    case for case in SHOWN if not re.search(r"\+recipe=(toy|library_lengths)|ask=", case[1])])
def test_commands_compose(told, page: str, words: str, shown: list[str]) -> None:
    code, out, err = told(looking(words))
    if shown and shown[0].startswith("command line:"):
        assert code == 2
        assert [line for line in shown if line not in err] == []
    else:
        assert (code, err) == (0, ""), page
    if "explain=" in words:
        assert [line for line in shown if line.rstrip() not in out] == []


@pytest.mark.parametrize("words", sorted({words for _, words, _ in SHOWN if "+recipe=toy" in words}))
def test_commands_of_the_other_package_compose(cli: Cli, words: str) -> None:
    assert cli(*looking(words)).code == 0


def test_ask_names_recipes_that_are_there() -> None:
    asked = {word.removeprefix("ask=") for _, words, _ in SHOWN for word in shlex.split(words) if "ask=" in word}
    assert asked
    assert [name for name in asked if not any((folder / f"{name}.yaml").exists()
                                              for folder in (ROOT / "recipes", EXAMPLE / "recipes"))] == []


@pytest.mark.parametrize(("file", "made"), [
    ("docs/stages.md", reference.stages), ("docs/recipes.md", reference.recipes),
    ("schemas/recipe.schema.json", editor.text)])
def test_what_is_generated_is_current(file: str, made) -> None:
    assert (ROOT / file).read_text("utf-8") == made(), "run `make docs`"


def test_links_resolve() -> None:
    links = [(page, target) for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
             for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in target]
    assert len(links) > 10
    assert [(page.name, target) for page, target in links if not (page.parent / target.split("#")[0]).exists()] == []


def test_the_picture_is_small() -> None:
    assert (DOCS / "images" / "report.png").stat().st_size <= 300_000


def test_the_tutorial_shows_the_example() -> None:
    named = [(text.split("\n")[0].removeprefix("# "), text) for text in blocks(DOCS / "tutorial.md", "yaml")]
    assert len(named) == 2
    for name, text in named:
        assert yaml.safe_load(text) == yaml.safe_load((EXAMPLE / name).read_text("utf-8"))
    lines = {line for file in EXAMPLE.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()}
    assert {line for text in blocks(DOCS / "tutorial.md", "json") for line in text.splitlines()} <= lines


def test_the_stage_of_the_manual_runs(cli: Cli, tmp_path: Path) -> None:
    page, package, site = DOCS / "write-a-stage.md", tmp_path / "package", tmp_path / "site"
    shutil.copytree(EXAMPLE, here := tmp_path / "example")
    for text in [text for kind in ("toml", "python", "yaml") for text in blocks(page, kind) if text.startswith("# ")]:
        name = text.split("\n")[0].removeprefix("# ")
        file = (here if name.startswith("recipes/") else package) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                    "--no-build-isolation", "--target", str(site), str(package)], check=True, capture_output=True)
    for words, shown in list(commands(page)):
        said = cli(*shlex.split(words), folder=here, PYTHONPATH=str(site))
        assert said.code == (3 if any(line.startswith("gate not met") for line in shown) else 0)
        assert [line for line in shown if "done in" not in line and line.strip() not in said.out] == []


def test_the_way_from_an_empty_folder_to_a_model(cli: Cli, tmp_path: Path) -> None:
    """The commands of own-domain.md in their order; what trains is shrunk, and the larger model only planned."""
    for words, shown in list(commands(OWN)):
        said = cli(*_affordable(shlex.split(words)), folder=tmp_path)
        assert (said.code, said.err) == (0, ""), words
        if words.startswith(("new=", "card=")):
            assert [line for line in shown if line not in said.out.splitlines()] == []
        if words.startswith("new="):
            shutil.copy(EXAMPLE / "library.jsonl", tmp_path / "dataset" / "library" / "train.jsonl")
            shutil.copy(EXAMPLE / "library_eval.jsonl", tmp_path / "dataset" / "library" / "eval.jsonl")
        if "examples=" in words:
            assert said.out.endswith("score 0% on 8 of 8 questions\n")


def _affordable(words: list[str]) -> list[str]:
    if "+recipe=library_qwen" in words:
        return [*words, "plan=true"]
    return [*words, "+caps=smoke"] if "+recipe=library_nano" in words else words


def messages() -> Iterator[str]:
    """Every text of the code, with … for what is put in."""
    for file in (ROOT / "pillm").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    yield (ROOT / "Makefile").read_text("utf-8")


def test_the_messages_explained_are_those_that_are_told() -> None:
    text = "\n".join(line for line in (DOCS / "troubleshooting.md").read_text("utf-8").splitlines()
                     if line.startswith("### "))
    explained = re.findall(r"`([^`]+)`", text)
    known = list(messages())
    assert len(explained) > 40
    assert [said for said in explained if not any(_holds(told, said) for told in known)] == []


def _holds(told: str, said: str) -> bool:
    """Whether the pieces of `said` between its … stand in `told` in this order."""
    return re.search(".*".join(re.escape(piece.strip()) for piece in said.split("…")), told, re.DOTALL) is not None
