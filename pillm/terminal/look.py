"""`ask=RECIPE examples=5`: some of the domain's questions, what the model answers and what was wanted."""
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pillm.config import places
from pillm.errors import ConfigError, MissingInput
from pillm.serve.exam import judged
from pillm.serve.picks import spread
from pillm.serve.questions import Question, messages, read
from pillm.terminal.target import Target, find

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion

VERDICTS = {0.0: "[red]wrong[/]", 1.0: "[green]right[/]"}


def look(console: Console, asked: str, overrides: list[str], most: str) -> int:
    """Each is shown as soon as it is answered; the questions are taken evenly from the whole suite."""
    if not most.isdecimal() or not int(most):
        raise ConfigError(f"command line: examples={most}: it is a number of questions. Write examples=5.")
    target = find(asked, overrides)
    suite = read(_suite(target, asked))
    chosen, scores = spread(suite, int(most)), []
    with target.chat() as chat:
        for question in chosen:
            said = chat.ask(messages(question), question.schema)
            scores.append(judged(question, said.text)["score"])
            _show(console, question, said, scores[-1])
    console.print(f"score {sum(scores) / len(scores):.0%} on {len(chosen)} of {len(suite)} questions", highlight=False)
    return 0


def _suite(target: Target, asked: str) -> Path:
    if target.eval is None:
        raise ConfigError(f"command line: ask={asked}: examples are questions of a domain, and none is known here. "
                          "Name the recipe or the run that made the file, of a domain with eval.")
    found = next((folder / target.eval for folder in places.data_folders() if (folder / target.eval).is_file()), None)
    if found is None:
        raise MissingInput(f"command line: ask={asked}: there is no {target.eval}. Stand in the folder that has it.")
    return found


def _show(console: Console, question: Question, said: "Completion", score: float) -> None:
    *before, last = (turn for turn in messages(question) if turn["role"] != "system")
    wanted = question.right or f"{question.check} {question.answer}"
    for turn in before:
        _line(console, "before", turn["content"])
    console.print(f"[bold]› {escape(last['content'])}[/]", highlight=False)
    _line(console, "wanted", wanted)
    if said.thought is not None:
        _line(console, "thought", f"{said.thought} ({said.thought_tokens} tokens)")
    _line(console, "said", said.text)
    console.print(f"  {VERDICTS.get(score, f'{score:.0%}')}\n", highlight=False)


def _line(console: Console, name: str, text: str) -> None:
    """Further lines of a text stand below its first."""
    console.print(f"  [dim]{name:<7}[/] {escape(text.replace(chr(10), chr(10) + ' ' * 10))}", highlight=False)
