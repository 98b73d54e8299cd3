"""Whether a command that cannot be run offline is one that its tools document: parsed, every option looked up."""
import re
import shlex
from collections.abc import Callable, Iterator

Page = Callable[[str], str]
"""The text of a manual page; empty where there is none."""

SEPARATORS = frozenset({"|", "||", "&&", ";", "&", "(", ")", "\n"})
REDIRECTS = frozenset({">", ">>", "<", "2>", "&>", ">&", "<<<"})
WITH_WORDS = frozenset({"systemctl", "apt", "apt-get", "apt-mark", "apt-cache", "git", "ip", "loginctl",
                        "timedatectl", "hostnamectl", "systemd-analyze"})
"""Their first word is a command of their own, which the manual has to know …"""
PAGE_PER_WORD = frozenset({"git", "ip"})
"""… or which has one of its own."""
RUNS_OTHERS = {"sudo": "uUgGhpCD", "nohup": "", "time": "", "nice": "n", "ionice": "cn"}
"""They run what follows; these options of theirs take a value."""


def undocumented(command: str, page: Page, named: str = "") -> list[str]:
    """What in it no manual has; `named` is the page to look in instead of each tool's own."""
    return [problem for words in simple(command) for problem in _problems(words, page, named)]


def simple(command: str) -> Iterator[list[str]]:
    """The commands that a pipeline or list is made of, each as its words; ValueError where quotes do not match."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;()\n<>")
    lexer.whitespace = " \t"
    words: list[str] = []
    tokens = iter(lexer)
    for token in tokens:
        if token in SEPARATORS:
            yield from [words] * bool(words)
            words = []
        elif token in REDIRECTS:
            next(tokens, None)
        else:
            words.append(token)
    yield from [words] * bool(words)


def _problems(words: list[str], page: Page, named: str) -> Iterator[str]:
    words = _bare(words)
    if not words or "/" in words[0]:  # a program of one's own has no manual
        return
    tool, *rest = words
    text = _text(tool, rest, page, named)
    if not text:
        yield f"{tool}: there is no manual page"
        return
    if tool in WITH_WORDS and (word := next((one for one in rest if not one.startswith("-")), "")) and (
            not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)):
        yield f"{tool}: no word {word!r}"
    yield from (f"{tool}: no option {word}" for word in _options(rest) if not _documented(word, text))


def _bare(words: list[str]) -> list[str]:
    """Without settings of variables and programs that run others."""
    while words and ("=" in words[0] or words[0] in RUNS_OTHERS):
        valued = RUNS_OTHERS.get(words[0], "")
        words = words[1:]
        while valued and words and words[0].startswith("-"):
            words = words[2 if words[0][-1] in valued and len(words[0]) == 2 else 1:]
    return words


def _text(tool: str, rest: list[str], page: Page, named: str) -> str:
    """The manual of the tool, with that of its command where there is one."""
    word = next((one for one in rest if not one.startswith("-")), "")
    further = [page(f"{tool}-{word}")] if tool in PAGE_PER_WORD and word else []
    further += [page("apt-get"), page("apt-cache")] if tool == "apt" else []
    return "\n".join([page(named or tool), *further])


def _options(words: list[str]) -> Iterator[str]:
    for word in words:
        if word == "--":
            return
        if word.startswith("-") and word != "-" and not re.fullmatch(r"-\d+", word):
            yield word.partition("=")[0]


def _documented(option: str, text: str) -> bool:
    """Itself, or each letter of a bundle; what follows the first letters may be a value, as in -n50."""
    if _has(option, text):
        return True
    if option.startswith("--"):
        return False
    letters = re.match(r"-([A-Za-z]+)", option)
    return letters is not None and all(_has(f"-{letter}", text) for letter in letters[1])


def _has(option: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None
