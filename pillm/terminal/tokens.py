"""`show=chats`: three examples token by token, the trained tokens coloured."""
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from pillm.engine.graph import Bound
from pillm.engine.plan import Planned, Selection
from pillm.engine.runner import Task, plan, run
from pillm.errors import ConfigError
from pillm.job import Job
from pillm.terminal.screen import Silent

TRAINED, CONTEXT = ("bold green", "green"), ("bright_black", "dim")
"""Two shades each, in turn, so that one sees where a token ends."""


def show(console: Console, job: Job) -> int:
    """Runs what the trainer's inputs need (cached as ever); raises ConfigError where nothing is trained on chats."""
    trainer = next((b for b in job.task.bound.values() if {"base", "chats"} <= b.one.keys()), None)
    if trainer is None:
        raise ConfigError("command line: show=chats: the recipe has no step that trains on chats.")
    weights, chats = (_made(job.task, trainer, port) for port in ("base", "chats"))
    from pillm.backends.hf.chat import examples
    from pillm.backends.hf.forms import chat_template
    config: Any = trainer.step.config
    template = chat_template(config.form, config.format_template)
    draw = coloured if console.is_terminal else bracketed
    console.print(Text.assemble(("trained", TRAINED[0]), "  ", ("context only", CONTEXT[0])) if console.is_terminal
                  else "tokens end with │; ⟦ ⟧ are trained")
    for number, example in enumerate(examples(weights, chats, template=template), 1):
        trained = sum(is_trained for _, is_trained in example)
        console.print(f"\n[bold]example {number}[/]: {len(example)} tokens, {trained} trained", highlight=False)
        console.print(draw(example), markup=False, highlight=False)
    return 0


def coloured(example: list[tuple[str, bool]]) -> Text:
    found = Text()
    for place, (piece, is_trained) in enumerate(example):
        found.append(piece.replace("\n", "⏎\n"), (TRAINED if is_trained else CONTEXT)[place % 2])
    return found


def bracketed(example: list[tuple[str, bool]]) -> str:
    """For output without colours."""
    by_mask = groupby(example, key=lambda token: token[1])
    runs = [(is_trained, [piece for piece, _ in run]) for is_trained, run in by_mask]
    shown = ((is_trained, "│".join(piece.replace("\n", "⏎\n") for piece in run)) for is_trained, run in runs)
    return "│".join(f"⟦{text}⟧" if is_trained else text for is_trained, text in shown)


def _made(task: Task, trainer: Bound, port: str) -> Path:
    step, output = trainer.one[port]
    wanted = Task(task.bound, task.store, selection=Selection(until=step), before=task.before, values=task.values)
    planned: list[Planned] = plan(wanted)
    done = run(wanted, Silent(), lambda _: None)
    return done[planned[-1].name if planned[-1].name == step else step].outputs[output].path
