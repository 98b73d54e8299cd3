"""Reads the form of a chat template off its own renderings: messages whose contents are markers, then odd contents.

What is found is held against the template itself: a form that does not reproduce it is refused, never guessed.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from pillm.errors import DataError, StageError
from pillm.serve.ollama.form import TRIMS, Form, Greeting, System
from pillm.serve.ollama.go_template import execute
from pillm.serve.ollama.go_writer import data, write

Message = Mapping[str, str]
Say = Callable[[Sequence[Message], bool], str]
"""(messages, with the generation prompt) → the template's text; raises DataError where it refuses them."""

MARKS = {"S": "Zsystemmark", "U1": "Zfirstquestion", "A1": "Zfirstanswer", "U2": "Zsecondquestion",
         "A2": "Zsecondanswer", "U3": "Zthirdquestion", "T": "Zthought"}
THOUGHT = "reasoning_content"
"""The key of a message under which published templates and llama.cpp's server have its thoughts."""
ROLES = {"S": "system", "U": "user", "A": "assistant"}
CONTENTS = ("", " ", "x", "  two  spaces  ", "\n\nlines\n\n", "\ttab\u00a0", "\u3000wide \u2028",
            "<think>\nhm\n</think>\n\nyes\n",
            "</think>", "a</think> b</think>\n\n", '{"k": "<b>&\'"}', "é🙂", "line one\n\n  line two", "\x1f\x85\r\n")


def probe(say: Say) -> Form:
    """The form of a template; raises StageError with the first chat that it could not be made to reproduce."""
    form = _turns(say)
    form = replace(form, system=_system(say, form), drops_system=_drops_system(say))
    form = replace(form, greeting=_greeting(say, form), later_system=_later_system(say, form),
                   thought=_thought(say, form))
    return _trims(say, form)


def chat(names: str, contents: Mapping[str, str] = MARKS) -> list[Message]:
    """`"S U1 A1"` as messages."""
    return [{"role": ROLES[name[0]], "content": contents[name]} for name in names.split()]


def _pieces(text: str, names: str) -> list[str]:
    """The text cut at the markers; raises StageError if they are not all there, once and in order."""
    pieces = []
    for name in names.split():
        before, mark, text = text.partition(MARKS[name])
        pieces.append(before)
        if not mark or MARKS[name] in text:
            raise StageError(f"chat template: of the messages {names}, {name} is not written just once and in order. "
                             "Use a chat template that writes every message (model.template).")
    return [*pieces, text]


def _turns(say: Say) -> Form:
    """What stands around users' and assistants' messages."""
    names = "U1 A1 U2 A2 U3"
    opening, to_answer, to_user, *repeated, end = _pieces(say(chat(names), True), names)
    if repeated != [to_answer, to_user] or _pieces(say(chat("U1"), True), "U1") != [opening, end]:
        raise StageError("chat template: a later turn is written unlike the first. "
                         "Use a chat template that writes turns alike (model.template).")
    user_end = _pieces(say(chat("U1"), False), "U1")[-1]
    user_end = user_end if to_answer.startswith(user_end) and end.startswith(user_end) else ""
    assistant_end = _pieces(say(chat("U1 A1"), False), "U1 A1")[-1]
    assistant_end = assistant_end if to_user.startswith(assistant_end) else ""
    return Form(opening=opening, user=to_user.removeprefix(assistant_end), user_end=user_end,
                assistant=to_answer.removeprefix(user_end), assistant_end=assistant_end,
                generation=end.removeprefix(user_end))


def _system(say: Say, form: Form) -> System | None:
    """Where a system message goes; null where the template refuses or drops it."""
    text = _said(say, "S U1 A1 U2")
    if MARKS["S"] not in text:
        return None
    before, between, _ = _pieces(say(chat("S U1"), True), "S U1")
    if text.index(MARKS["S"]) < text.index(MARKS["U1"]):
        return System(before, between)
    late = _pieces(text, "U1 A1 S U2")[2]
    return System(before, between, late=late.removeprefix(form.assistant_end))


