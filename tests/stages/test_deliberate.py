"""A chain of agents thinks about what has no answer yet: one prompt each, the stream of thoughts grows."""
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pillm.backends.json_schema import problems, schema
from pillm.errors import DataError
from pillm.records import agents
from pillm.records.chat import thought_stream
from pillm.stages.deliberate import DeliberateConfig, check, deliberate
from pillm.stages.label import label
from tests.conftest import ROOT
from tests.reference.openai_server import Fault, serving
from tests.stages.test_label import TEACHER, records
from tests.stages.test_label import config as label_config

AGENTS = ROOT / "dataset" / "pushback" / "agents.yaml"
NAMES = ["problem framer", "memory activator", "mechanism explorer", "perspective generator", "limitation acknowledger"]
HELD = {"question": "La Terre est plate?", "agent_responses": ["Hmm."], "final_answer": "Non.",
        "tags": ["disagreement"]}
FRESH = [{"user": f"Is claim {n} true?", "tags": ["science"]} for n in range(6)]
TURNS = {"messages": [{"role": "user", "content": "Is claim 7 true?"}, {"role": "assistant", "content": "Yes."},
                      {"role": "user", "content": "Sure?"}], "tags": ["uncertainty"]}


def config(**changes: Any) -> DeliberateConfig:
    return DeliberateConfig.model_validate(TEACHER | {"agents": AGENTS} | changes)


def run(given: DeliberateConfig, source: Path, folder: Path) -> dict[str, Any]:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    return deliberate.action(given, records=source, thought=folder / "thought", work=folder / "work",
                             progress=lambda *_, **__: None)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def replies(messages: list[dict[str, str]]) -> str:
    """Says who it is, of which claim, and how many thoughts it was shown."""
    prompt, shown = messages[0]["content"], messages[1]["content"]
    claim = shown.split("claim ")[1][0]
    if claim == "3" and "Yours remembers" in prompt:
        return "I remember.\n</think>\nNo."
    voices = ("sorts the question", "remembers", "how it works", "changes seats", "what is missing")
    who = next((name for name, voice in zip(NAMES, voices, strict=True) if voice in prompt), "answer")
    return f"<think>x</think>{who} on {claim} after {shown.count(f'on {claim} after')}"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return records(tmp_path, [HELD, *FRESH[:5]], validation=[TURNS], test=[FRESH[5]])


def test_each_agent_sees_the_thoughts_before_its_own(source: Path, tmp_path: Path) -> None:
    with serving(replies, {"claim 2": [Fault(429), Fault(500)]}) as server:
        metrics = run(config(kind="openai", model="m", base_url=server.url), source, tmp_path)
    rows = lines(tmp_path / "thought" / "train.jsonl")
    assert rows[0] == HELD
    made = rows[1]
    assert made["question"] == "Is claim 0 true?"
    assert made["agent_responses"] == [
        {"agent": name, "response": f"{name} on 0 after {n}"} for n, name in enumerate(NAMES)]
    assert made["final_answer"] == "answer on 0 after 5"
    assert not any(problems(row, schema("record")) for row in rows)
    assert metrics["rows"] == {"train": 5, "validation": 1, "test": 1}
    assert (metrics["asked"], metrics["thought"], metrics["left_out"]) == (7, 6, {"marks in a thought": 1})
    assert len(server.asked) == 6 * 6 + 2 + 2
    turned, = lines(tmp_path / "thought" / "validation.jsonl")
    assert turned["messages"][:3] == TURNS["messages"] and turned["messages"][3]["content"] == "answer on 7 after 5"
    assert "user: Is claim 7 true?\nassistant: Yes.\nuser: Sure?" in str(
        [body["messages"][1]["content"] for body in server.asked]).replace("\\n", "\n")


