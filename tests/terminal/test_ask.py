"""What is asked of which file, and how sure it is told to be."""
import io
import json
import math
import shutil
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from pillm.backends.llama_cpp.server import Completion
from pillm.engine.digest import sha256
from pillm.errors import ConfigError, MissingInput
from pillm.serve.chat import Style
from pillm.serve.confidence import CALIBRATION, Calibration
from pillm.terminal.ask import answer, converse, show
from pillm.terminal.look import look
from pillm.terminal.target import find, of_run
from tests.reference import tiny_gguf

CALLS = '[{"tool":"timer","minutes":10}]'
CALIBRATED = Calibration("sum", 0.5, 0.9, "f16", "", temperature=2.0)


def completion(text: str, *logprobs: float) -> Completion:
    return Completion(text, prompt_tokens=9, completion_tokens=len(logprobs), prompt_s=0.1, decode_s=0.5,
                      mean_logprob=sum(logprobs) / len(logprobs), stop_reason="eos", logprobs=logprobs)


SURE, UNSURE = completion(CALLS, -0.1, -0.1), completion(CALLS, -0.1, -3.0)


def test_a_line_has_the_calls_and_a_confidence():
    assert answer("dix minutes", UNSURE) == {
        "request": "dix minutes", "calls": [{"tool": "timer", "minutes": 10}], "confidence": round(math.exp(-1.55), 4)}
    assert answer("allô", completion("Oui?", -0.5))["answer"] == "Oui?"


def test_with_a_calibration_the_unsure_say_so():
    assert answer("x", SURE, CALIBRATED)["confidence"] == round(math.exp(-0.1), 4)
    assert "unsure" not in answer("x", SURE, CALIBRATED)
    told = answer("x", UNSURE, CALIBRATED)
    assert (told["confidence"], told["unsure"]) == (round(math.exp(-1.55), 4), True)
    assert list(told) == ["request", "calls", "confidence", "unsure"]


def shown(said: Completion, calibration: Calibration | None, *, already: bool = False) -> list[str]:
    """The lines of a terminal."""
    console = Console(file=io.StringIO(), width=80)
    show(console, said, calibration, shown=already)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_on_a_terminal_an_answer_below_the_threshold_is_a_question():
    assert shown(UNSURE, CALIBRATED) == ["not sure (0.21): did you mean this?", CALLS, "2 tokens, 4 a second"]
    assert shown(SURE, CALIBRATED) == [CALLS, "confidence 0.90, 2 tokens, 4 a second"]


def test_what_was_shown_as_it_came_is_not_shown_again():
    assert shown(UNSURE, CALIBRATED, already=True) == ["", "not sure (0.21)", "2 tokens, 4 a second"]
    assert shown(SURE, None, already=True) == ["", "2 tokens, 4 a second"]


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ladder") / "f16.gguf"
    tiny_gguf.model(file, "odd")
    return file


def finished(folder: Path, gguf: Path, *sums: str) -> Path:
    """A run with a ladder, and a calibration of each of these files, the last one of a threshold that all reach."""
    outputs = {"quantize": {"ladder": {"kind": "ladder", "path": str(gguf.parent)}}}
    for number, digest in enumerate(sums):
        out = folder / f"calibration-{number}"
        out.mkdir(parents=True)
        line = Calibration("sum", 1 - number, 0.9, "f16", digest, temperature=2.0).line
        (out / CALIBRATION).write_text(json.dumps(line), "utf-8")
        outputs[f"calibrate_{number}"] = {"calibration": {"kind": "calibration", "path": str(out)}}
    folder.mkdir(exist_ok=True)
    steps = {name: {"outputs": made} for name, made in outputs.items()}
    (folder / "run.json").write_text(json.dumps({"steps": steps}), "utf-8")
    values = {"domain": {"name": "essai", "eval": "asked.jsonl"}, "device": {"quant": "f16"},
              "model": {"context": 512}, "threads": 1}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(values), "utf-8")
    return folder


def test_a_run_is_calibrated_by_the_last_one_of_its_own_file(gguf, tmp_path):
    digest = sha256(gguf)
    target = of_run(finished(tmp_path / "run", gguf, digest, digest))
    assert (target.gguf, target.context, target.threads, target.eval) == (gguf, 512, 1, "asked.jsonl")
    assert target.calibration == Calibration("sum", 0, 0.9, "f16", digest, temperature=2.0)
    assert of_run(finished(tmp_path / "other", gguf, "0" * 64)).calibration is None
    assert of_run(finished(tmp_path / "none", gguf)).calibration is None


