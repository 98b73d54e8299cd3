"""The model that judges what no program can: how it is named, what it misses, and how it is asked."""
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from pillm.backends.teaching import Sampling
from pillm.engine.stage import Free, Mistake, Progress, StageConfig
from pillm.stages import serving

if TYPE_CHECKING:
    from pillm.records.replies import Replies
    from pillm.serve.judge_prompt import Message, Reply
    from pillm.serve.judging import Ask

NAMED = 3
"""Questions that a mistake names."""
REPLY_S = 2


class Judge(StageConfig):
    """A model on a server; it costs money or time, so that there is none unless a recipe names it."""

    kind: serving.Kind = "openai"
    """The server's protocol: OpenAI's chat completions, which most speak, or Anthropic's Messages API."""
    model: str
    """What the server calls the model."""
    base_url: str
    """The server's address, with /v1."""
    api_key_env: Annotated[str | None, Free()] = None
    """Environment variable that holds the server's key; null where none is asked for."""
    max_tokens: PositiveInt = 512
    """Longest reason with its verdict."""
    checked: NonNegativeInt = 20
    """Answers that a program judged are put to the judge too, so many at most, to see how often both agree."""
    concurrency: Annotated[PositiveInt, Free()] = 4
    """Requests that are under way at once."""
    timeout_s: Annotated[PositiveFloat, Free()] = 120
    """How long one attempt may take."""
    attempts: Annotated[PositiveInt, Free()] = 6
    """How often the server is asked before a verdict counts as failed."""


def judge_mistakes(judge: Judge | None, suite: Path | None) -> Iterator[Mistake]:
    """A judge that cannot be asked, and a suite that wants one where there is none."""
    from pillm.serve.questions import by_model, read

    if judge is not None:
        mistakes = serving.server_mistakes(judge.base_url, judge.api_key_env, "judge")
        yield from ((f"judge.{field}", told) for field, told in mistakes)
    elif suite is not None and (waiting := by_model(read(suite))):
        shown = ", ".join(waiting[:NAMED]) + (" …" if len(waiting) > NAMED else "")
        yield "judge", (f"{len(waiting)} questions ({shown}) are judged by a model. Name one (judge: {{model: …, "
                        "base_url: …}), or leave these questions out.")


def judging_s(judge: Judge, answers: int) -> float:
    """At most: every answer, and those that are checked."""
    return (answers + judge.checked) * REPLY_S / judge.concurrency


def asking(judge: Judge, replies: "Replies", progress: Progress) -> "Ask":
    """Has conversations answered; what is among the replies already is not asked again."""
    def ask(conversations: "Mapping[str, list[Message]]") -> "dict[str, Reply]":
        todo = [(key, messages) for key, messages in conversations.items() if key not in replies]
        done = 0

        def keep(key: str, text: str, cut: bool) -> None:
            nonlocal done
            done += 1
            replies.keep(key, text, cut)
            progress("verdicts", done, len(todo))

        serving.ask(judge.kind, todo, Sampling(max_tokens=judge.max_tokens), keep=keep, refuse=lambda *_: None,
                    api_key_env=judge.api_key_env, base_url=judge.base_url, model=judge.model, named="judge",
                    timeout_s=judge.timeout_s, attempts=judge.attempts, concurrency=judge.concurrency,
                    proven=len(replies) > 0)
        return {key: replies[key] for key in conversations if key in replies}

    return ask
