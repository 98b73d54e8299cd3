"""`ask=RECIPE, RUN or FILE.gguf`: talk to what was made; piped, a request a line in, a JSON line out."""
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pillm.config import places
from pillm.engine.journal import read
from pillm.errors import ConfigError, MissingInput, suggest
from pillm.serve.chat import Chat, Style

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion

CONTEXT = 2048
"""Tokens of a conversation where the recipe does not say."""


@dataclass(frozen=True)
class Target:
    """A file, and how it is asked."""

    gguf: Path
    style: Style
    context: int


def converse(console: Console, asked: str, overrides: list[str]) -> int:
    """Until the input ends."""
    target = find(asked, overrides)
    with Chat(target.gguf, target.style, context=target.context) as chat:
        if sys.stdin.isatty():
            _talk(console, chat, target)
        else:
            for line in sys.stdin:
                if request := line.strip():
                    print(json.dumps(answer(request, chat.ask(request)), ensure_ascii=False), flush=True)
    return 0


def answer(request: str, completion: "Completion") -> dict[str, Any]:
    """`calls` where the answer is a list in JSON, `answer` where it is text; confidence in 0 to 1."""
    found: dict[str, Any] = {"request": request}
    try:
        parsed = json.loads(completion.text)
    except ValueError:
        parsed = None
    found |= {"calls": parsed} if isinstance(parsed, list) else {"answer": completion.text}
    return found | {"confidence": round(math.exp(completion.mean_logprob), 4)}


def _talk(console: Console, chat: Chat, target: Target) -> None:
    console.print(f"[dim]{target.gguf}; an empty line or Ctrl-D ends[/]", highlight=False)
    messages: list[dict[str, str]] = []
    one_shot = target.style.decoding == "spans"
    while request := _typed(console):
        turn = [{"role": "user", "content": request}]
        messages = turn if one_shot else messages + turn
        said = chat.ask(messages, on_text=lambda text: console.print(text, end="", markup=False, highlight=False))
        speed = said.completion_tokens / max(said.decode_s, 1e-9)
        console.print(f"\n[dim]{said.completion_tokens} tokens, {speed:,.0f} a second[/]", highlight=False)
        messages += [{"role": "assistant", "content": said.text}]


def _typed(console: Console) -> str:
    try:
        return console.input("[bold]›[/] ").strip()
    except EOFError:
        return ""


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
        if _ladders(read(file)):
            return file.parent
    known = places.names("recipes")
    if recipe not in known:
        raise MissingInput(f"command line: ask={recipe}: no recipe, run or GGUF file is called that."
                           f"{suggest(recipe, known)}")
    raise MissingInput(f"command line: ask={recipe}: it has not been run yet. Run it first: "
                       f"python -m pillm +recipe={recipe}")


def _ladders(record: dict[str, Any]) -> list[Path]:
    """Quantized files the run made itself: the first ladder is the shipped one."""
    outputs = [output for step in record["steps"].values() for output in step["outputs"].values()]
    return [Path(output["path"]) for output in outputs if output["kind"] == "ladder"]


def of_run(folder: Path) -> Target:
    """The shipped file of a run, asked as its domain says."""
    import yaml
    ladders = _ladders(read(folder / "run.json"))
    if not ladders:
        raise ConfigError(f"command line: ask={folder}: the run made no quantized file. Run it as far as quantize.")
    values = yaml.safe_load((folder / "recipe.yaml").read_text("utf-8"))
    domain = values["domain"]
    style = Style(domain.get("system"), domain.get("decoding", "free"), domain.get("schema"))
    return Target(_shipped(ladders[0], values["device"]["quant"]), style, min(CONTEXT, values["model"]["context"]))


def _shipped(ladder: Path, quant: str) -> Path:
    """The device's type, or the smallest there is."""
    files = sorted(ladder.glob("*.gguf"), key=lambda file: file.stat().st_size)
    if not files:
        raise MissingInput(f"{ladder}: the files are gone. Run the recipe again.")
    return next((file for file in files if file.stem == quant), files[0])
