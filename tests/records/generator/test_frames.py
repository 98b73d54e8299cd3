"""Several requests said in one frame: every part is a call of its own, in the order said."""
import shutil
from itertools import islice
from pathlib import Path

import pytest
import yaml

from pillm.errors import DataError
from pillm.records.generator import compose, read
from tests.conftest import ROOT

RULES = ROOT / "dataset" / "quebecois" / "requests" / "rules"
FRAMED = {
    "share": 1, "framed": 1, "calls": {2: 1}, "never": ["none"], "joiners": {", ": 1},
    "frames": ["pars {thing} pis {thing}, {why}", "{hurry}: {request}, {request}"],
    "held_out": ["deux missions: {thing} et {thing}"],
    "parts": {"thing": {"timer": ["un timer {de duration}"], "heat": ["la chaleur à {temp}"]}},
    "fragments": {"why": ["{reason}"], "hurry": ["vite vite vite"]},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def some(folder: Path, several: object, **options: object) -> list[compose.Asked]:
    (folder / "several.yaml").write_text(yaml.safe_dump(several, allow_unicode=True), "utf-8")
    made = compose.requests(read.read(folder), 1, **{"invented": 0.4, "noise": 0} | options)  # type: ignore[arg-type]
    return list(islice(made, 200))


def test_each_part_is_a_call_with_only_its_own_slots(folder: Path) -> None:
    asked = [one for one in some(folder, FRAMED) if one.request.startswith("Pars ")]
    assert 60 < len(asked) < 140
    for one in asked:
        first, second = one.request.removeprefix("Pars ").split(" pis ", 1)
        for said, call in zip((first, second), one.calls, strict=True):
            assert said.startswith("un timer") == (call["tool"] == "timer") == ("minutes" in call)
            assert call.keys() in ({"tool", "minutes"}, {"tool", "temp"})


def test_a_whole_request_in_a_frame_is_one_call_of_a_tool_that_may_come_with_others(folder: Path) -> None:
    asked = [one for one in some(folder, FRAMED) if one.request.startswith("Vite")]
    assert {len(one.calls) for one in asked} == {2}
    assert len({tool for one in asked for tool in one.tools} - {"none"}) > 5
    assert not any("none" in one.tools for one in asked)


def test_held_out_frames_stay_apart(folder: Path) -> None:
    assert not any("missions" in one.request for one in some(folder, FRAMED))
    assert all(one.request.startswith("Deux missions: ") for one in some(folder, FRAMED, unseen="phrasings"))


@pytest.mark.parametrize(("change", "told"), [
    ({"frames": ["{thing} et {things}"]}, "several.yaml: frames: there is no fragment 'things'. Did you mean 'thing'?"),
    ({"parts": {"thing": {"timr": ["un"]}}}, "parts.thing: there is no tool 'timr'. Did you mean 'timer'?"),
    ({"parts": {"thing": {"timer": ["{temp}"]}}}, "several.yaml: parts.thing.timer: there is no fragment 'temp'"),
    ({"fragments": {"why": ["{raison}"], "hurry": ["vite"]}}, "fragments.why: there is no fragment 'raison'"),
])
def test_a_wrong_frame_is_told(folder: Path, change: dict[str, object], told: str) -> None:
    with pytest.raises(DataError) as error:
        some(folder, FRAMED | change)
    assert told in str(error.value)
