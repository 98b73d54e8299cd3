"""`--help`: what there is, and every word of the command line; and `--version`."""
from importlib.metadata import version as installed_version

from rich.console import Console
from rich.markup import escape

from pillm.terminal import tables

USAGE = {
    "a recipe": {
        "+recipe=NAME": "one of those above, or a file's path",
        "+caps=smoke": "the same, tiny and offline",
        "model=NAME": "another part; so too domain=, device=, teacher=, track=",
        "sft.lora.rank=8": "any value, addressed as a recipe writes it",
        "only=STEP": "exactly these steps: one, or [a,b]; what they stand on must be cached",
        "until=STEP": "this step and what it stands on",
        "from=STEP": "this step and what follows",
        "force=STEP": "made again though cached: one, or [a,b]",
        "store=FOLDER": "where artifacts are; runs=FOLDER where accounts of runs are",
        "-m KEY=4,8,16": "a sweep: a run for each value, compared at the end",
        "--config-dir FOLDER": "parts of yours, which go before others of their name",
    },
    "a look at it": {
        "plan=true": "what would run, why, and what it costs",
        "explain=KEY": "a value, where it comes from, what it means",
        "show=chats": "three examples as the trainer sees them, token by token",
        "--cfg job": "the whole recipe, resolved",
    },
    "without a recipe": {
        "ask=NAME": "talk to what a recipe, a run or a GGUF file is; examples=FILE examines it, runs= as above",
        "stored=list": "what the store holds; stored=gc what no run refers to (yes=true removes it), stored=verify",
        "new=NAME": "a domain of your own",
        "card=NAME": "a dataset's files counted anew; tokenizer=FILE for lengths in tokens",
        "--version": "pillm's; --hydra-help tells Hydra's own flags",
    },
}
CODES = "Exit codes: 0 done, 1 a stage failed, 2 wrong input, 3 a gate was not met, 130 interrupted."


def version() -> str:
    """Of pillm, as it is installed."""
    return f"pillm {installed_version('pillm')}"


def show(console: Console) -> None:
    tables.overview(console)
    console.print("\npython -m pillm [bold]WORD …[/]")
    for title, words in USAGE.items():
        tables.listed_as(console, title, {escape(word): escape(told) for word, told in words.items()})
    console.print(CODES, highlight=False)
