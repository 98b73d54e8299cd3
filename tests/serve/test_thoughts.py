"""What is thought is told from what is answered, at once or piece by piece, and as llama.cpp's own server tells it."""
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.hf import model
from pillm.backends.hf.forms import from_format
from pillm.backends.llama_cpp import convert, wire
from pillm.backends.llama_cpp.server import Completion, Request, Server
from pillm.serve import thoughts
from pillm.serve.chat import Chat, Decoding, Style
from pillm.serve.exam import thinking
from tests.conftest import ROOT

STOP = {"type": "array", "minItems": 1, "maxItems": 1, "items": {
    "type": "object", "required": ["tool"], "properties": {"tool": {"const": "stop"}}, "additionalProperties": False}}
SAID = [
    (True, "Hm.\n\nSo?\n</think>\nNo.", "Hm.\n\nSo?", "No."),
    (True, "Hm </thin", "Hm </thin", ""),
    (True, "\n</think>\n\nNo.\n", "", "No."),
    (False, "<think>\nHm.\n</think>\n\nNo.", "Hm.", "No."),
    (False, " \n<think>Hm.", "Hm.", ""),
    (True, "a</think>b</think>c", "a", "b</think>c"),
]


@pytest.mark.parametrize(("opens", "text", "thought", "answer"), SAID)
def test_thoughts_stand_apart(opens: bool, text: str, thought: str, answer: str) -> None:
    assert thoughts.split(text, opens) == (thought, answer)


@pytest.mark.parametrize("text", ["No.", "I think <b>not</b>.", "  two", "", "<thin", "x <think>y</think>"])
def test_who_does_not_think_is_left_alone(text: str) -> None:
    assert thoughts.split(text, False) is None
    assert told(False, text, 3) == [(text, False)] * bool(text)


def told(opens: bool, text: str, size: int) -> list[tuple[str, bool]]:
    """What a listener hears of a text that comes in pieces, neighbours of one sort joined."""
    found: list[tuple[str, bool]] = []

    def hear(piece: str, thought: bool) -> None:
        if found and found[-1][1] is thought:
            found[-1] = (found[-1][0] + piece, thought)
        else:
            found.append((piece, thought))

    teller = thoughts.Teller(opens, hear)
    for place in range(0, len(text), size):
        teller(text[place:place + size])
    teller.end()
    return found


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(("opens", "text", "thought", "answer"), SAID)
def test_piece_by_piece_it_is_the_same(opens: bool, text: str, thought: str, answer: str, size: int) -> None:
    wanted = [(part, of) for part, of in ((thought, True), (answer, False)) if part]
    assert [(part.strip(), of) for part, of in told(opens, text, size)] == wanted


def test_confidence_and_length_are_of_the_answer_alone() -> None:
    pieces = ("Hm", ".\n", "</th", "ink>", "\nNo", ".")
    said = Completion("".join(pieces), 9, 6, 0.1, 0.1, -1.0, "eos", (-9.0, -9.0, -9.0, -9.0, -0.1, -0.3), pieces)
    apart = thoughts.apart(said, True)
    assert (apart.text, apart.thought, apart.thought_tokens, apart.completion_tokens) == ("No.", "Hm.", 4, 6)
    assert (apart.logprobs, round(apart.mean_logprob, 6)) == ((-0.1, -0.3), -0.2)
    assert thinking(apart) == {"thought_tokens": 4, "thought_ended": 1}
    assert thinking(thoughts.apart(Completion("Hm", 9, 1, 0.1, 0.1, -1.0, "limit", (-1.0,), ("Hm",)), True)) == {
        "thought_tokens": 1, "thought_ended": 0}
    assert thinking(thoughts.apart(said, False)) == {}