def project_of(folder: Path, gguf: Path) -> Path:
    """A run in its project: paths of its account begin there, as a run's do, and its links lead into the store."""
    run = folder / "runs" / "essai" / "20261129-101500"
    run.mkdir(parents=True)
    (folder / "schemas").mkdir()
    (folder / "schemas" / "essai.schema.json").write_text('{"type": "array"}', "utf-8")
    (folder / "asked.jsonl").touch()
    (folder / "store").mkdir()
    finished(run, gguf, sha256(gguf))
    record = json.loads((run / "run.json").read_text("utf-8"))
    for step, made in record["steps"].items():
        for port, output in made["outputs"].items():
            shutil.copytree(output["path"], folder / "store" / step)
            output["path"] = f"store/{step}"
            (run / f"{step}.{port}").symlink_to(f"../../../store/{step}")
    (run / "run.json").write_text(json.dumps(record), "utf-8")
    values = yaml.safe_load((run / "recipe.yaml").read_text("utf-8"))
    values["domain"]["schema"] = "essai"
    (run / "recipe.yaml").write_text(yaml.safe_dump(values), "utf-8")
    return run


def test_a_run_is_asked_from_any_folder(gguf, tmp_path, monkeypatch):
    run = project_of(tmp_path / "project", gguf)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for asked in (str(run), "../project/runs/essai/20261129-101500"):
        target = find(asked, [])
        assert target.gguf.resolve() == tmp_path / "project" / "store" / "quantize" / "f16.gguf"
        assert target.calibration is not None
        assert (target.eval, target.style.schema) == (str(tmp_path / "project" / "asked.jsonl"), '{"type": "array"}')


def test_a_file_alone_has_none(gguf):
    assert find(str(gguf), []).calibration is None
    assert find(str(gguf), []).style == Style()


def pipe(monkeypatch: pytest.MonkeyPatch, octets: bytes, errors: str = "strict") -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(octets), "utf-8", errors))


@pytest.mark.parametrize("calibrated", [True, False])
def test_piped_requests_are_answered_a_line_each(gguf, tmp_path, monkeypatch, capsys, calibrated):
    run = finished(tmp_path / "run", gguf, *[sha256(gguf)] * calibrated)
    pipe(monkeypatch, "Allô\n\nFerme la porte\n".encode())
    assert converse(Console(), str(run), []) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["request"] for line in told] == ["Allô", "Ferme la porte"]
    assert [line.get("unsure") for line in told] == ([True, True] if calibrated else [None, None])


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_line_without_an_answer_is_told_and_the_others_are_answered(gguf, tmp_path, monkeypatch, capsys, errors):
    """Lines in and out stay aligned."""
    run = finished(tmp_path / "run", gguf)
    pipe(monkeypatch, "Allô\n\nété\n".encode() + b"caf\xe9\n" + b"mot " * 3000 + b"\nFerme la porte\n", errors)
    assert converse(Console(), str(run), []) == 1
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["request"][:14] for line in lines] == ["Allô", "été", "caf\\xe9", "mot mot mot mo", "Ferme la porte"]
    assert [list(line) for line in lines if "error" in line] == [["request", "error"]] * 2
    assert ["answer" in line for line in lines] == [True, True, False, False, True]
    first, second = told.err.splitlines()[-2:]
    assert first == "line 4: byte 4 of the line is not UTF-8. Convert the input with iconv."
    assert second.startswith("line 5: llama.cpp's server: request (")


ASKED = [{"id": "1", "user": "Allô", "check": "regex", "answer": "^", "gold": "Oui?"},
         {"id": "2", "messages": [{"role": "user", "content": "Une?"}, {"role": "assistant", "content": "Deux."}],
          "user": "[bold]Trois[/]?", "check": "regex", "answer": "cela ne se dit pas"},
         {"id": "3", "user": "Quatre", "check": "chrf", "answer": "quatre"}]


def looked(run: Path, most: str) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    assert look(console, str(run), [], most) == 0
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_examples_stand_beside_what_was_wanted(gguf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps(each) + "\n" for each in ASKED), "utf-8")
    lines = looked(finished(tmp_path / "run", gguf), "2")
    assert lines[:2] == ["› Allô", "  wanted  Oui?"]
    assert lines[2].startswith("  said    ") and "  right" in lines
    second = lines[lines.index("  before  Une?"):]
    assert second[1:4] == ["  before  Deux.", "› [bold]Trois[/]?", "  wanted  regex cela ne se dit pas"]
    assert "  wrong" in second
    assert lines[-1] == "score 50% on 2 of 3 questions"


def test_examples_need_questions_and_a_number(gguf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="examples=some: it is a number"):
        looked(gguf, "some")
    with pytest.raises(ConfigError, match="Name the recipe or the run that made the file"):
        looked(gguf, "2")
    with pytest.raises(MissingInput, match=r"there is no asked\.jsonl\. Stand in the folder"):
        looked(finished(tmp_path / "run", gguf), "2")
