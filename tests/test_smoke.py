"""Recipes under caps=smoke run every stage for real, on any machine, without a network."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pillm.engine.digest import sha256
from tests import smoke
from tests.kills import held
from tests.smoke import Ran

CHAT = ("quebecois_tinyllama", "quebecois_qwen", "quebecois_granite", "quebecois_gemma", "pushback_qwen")
ALL = [pytest.param("quebecois_nano"), *(pytest.param(recipe, marks=pytest.mark.slow) for recipe in CHAT)]
GATES = {"parity: token parity", "parity: Modelfile parity", "parity: metadata parity", "parity: logits parity",
         "sft: mask"}
MERGE_GATES = {"merge: merge", "merge: adapter has an effect"}
ACCOUNT = {"recipe", "caps", "overrides", "command", "started", "seconds", "code", "error", "steps", "gates"}
STEP = {"stage", "version", "key", "identity", "metrics", "predicted", "made", "cached", "reasons", "outputs"}
LOADED = re.compile(r"""(?:\ssrc(?:set)?=|<link[^>]*\shref=|@import\s|url\()["']?([^"')\s>]*)""")
"""What a browser would fetch; names of XML languages and links that wait for a click are not fetched."""


@pytest.fixture
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return smoke.once(tmp_path_factory.getbasetemp(), request.param)


def every(*recipes: object):
    """The test, of the one run of each recipe."""
    return pytest.mark.parametrize("ran", recipes, indirect=True)


def scores(ran: Ran, step: str = "evaluate") -> dict:
    return json.loads((ran.folder / f"{step}.scores" / "scores.json").read_text("utf-8"))["types"]


def test_no_network_is_reached() -> None:
    script = "import urllib.request; urllib.request.urlopen('http://192.0.2.1', timeout=5)"
    done = subprocess.run([sys.executable, "-c", script], env=os.environ | smoke.NO_NETWORK, capture_output=True,
                          text=True, check=False)
    assert "a test that runs without a network reached for ('192.0.2.1', 80)" in done.stderr


@every(*ALL)
def test_it_ends_with_its_gates_met(ran: Ran) -> None:
    assert (ran.code, ran.record["error"]) == (0, ""), ran.err
    met = {gate["name"]: gate["met"] for gate in ran.record["gates"]}
    wanted = GATES | (MERGE_GATES if "merge" in ran.record["steps"] else set())
    assert met.keys() >= wanted
    assert all(met[name] for name in wanted), ran.unmet


@every(*ALL)
def test_the_loss_falls(ran: Ran) -> None:
    lines = [json.loads(line) for line in (ran.folder / "sft.losses").read_text("utf-8").splitlines()]
    judged = [line["eval_loss"] for line in lines if "eval_loss" in line]
    trained = [line["loss"] for line in lines if "loss" in line]
    assert judged[-1] < judged[0] - 0.2
    assert trained[-1] < trained[0]


@every(*ALL)
def test_the_report_loads_nothing(ran: Ran) -> None:
    page = (ran.folder / "report.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert [place for place in LOADED.findall(page) if not place.startswith(("data:", "#"))] == []


@every(*ALL)
def test_the_ladder_has_f16_and_two_sorts_of_blocks(ran: Ran) -> None:
    files = {file.stem: file for file in (ran.folder / "quantize.ladder").iterdir()}
    assert files.keys() == {"f16", "Q8_0", "Q4_K_M"}
    formats = ran.metrics("quantize")["types"]["Q4_K_M"]["formats"]
    assert {"Q4_K", "Q6_K"} <= formats.keys()


@every(*ALL)
def test_scores_name_the_file_they_are_of(ran: Ran) -> None:
    found = scores(ran)
    assert {name: facts["sha256"] for name, facts in found.items()} == {
        name: sha256(ran.folder / "quantize.ladder" / f"{name}.gguf") for name in found}
    assert all(facts["score"].keys() == {"value", "low", "high", "n"} for facts in found.values())


@every(*ALL)
def test_the_account_is_whole(ran: Ran) -> None:
    record = ran.record
    assert record.keys() >= ACCOUNT and (record["caps"], record["code"]) == ("smoke", 0)
    assert record["recipe"] == ran.folder.parent.name
    for name, step in record["steps"].items():
        assert step.keys() >= STEP, name
        for port, made in step["outputs"].items():
            assert (ran.folder / f"{name}.{port}").exists() and len(made["digest"]) == 64


@every(*(pytest.param(recipe, marks=pytest.mark.slow) for recipe in CHAT))
def test_the_base_model_stands_beside_it(ran: Ran) -> None:
    tuned, base = scores(ran), scores(ran, "evaluate_base")
    assert tuned.keys() == base.keys()
    assert {facts["sha256"] for facts in tuned.values()}.isdisjoint(facts["sha256"] for facts in base.values())
    assert (ran.folder / "adapter_gguf.lora").stat().st_size > 0


@every("quebecois_nano")
def test_a_second_run_does_nothing(ran: Ran) -> None:
    again = smoke.run(ran.folder.parents[2], "+recipe=quebecois_nano")
    assert again.folder != ran.folder
    assert {name for name, step in again.record["steps"].items() if not step["cached"]} == set()


@every("quebecois_nano")
def test_what_is_judged_under_caps(ran: Ran) -> None:
    words = ["+recipe=quebecois_nano", "gates.speed.metric=bench.decode.tokens_per_s", "gates.speed.min=1000000000"]
    again = smoke.run(ran.folder.parents[2], *words, "until=bench")
    speed = next(gate for gate in again.record["gates"] if gate["name"] == "speed")
    assert (again.code, speed["met"]) == (0, None)
    assert "not judged" in again.out


@pytest.mark.slow
@every("quebecois_nano", "quebecois_tinyllama")
def test_another_folder_holds_the_same_bytes(ran: Ran, tmp_path: Path) -> None:
    recipe = ran.record["recipe"]
    assert smoke.run(tmp_path, f"+recipe={recipe}").code == 0
    here, there = held(ran.folder.parents[2] / "store"), held(tmp_path / "store")
    assert len(there) > 10
    assert {name: here.get(name) for name in there} == there
