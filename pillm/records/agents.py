"""Agents that think about a question one after the other, and the answer that comes of it: what each is asked."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from pillm import fast_yaml
from pillm.errors import DataError, suggest
from pillm.records.chat import turns
from pillm.records.formats import Record

Message = dict[str, str]
KEYS = {"agents", "answer", "styles"}
NOTHING_YET = "(nobody has thought anything yet)"
SHOWN = """\
{conversation}

Thoughts so far:
{thoughts}

{task}"""


@dataclass(frozen=True)
class Agent:
    """A voice of the thoughts."""

    name: str
    prompt: str
    """Who it is and how it speaks; its system prompt."""


@dataclass(frozen=True)
class Style:
    """A manner in which a question is thought about."""

    name: str
    weight: float
    prompt: str
    """Goes with every agent's task."""


@dataclass(frozen=True)
class Chain:
    """The agents in their order, who answers at the end, and the manners."""

    agents: tuple[Agent, ...]
    answer: str
    styles: tuple[Style, ...]

    @property
    def rounds(self) -> int:
        """Replies that a record takes."""
        return len(self.agents) + 1

    def style(self, record: Record, key: str, seed: int) -> Style:
        """The style that a record's tags name, else one drawn by weight: the same whatever stands beside the record."""
        named = next((style for style in self.styles if style.name in record.get("tags", ())), None)
        place = int.from_bytes(sha256(f"{seed}/{key}".encode()).digest()[:8]) / 2**64
        place *= sum(style.weight for style in self.styles)
        for style in self.styles if named is None else ():
            place -= style.weight
            if place < 0:
                return style
        return named or self.styles[-1]

    def asked(self, record: Record, style: Style, thoughts: Sequence[str]) -> list[Message]:
        """What comes after so many thoughts: the next agent's turn, or the answer."""
        last = len(thoughts) == len(self.agents)
        prompt = self.answer if last else self.agents[len(thoughts)].prompt
        task = "Now write the answer, and nothing else." if last else "Now write your thought, and nothing else."
        before = "\n\n".join(thoughts) or NOTHING_YET
        shown = SHOWN.format(conversation=_conversation(record), thoughts=before, task=task)
        return [{"role": "system", "content": f"{prompt.strip()}\n\n{style.prompt.strip()}"},
                {"role": "user", "content": shown}]

    def thought(self, record: Record, style: Style, said: Sequence[str]) -> Record:
        """The record with its thoughts and its answer: the last of what was said."""
        agents = [{"agent": agent.name, "response": text} for agent, text in zip(self.agents, said, strict=False)]
        kept = {key: value for key, value in record.items() if key not in ("user", "messages", "assistant")}
        tags = list(dict.fromkeys([style.name, *record.get("tags", ())]))
        if "messages" in record:
            answered = [*record["messages"], {"role": "assistant", "content": said[-1]}]
            return {"messages": answered, "agent_responses": agents} | kept | {"tags": tags}
        return {"question": record["user"], "agent_responses": agents, "final_answer": said[-1]} | kept | {"tags": tags}


def _conversation(record: Record) -> str:
    told = [turn for turn in turns(record) if turn[0] != "system"]
    if len(told) == 1:
        return f"The question:\n{told[0][1]}"
    return "The conversation:\n" + "\n".join(f"{role}: {text}" for role, text in told)


def read(file: Path) -> Chain:
    """The chain of a YAML file; raises DataError with all that is wrong with it."""
    try:
        given = fast_yaml.load(file.read_text("utf-8-sig"))
    except yaml.YAMLError as error:
        raise DataError(f"{file}: {' '.join(str(error).split())}. Mend the file's YAML.") from error
    if wrong := [f"{file}: {told}" for told in _mistakes(given)]:
        raise DataError("\n".join(wrong))
    return Chain(tuple(Agent(agent["agent"], agent["prompt"]) for agent in given["agents"]), given["answer"],
                 tuple(Style(name, style["weight"], style["prompt"]) for name, style in given["styles"].items()))


def _mistakes(given: Any) -> list[str]:
    if not isinstance(given, dict):
        return ["it is no mapping. Write agents, answer and styles, as dataset/pushback/agents.yaml does."]
    found = [f"{key}: no such key.{suggest(key, KEYS)}" for key in given if key not in KEYS]
    agents = given.get("agents")
    if not isinstance(agents, list) or not agents or not all(
            _is(agent, {"agent": str, "prompt": str}) for agent in agents):
        found.append("agents: a list of {agent: its name, prompt: who it is}. Write at least one.")
    if not isinstance(given.get("answer"), str):
        found.append("answer: the prompt of who answers at the end. Write it.")
    styles = given.get("styles")
    if not isinstance(styles, dict) or not styles or not all(
            _is(style, {"weight": (int, float), "prompt": str}) and style["weight"] > 0 for style in styles.values()):
        found.append("styles: by name, {weight: above 0, prompt: the manner}. Write at least one.")
    return found


def _is(value: Any, wanted: Mapping[str, Any]) -> bool:
    return (isinstance(value, dict) and value.keys() == wanted.keys()
            and all(isinstance(value[key], kind) and value[key] for key, kind in wanted.items()))
