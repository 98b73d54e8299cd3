"""What `ask=` means: a file, how it is asked, and how sure its answers are."""
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillm.backends.schema_files import SUFFIX
from pillm.config import places
from pillm.engine.digest import sha256
from pillm.engine.journal import read, readable
from pillm.errors import ConfigError, MissingInput, suggest
from pillm.serve import confidence
from pillm.serve.chat import Chat, Style

CONTEXT = 2048
"""Tokens of a conversation where the recipe does not say."""


@dataclass(frozen=True)
class Target:
    """A file, and how it is asked."""

    gguf: Path
    style: Style
    context: int
    calibration: confidence.Calibration | None = None
    """Of this very file, if its run made one."""
    eval: str | None = None
    """The domain's questions: a file of the run's project, or as the recipe names them."""
    threads: int | None = None
    """That its recipe computes with; one for each core where it does not say."""

    def chat(self) -> Chat:
        """The file, ready to be asked."""
        return Chat(self.gguf, self.style, context=self.context, threads=self.threads)


def find(asked: str, overrides: list[str]) -> Target:
    """Raises MissingInput where there is no such file, run or finished recipe."""
    path = Path(asked)
    if path.suffix == ".gguf":
        if not path.is_file():
            raise MissingInput(f"command line: ask={asked}: there is no such file.")
        return Target(path, Style(), CONTEXT)
    if (path / "run.json").is_file():
        return of_run(path)
    return of_run(_latest(asked, overrides))


def _latest(recipe: str, overrides: list[str]) -> Path:
    runs = Path(dict(word.lstrip("+").split("=", 1) for word in overrides if "=" in word).get("runs", "runs"))
    for file in sorted((runs / recipe).glob("*/run.json"), reverse=True):
        if _made(file.parent, readable(file) or {"steps": {}}, "ladder"):
            return file.parent
    known = places.names("recipes")
    if recipe not in known:
        raise MissingInput(f"command line: ask={recipe}: no recipe, run or GGUF file is called that."
                           f"{suggest(recipe, known)}")
    raise MissingInput(f"command line: ask={recipe}: it has not been run yet. Run it first: "
                       f"python -m pillm +recipe={recipe}")


def _made(folder: Path, record: dict[str, Any], kind: str) -> list[Path]:
    """What the run made of a kind; its first ladder is the shipped one. The run's links lead to it from any folder, the
    paths in its account from the one that it was made in."""
    outputs = [(f"{name}.{port}", output) for name, step in record["steps"].items()
               for port, output in step["outputs"].items()]
    return [link if (link := folder / linked).exists() else Path(output["path"])
            for linked, output in outputs if output["kind"] == kind]


def of_run(folder: Path) -> Target:
    """The shipped file of a run, asked as its domain says."""
    import yaml
    record = read(folder / "run.json")
    ladders = _made(folder, record, "ladder")
    if not ladders:
        raise ConfigError(f"command line: ask={folder}: the run made no quantized file. Run it as far as quantize.")
    values = yaml.safe_load((folder / "recipe.yaml").read_text("utf-8"))
    domain = values["domain"]
    style = Style(domain.get("system"), domain.get("decoding", "free"), _schema(folder, domain.get("schema")),
                  _longest(values), domain.get("show_schema", False))
    gguf = _shipped(ladders[0], values["device"]["quant"])
    return Target(gguf, style, min(CONTEXT, values["model"]["context"]), _calibration(folder, record, gguf),
                  domain.get("eval") and str(_above(folder, domain["eval"]) or domain["eval"]), values.get("threads"))


def _above(run: Path, named: str) -> Path | None:
    """A file as its recipe names it, in the folder that the run was made in: the nearest above the run that has it."""
    return next((file for folder in run.resolve().parents if (file := folder / named).is_file()), None)


def _schema(run: Path, given: str | None) -> str | None:
    """The text of a schema of the user's; one of ours stays a name, and JSON what it is."""
    if given is None or given.lstrip().startswith("{"):
        return given
    own = _above(run, f"schemas/{given}{SUFFIX}")
    return own.read_text("utf-8") if own else given


def _longest(values: dict[str, Any]) -> int:
    """Tokens of an answer, as the recipe examines it: one that thinks first needs more."""
    return (values.get("evaluate") or {}).get("max_tokens", Style.max_tokens)


def _shipped(ladder: Path, quant: str) -> Path:
    """The device's type, or the smallest there is."""
    files = sorted(ladder.glob("*.gguf"), key=lambda file: file.stat().st_size)
    if not files:
        raise MissingInput(f"{ladder}: the files are gone. Run the recipe again.")
    return next((file for file in files if file.stem == quant), files[0])


def _calibration(folder: Path, record: dict[str, Any], gguf: Path) -> confidence.Calibration | None:
    """The run's last one of this file: another file's says nothing about it."""
    found = [confidence.read(made) for made in _made(folder, record, "calibration") if made.is_dir()]
    digest = sha256(gguf) if found else ""
    return next((each for each in reversed(found) if each.sha256 == digest), None)