def test_what_was_thought_becomes_a_chat(source: Path, tmp_path: Path) -> None:
    with serving(replies) as server:
        run(config(kind="openai", model="m", base_url=server.url), source, tmp_path)
    (tmp_path / "label").mkdir()
    label.action(label_config(), records=tmp_path / "thought", chats=tmp_path / "chats", work=tmp_path / "label",
                 progress=lambda *_, **__: None)
    first = lines(tmp_path / "chats" / "train.jsonl")[1]
    stream = "\n\n".join(f"{name} on 0 after {n}" for n, name in enumerate(NAMES))
    assert first["messages"][-1] == {"role": "assistant", "content": "answer on 0 after 5", "thought_stream": stream}


def test_what_is_known_of_named_schemas_goes_along(source: Path, tmp_path: Path) -> None:
    (source / "schemas.json").write_text('{"tool_calls": "0"}', "utf-8")
    run(config(), source, tmp_path)
    assert (tmp_path / "thought" / "schemas.json").read_text("utf-8") == '{"tool_calls": "0"}'


def test_a_second_run_asks_nothing_twice(source: Path, tmp_path: Path) -> None:
    with serving(replies) as server:
        given = config(kind="openai", model="m", base_url=server.url)
        run(given, source, tmp_path)
        before = {file.name: file.read_bytes() for file in (tmp_path / "thought").iterdir()}
        asked = len(server.asked)
        (tmp_path / "thought").rename(tmp_path / "earlier")
        run(given, source, tmp_path)
        assert len(server.asked) == asked
    assert {file.name: file.read_bytes() for file in (tmp_path / "thought").iterdir()} == before


def test_gold_leaves_what_has_no_thoughts_aside(source: Path, tmp_path: Path) -> None:
    metrics = run(config(), source, tmp_path)
    assert metrics["rows"] == {"train": 1, "validation": 0, "test": 0}
    assert metrics["left_out"] == {"no thoughts": 7}
    with pytest.raises(DataError, match=r"no record is left\. Choose a teacher"):
        run(config(), records(tmp_path / "none", FRESH), tmp_path / "other")


def test_styles_follow_tags_else_their_weights() -> None:
    chain = agents.read(AGENTS)
    assert chain.style({"tags": ["maths", "reluctance"]}, "k", 0).name == "reluctance"
    drawn = [chain.style({}, str(n), 0).name for n in range(4_000)]
    total = sum(style.weight for style in chain.styles)
    for style in chain.styles:
        assert drawn.count(style.name) / len(drawn) == pytest.approx(style.weight / total, abs=0.03)
    assert drawn[:9] == [chain.style({}, str(n), 0).name for n in range(9)]


def test_the_shipped_agents_have_voices_of_their_own() -> None:
    chain = agents.read(AGENTS)
    assert [agent.name for agent in chain.agents] == NAMES
    assert len({agent.prompt for agent in chain.agents}) == len(NAMES)
    shown = chain.asked({"user": "Why?"}, chain.styles[0], ["A thought."])
    assert [message["role"] for message in shown] == ["system", "user"]
    assert "A thought." in shown[1]["content"] and chain.styles[0].prompt in shown[0]["content"]
    assert thought_stream({"agent_responses": ["a", {"response": "b"}]}) == "a\n\nb"


@pytest.mark.parametrize(("changed", "told"), [
    ({"agnets": []}, "agnets: no such key. Did you mean 'agents'?"), ({"agents": []}, "Write at least one."),
    ({"agents": [{"agent": "x"}]}, "agents: a list of"), ({"answer": None}, "answer: the prompt"),
    ({"styles": {"a": {"weight": 0, "prompt": "p"}}}, "styles: by name"),
])
def test_a_wrong_file_of_agents_is_told_before_the_start(changed: dict[str, Any], told: str, tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(AGENTS.read_text("utf-8")) | changed), "utf-8")
    (field, why), *_ = check(config(agents=file))
    assert field == "agents" and str(file) in why and told in why


def test_a_domain_without_agents_is_told() -> None:
    assert list(check(config(agents=None))) == [
        ("agents", "this domain has no agents. Set domain.agents, or leave this step out.")]