def _drops_system(say: Say) -> bool:
    return all(_said(say, f"S {names}") == say(chat(names), True) for names in ("U1", "U1 A1 U2"))


def _said(say: Say, names: str) -> str:
    """The template's text, or nothing where it refuses."""
    try:
        return say(chat(names), True)
    except DataError:
        return ""


def _greeting(say: Say, form: Form) -> Greeting | None:
    """What stands before an answer that comes first; null where the template refuses that."""
    if not _said(say, "A1 U1") and not _said(say, "S A1 U1"):
        return None
    opening = _pieces(say(chat("A1 U1"), True), "A1 U1")[0]
    return Greeting(opening, _after_system(say) if form.system and form.system.late is None else None)


def _after_system(say: Say) -> str | None:
    try:
        return _pieces(say(chat("S A1 U1"), True), "S A1 U1")[1]
    except StageError:
        return None


def _later_system(say: Say, form: Form) -> tuple[str, str] | None:
    """What stands around a system message in the middle; null where there is no such thing as a turn of its own."""
    try:
        before, after = _pieces(say(chat("U1 A1 S U2"), True), "U1 A1 S U2")[2:4]
    except StageError:
        return None
    if not before.startswith(form.assistant_end) or not after.endswith(form.user):
        return None
    return before.removeprefix(form.assistant_end), after[:len(after) - len(form.user)]


def _thought(say: Say, form: Form) -> tuple[str, str] | None:
    """What stands around the thoughts of the last answer; null where they are not written, or with no mark before."""
    question, answer = chat("U1 A1")
    text = say([question, {**answer, THOUGHT: MARKS["T"]}], False)
    before, mark, rest = text.partition(MARKS["T"])
    before = before.partition(MARKS["U1"])[2].removeprefix(form.user_end).removeprefix(form.assistant)
    close = rest.partition(MARKS["A1"])[0]
    return (before, close) if mark and before.strip() and close.strip() and "{{" not in before + close else None


def _trims(say: Say, form: Form) -> Form:
    """What is done to contents: role by role the first that reproduces all odd contents."""
    form = _first(say, "U1", "U1", (replace(form, user_trim=trim) for trim in TRIMS))
    form = _first(say, "U1 A1 U2", "A1", (replace(form, assistant_trim=trim) for trim in TRIMS))
    system = form.system
    if system is None:
        return replace(form, later_system=None)
    whole = [{"whole": True}] if system.before.startswith(form.opening) else []
    ways = [{"trim": trim, "empty_is_none": empty} for trim in TRIMS for empty in (False, True)]
    form = _first(say, "S U1", "S U1", (replace(form, system=replace(system, **way)) for way in ways + whole))
    try:
        return _first(say, "U1 A1 S U2", "S", iter([form]))
    except StageError:
        return replace(form, later_system=None)


def _first(say: Say, names: str, odd: str, candidates: Iterator[Form]) -> Form:
    """The first form that writes all chats as the template does."""
    chats = [chat(names, MARKS | {name: content}) for name in odd.split() for content in CONTENTS]
    wanted = [say(messages, True) for messages in chats]
    nearest, seen = -1, ("", "", "")
    for form in candidates:
        source = write(form)
        got = [execute(source, data(messages)) for messages in chats]
        wrong = next((i for i, text in enumerate(wanted) if got[i] != text), None)
        if wrong is None:
            return form
        if wrong > nearest:
            nearest, seen = wrong, (str(chats[wrong][-1]["content"]), wanted[wrong], got[wrong])
    raise StageError(f"chat template: contents of {odd} are changed as no Modelfile can: {seen[0]!r} gives "
                     f"{seen[1]!r}, not {seen[2]!r}. Use a template that writes contents as they are (model.template).")
