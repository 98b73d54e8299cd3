"""`ask=RECIPE, RUN or FILE.gguf`: talk to what was made; piped, a request a line in, a JSON line out, `error` in it
where there is no answer."""
import json
import math
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

from pillm.errors import ConfigError, RequestError
from pillm.serve.chat import Chat
from pillm.serve.confidence import Calibration
from pillm.terminal.target import Target, find

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion


def converse(console: Console, asked: str, overrides: list[str]) -> int:
    """Until the input ends; 1 where a line of it could not be answered."""
    target = find(asked, overrides)
    with target.chat() as chat:
        if sys.stdin.isatty():
            _talk(console, chat, target)
            return 0
        return int(_piped(chat, target) > 0)


def _piped(chat: Chat, target: Target) -> int:
    """How many lines could not be answered: each is told, and has its line of JSON like the others."""
    failed = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if told := _answered(line, chat, target):
            print(json.dumps(told, ensure_ascii=False), flush=True)
            if "error" in told:
                failed += 1
                print(f"line {number}: {told['error']}", file=sys.stderr)
    return failed


def _answered(line: bytes, chat: Chat, target: Target) -> dict[str, Any]:
    """What is told of a line; nothing of an empty one."""
    encoding = sys.stdin.encoding
    try:
        request = line.decode(encoding).strip()
    except UnicodeDecodeError as error:
        return {"request": line.decode(encoding, "backslashreplace").strip(),
                "error": f"byte {error.start + 1} of the line is not {encoding.upper()}. Convert the input with iconv."}
    try:
        return answer(request, chat.ask(request), target.calibration) if request else {}
    except (ConfigError, RequestError) as error:  # a schema in it that cannot be held to; too long for the context
        return {"request": request, "error": str(error)}


def answer(request: str, completion: "Completion", calibration: Calibration | None = None) -> dict[str, Any]:
    """`calls` where the answer is a list in JSON, `answer` where it is text; what was thought before it; confidence in
    0 to 1; `unsure` below the threshold of a calibration."""
    found: dict[str, Any] = {"request": request}
    try:
        parsed = json.loads(completion.text)
    except ValueError:
        parsed = None
    found |= {"calls": parsed} if isinstance(parsed, list) else {"answer": completion.text}
    if completion.thought is not None:
        found |= {"thought": completion.thought, "thought_tokens": completion.thought_tokens}
    confidence, sure = certainty(completion, calibration)
    return found | {"confidence": round(confidence, 4)} | ({} if sure else {"unsure": True})


def certainty(completion: "Completion", calibration: Calibration | None) -> tuple[float, bool]:
    """Confidence, and whether it suffices; the tokens' mean probability, which always does, without a calibration."""
    if calibration is None:
        return math.exp(completion.mean_logprob), True
    confidence = calibration.confidence(completion.logprobs)
    return confidence, calibration.is_sure(confidence)


def _talk(console: Console, chat: Chat, target: Target) -> None:
    console.print(f"[dim]{target.gguf}; an empty line or Ctrl-D ends[/]", highlight=False)
    messages: list[dict[str, str]] = []
    one_shot = target.style.decoding == "spans"
    while request := _typed(console):
        turn = [{"role": "user", "content": request}]
        messages = turn if one_shot else messages + turn
        said = _said(console, chat, messages, target.calibration)
        messages += [{"role": "assistant", "content": said.text}]


def _said(console: Console, chat: Chat, messages: list[dict[str, str]],
          calibration: Calibration | None) -> "Completion":
    """Free text is shown as it comes; calls that may have to be asked back are not, until that is known."""
    held_back = calibration is not None and chat.style.decoding != "free"

    thinking = False

    def heard(text: str, thought: bool) -> None:
        nonlocal thinking
        if thinking and not thought:
            console.print("\n")
        thinking = thought
        console.print(text, end="", markup=False, highlight=False, style="dim" if thought else None)

    said = chat.ask(messages, on_text=None if held_back else heard)
    show(console, said, calibration, shown=not held_back)
    return said


def show(console: Console, said: "Completion", calibration: Calibration | None, *, shown: bool) -> None:
    """An answer, as a question where it is below the threshold; `shown` is one whose text stands there already."""
    confidence, sure = certainty(said, calibration)
    if shown:
        console.print()
    if not sure:
        asked_back = "" if shown else ": did you mean this?"
        console.print(f"not sure ({confidence:.2f}){asked_back}", style="yellow", highlight=False)
    if not shown:
        console.print(said.text, markup=False, highlight=False)
    known = f"confidence {confidence:.2f}, " if calibration and sure else ""
    speed = said.completion_tokens / max(said.decode_s, 1e-9)
    thought = f", {said.thought_tokens} of them thought" if said.thought is not None else ""
    console.print(f"[dim]{known}{said.completion_tokens} tokens{thought}, {speed:,.0f} a second[/]", highlight=False)


def _typed(console: Console) -> str:
    try:
        return console.input("[bold]›[/] ").strip()
    except EOFError:
        return ""
