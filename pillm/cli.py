"""argv → what is asked: a list, a plan, a run, a sweep, an explanation, the store, a conversation."""
import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from pillm.errors import ConfigError, PillmError, suggest
from pillm.terminal import environment
from pillm.terminal.ending import INTERRUPTED, Ending

WORDS = ("plan", "explain", "show", "ask", "card", "new", "stored", "yes")
"""Words of ours that are no part of a recipe."""

PIPED = 140
"""Columns of what is written to a file or a pipe: no table is cut there."""
OBJECTS = 50_000
"""Objects between two rounds of Python's garbage collector: at its 700 they take a tenth of a plan's time."""


@dataclass(frozen=True)
class Asked:
    """The command line, taken apart."""

    words: dict[str, str]
    overrides: list[str]
    flags: list[str]
    """Hydra's own, as they were typed."""
    multirun: bool = False
    hydra_only: bool = False
    """--cfg, --hydra-help, shell completion: Hydra answers."""
    help: bool = False


def main() -> int:
    """The exit code: 0 done, 1 a stage failed, 2 wrong input, 3 a gate was not met, 130 (or 143, 129) interrupted."""
    return Ending().code(_main())


def _main() -> int:
    gc.set_threshold(OBJECTS)
    environment.read()
    terminal = sys.stdout.isatty()
    console = Console(soft_wrap=not terminal, width=None if terminal else PIPED)
    try:
        if "--version" in sys.argv[1:]:
            from pillm.terminal import usage
            print(usage.version())
            return 0
        return _dispatch(_asked(), console)
    except PillmError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        gc.freeze()  # the exit drops all of it: no last round of collection (80 ms)


def _asked() -> Asked:
    from hydra._internal.utils import get_args_parser

    from pillm.config import places
    parsed = get_args_parser().parse_intermixed_args()
    if parsed.config_dir:
        if not Path(parsed.config_dir).is_dir():
            raise ConfigError(f"command line: --config-dir {parsed.config_dir}: there is no such folder.")
        places.look_in("conf", Path(parsed.config_dir))
    words = dict(word.lstrip("+").split("=", 1) for word in parsed.overrides if word.lstrip("+").split("=")[0] in WORDS)
    overrides = [word for word in parsed.overrides if word.lstrip("+").split("=")[0] not in WORDS]
    flags = [word for word in sys.argv[1:] if word not in parsed.overrides]
    hydra_only = bool(parsed.hydra_help or parsed.info or parsed.shell_completion or parsed.cfg)
    return Asked(words, overrides, flags, bool(parsed.multirun), hydra_only, bool(parsed.help))


def _dispatch(asked: Asked, console: Console) -> int:
    if asked.help:
        from pillm.terminal import usage
        usage.show(console)
        return 0
    if asked.hydra_only:
        return _hydra(asked)
    _check_words(asked)
    for word, answer in ANSWERS.items():
        if asked.words.get(word) not in (None, "false"):
            return answer(asked, console)
    if not asked.overrides:
        from pillm.terminal import tables
        tables.overview(console)
        return 0
    return _sweep(asked, console) if asked.multirun else _run(asked, console)


def _options(asked: Asked, word: str, known: tuple[str, ...]) -> dict[str, str]:
    """What may stand beside a word that runs no recipe."""
    found = dict(each.lstrip("+").partition("=")[::2] for each in asked.overrides)
    if unknown := sorted(found.keys() - set(known)):
        offered = f"There is {', '.join(known)}." if known else f"{word}= stands alone."
        raise ConfigError(f"command line: {unknown[0]}: no such option of {word}=."
                          f"{suggest(unknown[0], known)} {offered}")
    return found


def _check_words(asked: Asked) -> None:
    bare = [word for word in asked.overrides if "=" not in word and not word.startswith("~")]
    if bare:
        raise ConfigError("\n".join(f"command line: {word}: not understood. Write key=value, or +recipe={word}."
                                    for word in bare))
    if asked.words.get("plan", "true") not in ("true", "false"):
        raise ConfigError(f"command line: plan={asked.words['plan']}: it is true or false.")


def _run(asked: Asked, console: Console) -> int:
    from pillm import job
    from pillm.config.compose import normalise
    from pillm.terminal import result
    from pillm.terminal.screen import screen
    record = job.execute(job.prepare(normalise(asked.overrides)), screen(console))
    if record["code"] in (job.DONE, job.GATE):
        result.outcome(console, record)
    elif record["code"] == job.INTERRUPTED:
        print(f"\nInterrupted. What was saved is taken up by the same command:\n  {record['command']}", file=sys.stderr)
    else:
        print(f"{record['error']}\nlog: {record['folder']}/log.txt", file=sys.stderr)
    return record["code"]


