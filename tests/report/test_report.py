import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pillm.config.compose import normalise
from pillm.job import typed_words
from pillm.report.account import reproduce
from pillm.report.card import card
from pillm.report.html import html
from pillm.report.marks import columns, examples, gain, scores
from pillm.report.material import Material, newest, of_base, read_json, read_lines, read_scored
from pillm.report.training import trained
from pillm.report.verdict import tiles, verdict
from tests.report import sample

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """Headings, visible text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.attributes += attributes

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return sample.write(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def whole(files: dict[str, Path]) -> Material:
    return Material(
        run=read_json(files["run"]), facts={"Processor": "a slow one"},
        evaluations={"evaluate": read_scored(files["evaluate"])}, base=read_scored(files["evaluate_base"]),
        divergence=read_json(files["divergence"]), parity=read_json(files["parity"]),
        bench=read_json(files["bench"]), chats=[sample.CHAT],
        losses={"sft": read_lines(files["losses"])}, modelfile="FROM ./model.gguf")


@pytest.fixture
def bare(files: dict[str, Path]) -> Material:
    return Material(run=read_json(files["run"]), facts={})


def test_the_whole_page(whole: Material) -> None:
    text = html(whole)
    page = Page(text)
    assert page.open == []
    assert page.headings == ["What was trained on what", "Records that were left out", "Scores", "Quantization",
                             "Parity", "Side by side", "What the loss was on", "Cost", "Make it again", "Model card"]
    assert text == html(whole)
    assert len(text) < 200_000


def test_it_loads_nothing_and_runs_nothing(whole: Material) -> None:
    text = html(whole)
    linked = [value for name, value in Page(text).attributes if name in ("src", "href", "action", "srcset", "data")]
    assert linked == ["data:,"]
    assert not re.search(r"<script|@import|url\((?!#)|javascript:", text)
    assert {value.split("#")[0] for name, value in Page(text).attributes if name == "xlink:href" and value} == {""}


def test_what_is_not_there_is_left_out(bare: Material) -> None:
    page = Page(html(bare))
    assert page.headings == ["What was trained on what", "Records that were left out", "Cost", "Make it again",
                             "Model card"]
    assert page.open == []


@pytest.mark.parametrize("compared", [True, False])
def test_a_base_model_out_of_an_offline_cache_is_told(bare: Material, compared: bool) -> None:
    base = {"source": "hub", "repo": "owner/model", "revision": None}
    fetched = bare.run["steps"].get("fetch", {}) | {"metrics": {"compared_with_hub": compared}}
    run = bare.run | {"recipe": bare.recipe | {"model": bare.recipe["model"] | base},
                      "steps": bare.run["steps"] | {"fetch": fetched}}
    assert ("Taken from" in dict(trained(Material(run=run, facts={})))) is not compared


def test_words_of_others_are_escaped(whole: Material) -> None:
    hostile = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"
    gates = [{"name": hostile, "met": False, "told": hostile}]
    assert whole.scored
    questions = [question | {"user": hostile, "answer": hostile} for question in whole.scored.questions]
    run = whole.run | {"recipe": whole.recipe | {"name": hostile}, "gates": gates}
    text = html(Material(
        run=run, facts={hostile: hostile}, parity=apart(whole.parity, hostile),
        evaluations={"evaluate": replace(whole.scored, questions=questions)}, chats=[[(hostile, True)]],
        modelfile=hostile))
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;alert(1)") > 20
    assert Page(text).open == []


def apart(parity: dict[str, Any], text: str) -> dict[str, Any]:
    """The artifact of a model that lost its BOS."""
    sides = {who: {"token": token, "piece": text, "before": text, "after": text}
             for who, token in (("training", 1), ("llama.cpp", None))}
    return parity | {"verdict": "different", "first_difference": {
        "chat": "no system", "part": "prompt", "position": 0, **sides}}


def test_a_difference_is_shown_where_it_is(whole: Material) -> None:
    text = html(replace(whole, parity=apart(whole.parity, "<s>")))
    assert "First in the prompt of no system, token 0." in text
    assert text.count('<span class="apart">&lt;s&gt;</span>') == 2
    assert "They differ" not in html(whole)


@pytest.mark.parametrize(("met", "enforced", "tone", "title"), [
    ([True, True], True, "open", "As it was trained; how well it answers was not examined"),
    ([True, False, None], True, "bad", "Not ready"),
    ([True, None], True, "open", "Undecided"),
    ([True, None], False, "open", "Trial run: quality and speed are not judged"),
    ([False, None], False, "bad", "Not ready"),
    ([], True, "open", "No gates were set"),
])
def test_the_verdict(bare: Material, met: list[bool | None], enforced: bool, tone: str, title: str) -> None:
    gates = [{"name": f"gate {n}", "met": value, "told": "why"} for n, value in enumerate(met)]
    found = verdict(Material(run=bare.run | {"gates": gates, "enforced": enforced}, facts={}))
    assert (found["tone"], found["title"]) == (tone, title)
    assert [gate["met"] for gate in found["gates"]] == sorted(met, key=[False, None, True].index)


def test_what_was_examined_and_meets_its_gates_is_ready(whole: Material) -> None:
    run = whole.run | {"gates": [{"name": "score", "met": True, "told": "why"}], "enforced": True}
    found = verdict(replace(whole, run=run))
    assert (found["tone"], found["title"]) == ("good", "Ready")


def test_the_figures_that_matter(whole: Material) -> None:
    found = {tile["label"]: (tile["value"], tile["note"]) for tile in tiles(whole)}
    assert found["File"] == ("1.9 MB", "Q4_K_M; f16 is 6.2 MB")
    assert found["Lost by quantizing"][0] == "KL 0.023"
    assert found["Tokens/s here"] == ("1,044", "95 % interval 981 to 1,106; at most 2,584 on a Raspberry Pi 4")
    assert found["Score"][1].endswith("the base 0 %")


def test_answers_stand_side_by_side(whole: Material) -> None:
    shown = examples(whole)
    assert len(shown) == 8
    assert [answer["name"] for answer in shown[0]["answers"]] == ["base Q8_0", "f16", "Q4_K_M"]
    assert [one["answers"][-1]["mark"] for one in shown] == ["right"] * 4 + ["wrong"] * 4
    assert shown[0]["wanted"].startswith('[{"tool":"')


def test_the_gain_is_paired(whole: Material) -> None:
    assert whole.scored
    ours = whole.scored.marks["types"]["Q4_K_M"]["score"]
    assert gain(whole) == f"{ours['value']:.2f} ({ours['low']:.2f} to {ours['high']:.2f})"


def test_the_card_names_what_was_measured(whole: Material, bare: Material) -> None:
    assert whole.scored
    text = card(whole)
    assert text.startswith("---\nlicense: apache-2.0\nlanguage: fr-CA\ndatasets: [quebecois_requests]")
    assert f"`{whole.scored.marks['types']['Q4_K_M']['sha256'][:16]}`" in text
    assert "trial run" not in text
    assert "## Evaluation" not in card(bare)
    assert "says nothing" not in text and "its figures say nothing" in card(Material(
        run=bare.run | {"enforced": False}, facts={}))


@pytest.mark.parametrize(("model", "about"), [
    ({"source": "scratch", "family": "nano"}, "A small nano model trained from scratch on"),
    ({"source": "folder", "family": "llama", "path": "mine"}, "A llama model, fine-tuned on"),
    ({"source": "hub", "family": "llama", "repo": "a/b"}, "a/b, fine-tuned on"),
])
def test_the_card_says_what_the_model_was_before(bare: Material, model: dict[str, str], about: str) -> None:
    recipe = bare.run["recipe"]
    assert about in card(Material(run=bare.run | {"recipe": recipe | {"model": recipe["model"] | model}}, facts={}))


def test_the_command_makes_the_same_again(bare: Material) -> None:
    typed = normalise(["sft.tags=[a b]", "+recipe=quebecois_nano", "store=/tmp/x", "force=[sft]"])
    assert reproduce(bare)["command"] == f"python -m pillm {shlex.join(typed_words(typed))}"
    assert reproduce(bare)["command"] == "python -m pillm +recipe=quebecois_nano 'sft.tags=[a b]'"
    assert typed_words(normalise(["+caps=smoke", "model=nano", "+recipe=x"])) == [
        "+recipe=x", "model=nano", "+caps=smoke"]


def test_the_base_is_told_from_ours() -> None:
    steps = {step: Path(step) for step in ("evaluate", "evaluate_spans", "evaluate_base")}
    assert list(of_base(steps)) == ["evaluate_base"]
    assert newest(of_base(steps, False)) == Path("evaluate_spans")
    assert newest({}) is None


def test_of_two_evaluations_the_last_counts(whole: Material, files: dict[str, Path]) -> None:
    free = read_scored(files["evaluate_base"])
    both = replace(whole, evaluations={"evaluate": free, "evaluate_spans": read_scored(files["evaluate"])})
    assert [column.name for column in columns(both)] == [
        "base Q8_0", "Q8_0", "f16, spans", "Q8_0, spans", "Q4_K_M, spans"]
    assert tiles(both) == tiles(whole)


def test_the_stage_writes_one_file(files: dict[str, Path], tmp_path: Path) -> None:
    from pillm.stages.report import ReportConfig, report

    config = ReportConfig(form="chat", format_template=None)
    ports = ("divergence", "parity", "losses", "bench", "modelfile")
    given: dict[str, Any] = {port: {port: files[port]} for port in ports}
    given["scores"] = {step: files[step] for step in ("evaluate", "evaluate_base")}
    out = tmp_path / "report.html"
    metrics = report.action(config, run=files["run"], weights={}, chats={}, calibration={}, rivals={}, examination={},
                            report=out,
                            **given)
    assert metrics == {"bytes": out.stat().st_size}
    assert "Processor" in out.read_text("utf-8")


def test_training_chats_are_shown_as_the_trainer_saw_them(
        files: dict[str, Path], tiny_weights: Callable[[str], Path], tmp_path: Path) -> None:
    from pillm.stages.report import ReportConfig, report

    turns = [{"role": "user", "content": "Dix <i>minutes</i>"}, {"role": "assistant", "content": "C'est parti"}]
    (tmp_path / "train.jsonl").write_text(json.dumps({"messages": turns}) + "\n", "utf-8")
    names = ("scores", "divergence", "parity", "losses", "bench", "modelfile", "calibration", "rivals",
             "examination")
    ports: dict[str, Any] = {port: {} for port in names}
    out = tmp_path / "report.html"
    report.action(ReportConfig(form="chat", format_template=None), run=files["run"], report=out,
                  weights={"fetch": tiny_weights("tinyllama")}, chats={"label": tmp_path}, **ports)
    shown = out.read_text("utf-8").split('<pre class="chat">')[1].split("</pre>")[0]
    trained = "".join(re.findall(r'<span class="trained">(.*?)</span>', shown, re.DOTALL))
    assert unescape(trained).replace("▁", " ").strip().startswith("C'est parti")
    assert "minutes" in unescape(re.sub(r"</?span[^>]*>", "", shown))
    assert "<i>" not in shown


def test_a_type_that_was_not_examined_does_not_count(whole: Material) -> None:
    assert whole.scored
    types = {type_: marks for type_, marks in whole.scored.marks["types"].items() if type_ != "Q4_K_M"}
    partly = replace(whole, evaluations={"evaluate": replace(whole.scored, marks={"questions": 100, "types": types})})
    assert (partly.shipped, partly.judged) == ("Q4_K_M", "Q8_0")
    assert Page(html(partly)).open == []


def test_a_judge_is_told_with_how_often_it_agrees(whole: Material) -> None:
    assert whole.scored and scores(whole)["judge"] == ""
    half = {"value": 0.5, "low": 0.2, "high": 0.8, "n": 10}
    told = {"model": "<b>parrot</b>", "agreement": half, "on_right": half, "on_wrong": half | {"value": 1, "high": 1}}
    judged = replace(whole, evaluations={"evaluate": replace(whole.scored, marks=whole.scored.marks | {"judge": told})})
    assert scores(judged)["judge"] == (
        "<b>parrot</b> judged; of answers that a program had judged, it agrees on 0.50 (0.20 to 0.80) of 10 right "
        "answers and 1.00 (0.20 to 1.00) of 10 wrong ones.")
    assert "&lt;b&gt;parrot&lt;/b&gt; judged" in html(judged)


def test_one_checker_s_score_is_not_told_twice(whole: Material) -> None:
    assert scores(whole)["table"]["measures"] == ["score", "slot F1", "is JSON"]