@pytest.fixture(scope="module")
def gguf(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny model of a part, with the pushback domain's template."""
    import yaml

    form = yaml.safe_load((ROOT / "conf" / "domain" / "pushback.yaml").read_text("utf-8"))["format_template"]
    made: dict[str, Path] = {}

    def of(part: str) -> Path:
        if part not in made:
            folder = tmp_path_factory.mktemp(part)
            base = tiny_weights(part)
            model.save(model.load(base), base, folder / "weights", template=from_format(form))
            made[part] = folder / "model.gguf"
            convert.weights_to_gguf(folder / "weights", made[part], pre={"deepseek_r1": "deepseek-r1-qwen"}.get(part))
        return made[part]

    return of


@pytest.mark.parametrize(("part", "end"), [("deepseek_r1", "<|im_end|>"), ("tinyllama", "<|im_end|>")])
def test_llama_cpps_server_tells_the_same_apart(part: str, end: str, gguf: Callable[[str], Path]) -> None:
    """A grammar makes the random model say what a trained one would."""
    said = f"Hm.\n\nWell, no.\n</think>\nNo, it is not.\n{end}\n"
    asked = [{"role": "user", "content": "Is it?"}]
    with Server(gguf(part), context=256) as server:
        found = thoughts.frame(server.apply_template, lambda mark: len(server.tokens(mark)) == 1)
        assert found == thoughts.Frame(True, end)
        forced = {"messages": asked, "grammar": f"root ::= {json.dumps(said)}", "stop": [end], "max_tokens": 128}
        theirs = wire.post(server._address, "/v1/chat/completions", forced)["choices"][0]["message"]
        ours = thoughts.apart(server.answer(Request(asked, 128, grammar=forced["grammar"], stop=(end,))), True)
    assert (ours.thought, ours.text) == ("Hm.\n\nWell, no.", "No, it is not.")
    assert (theirs["reasoning_content"].strip(), theirs["content"].strip()) == (ours.thought, ours.text)


def follows(rules: dict[str, str], text: str) -> str:
    """The rule that stands after a text, by a grammar's rules of one character each."""
    name = "thought-0"
    for character in text:
        ways = [re.fullmatch(r'(?:"(.)"|\[\^(.+)\]) (\S+)', way) for way in rules[name].split(" | ")]
        name = next(way[3] for way in ways if way and (way[1] == character or (way[2] and character not in way[2])))
    return name


@pytest.mark.parametrize(("text", "ended"), [
    ("Hm.</think>", True), ("</think>", True), ("a < b << c </</think>", True), ("</thin</think>", True),
    ("Hm.\n</think", False), ("</th ink>", False), ("<think>", False), ("</thinkx>", False), ("<<//think>", False)])
def test_any_thoughts_may_come_before_a_grammar(text: str, ended: bool) -> None:
    rules = dict(line.split(" ::= ") for line in thoughts.before('root ::= "yes"').splitlines())
    assert (follows(rules, text) == f"thought-{len(thoughts.CLOSE)}") is ended
    assert (rules["root"], rules["answer"]) == ("thought-0", '"yes"')


@pytest.mark.parametrize("decoding", ["schema", "spans"])
def test_what_is_held_to_a_schema_is_the_answer_not_the_thoughts(
    decoding: Decoding, gguf: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
) -> None:
    style = Style(max_tokens=64, decoding=decoding, schema=STOP)
    with Chat(gguf("tinyllama"), style, context=256, threads=1) as chat:
        free = chat.ask("Is it?")  # a random model comes to no end
        monkeypatch.setattr(thoughts, "before", lambda grammar, before=thoughts.before: before(grammar).replace(
            "root ::= thought-0", 'root ::= "Hm." thought-end\nthought-end ::= "</think>" thought-8'))
        brief = chat.ask("Is it?")
    assert (free.text, free.stop_reason) == ("", "limit")
    assert free.thought and "tool" not in free.thought
    assert (json.loads(brief.text), brief.thought, brief.stop_reason) == ([{"tool": "stop"}], "Hm.", "eos")


def test_a_chat_answers_without_its_thoughts(gguf: Callable[[str], Path]) -> None:
    heard: list[bool] = []
    with Chat(gguf("tinyllama"), Style(max_tokens=8), context=256) as chat:
        said = chat.ask("Is it?", on_text=lambda text, thought: heard.append(thought))
    assert (said.text, said.stop_reason) == ("", "limit")
    assert said.thought and set(heard) == {True}