def _plan(asked: Asked, console: Console) -> int:
    from pillm import job
    from pillm.config.compose import expand, normalise
    from pillm.engine.runner import plan
    from pillm.terminal import tables
    from pillm.terminal.row import differing
    overrides = normalise(asked.overrides)
    jobs = expand(overrides) if asked.multirun else [overrides]
    values = differing(jobs) if asked.multirun else [[]]
    for made, theirs in zip(_judged(jobs), values, strict=True):
        estimates = {step.name: step.stage.estimate(step.config, made.task.values) for step in made.recipe.steps}
        tables.plan(console, "  ".join([made.recipe.engine.name, *theirs]), plan(made.task), estimates)
    return job.DONE


def _judged(jobs: list[list[str]]) -> list:
    """Every job composed and judged before the first one starts; a mistake shared by several is told once."""
    from pillm import job
    found, errors = [], {}
    for overrides in jobs:
        try:
            found.append(job.prepare(overrides))
        except ConfigError as error:
            errors.update(dict.fromkeys(str(error).splitlines()))
    if errors:
        raise ConfigError("\n".join(errors))
    return found


def _sweep(asked: Asked, console: Console) -> int:
    from pillm.config.compose import expand, normalise
    overrides = normalise(asked.overrides)
    from pillm.config import comparison
    from pillm.terminal import sweep
    grid = expand(overrides)
    sweep.judged.update(zip(map(tuple, grid), _judged(grid), strict=True))
    os.environ["PILLM_JOBS"] = str(len(grid))
    code = _hydra(asked)
    return max(code, sweep.compare(console, comparison.folders)) if code in (0, INTERRUPTED) else code


def _hydra(asked: Asked) -> int:
    """Hydra composes again and launches, or answers --cfg, --hydra-help and completion."""
    import hydra
    from hydra.errors import HydraException

    from pillm.config import sources
    from pillm.config.compose import compose, normalise
    overrides = normalise(asked.overrides)
    if asked.hydra_only and any(word.startswith("+recipe=") for word in overrides):
        compose(overrides)
    os.environ["HYDRA_FULL_ERROR"] = "1"
    sources.register()
    typed, sys.argv[1:] = sys.argv[1:], [*asked.flags, *_without_empty_caps(overrides)]
    try:
        hydra.main(version_base="1.3", config_path=None, config_name="config")(sweep_job)()
    except HydraException as error:  # only what the judgement cannot see: a sweeper's own arguments
        raise ConfigError(f"command line: {str(error).splitlines()[0]}") from error
    finally:
        sys.argv[1:] = typed
    return 0


def _without_empty_caps(overrides: list[str]) -> list[str]:
    recipe = any(word.startswith("+recipe=") for word in overrides)
    return overrides if recipe else [word for word in overrides if word != "+caps=none"]


def sweep_job(config: object) -> None:
    """One job of a sweep, in this process or a launcher's; it leaves its code in run.json."""
    from hydra.core.hydra_config import HydraConfig

    from pillm.terminal import sweep
    runtime = HydraConfig.get()
    sweep.one(list(runtime.overrides.task), Path(runtime.runtime.output_dir), int(runtime.job.num))


def _explain(asked: Asked, console: Console) -> int:
    from pillm.config.compose import compose, normalise
    from pillm.terminal import explain
    explain.show(console, compose(normalise(asked.overrides)), asked.words["explain"])
    return 0


def _show(asked: Asked, console: Console) -> int:
    from pillm import job
    from pillm.config.compose import normalise
    from pillm.terminal import tokens
    if asked.words["show"] != "chats":
        raise ConfigError(f"command line: show={asked.words['show']}: no such thing to show."
                          f"{suggest(asked.words['show'], ['chats'])} There is chats.")
    return tokens.show(console, job.prepare(normalise(asked.overrides)))


def _ask(asked: Asked, console: Console) -> int:
    from pillm.terminal import ask, look
    named, options = asked.words["ask"], _options(asked, "ask", ("runs", "examples"))
    if examples := options.get("examples"):
        return look.look(console, named, asked.overrides, examples)
    return ask.converse(console, named, asked.overrides)


def _stored(asked: Asked, console: Console) -> int:
    from pillm.terminal import storage
    options = _options(asked, "stored", storage.OPTIONS)
    return storage.answer(console, asked.words["stored"], options, yes=asked.words.get("yes") == "true")


def _card(asked: Asked, console: Console) -> int:
    from pillm.terminal import card
    options = _options(asked, "card", ("tokenizer",))
    return card.refresh(console, asked.words["card"], options.get("tokenizer"))


def _new(asked: Asked, console: Console) -> int:
    from pillm.terminal import new
    _options(asked, "new", ())
    return new.write(console, asked.words["new"])


ANSWERS: dict[str, Callable[[Asked, Console], int]] = {
    "stored": _stored, "ask": _ask, "card": _card, "new": _new, "explain": _explain, "show": _show, "plan": _plan}
