import json
import subprocess
from pathlib import Path

import pytest
import yaml

from pillm.engine.digest import sha256
from pillm.errors import StageError
from pillm.serve.confidence import CALIBRATION, Calibration
from pillm.stages.bundle import BundleConfig, bundle, check
from tests.reference import tiny_gguf
from tests.reference.tool_schema import SCHEMA

ROOT = Path(__file__).parents[2]
OPTIONAL = ("modelfile", "divergence", "calibration")
SHAPE = {"hidden": 288, "layers": 8, "heads": 4, "kv_heads": 2, "ffn": 288, "vocab": 400}


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf", "odd")
    return folder


@pytest.fixture
def modelfile(tmp_path: Path) -> Path:
    folder = tmp_path / "modelfile"
    folder.mkdir()
    (folder / "Modelfile").write_text('FROM model.gguf\nTEMPLATE """{{ .Prompt }}"""\nPARAMETER temperature 0\n')
    return folder


def config(board: str = "rpi4", **changes) -> BundleConfig:
    device = yaml.safe_load((ROOT / "conf" / "device" / f"{board}.yaml").read_text("utf-8"))
    given = {"name": "essai", "type": "f16", "device": device, "shape": SHAPE, "context": 512, "system": None,
             "answer_schema": None, "decoding": "free"} | changes
    return BundleConfig(**given)


def run(config: BundleConfig, ladder: Path, out: Path, **inputs: Path) -> dict:
    return bundle.action(config, ladder=ladder, bundle=out, **(dict.fromkeys(OPTIONAL) | inputs))


def test_the_folder_is_whole_and_its_sums_hold(ladder, modelfile, tmp_path):
    metrics = run(config(), ladder, tmp_path / "bundle", modelfile=modelfile)
    assert metrics["files"] == ["Modelfile", "README.md", "SHA256SUMS", "essai-f16.gguf"]
    checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "bundle",
                             capture_output=True, text=True, check=True)
    assert checked.stdout.count(": OK") == 3
    assert (tmp_path / "bundle" / "essai-f16.gguf").read_bytes() == (ladder / "f16.gguf").read_bytes()
    assert (tmp_path / "bundle" / "Modelfile").read_text().splitlines()[0] == "FROM ./essai-f16.gguf"


def test_the_page_has_the_commands_and_what_to_expect(ladder, modelfile, tmp_path):
    (tmp_path / "divergence.json").write_text(json.dumps({"f16": {"kl_mean": 0, "perplexity": 5.25}}))
    run(config(system="Réponds en l'bref."), ladder, tmp_path / "bundle", modelfile=modelfile,
        divergence=tmp_path / "divergence.json")
    page = (tmp_path / "bundle" / "README.md").read_text("utf-8")
    assert "# essai on a Raspberry Pi 4" in page
    assert "llama-server -m essai-f16.gguf -c 512 -t 4 --temp 0" in page
    assert """--system-prompt 'Réponds en l'"'"'bref.'""" in page
    assert "ollama create essai -f Modelfile" in page
    assert "perplexity\n5.250" in page
    assert "of 4.0 GiB: it fits" in page
    assert "tokens/s" in page
    assert "\n\n\n" not in page


def test_without_a_modelfile_the_page_says_nothing_of_ollama(ladder, tmp_path):
    run(config("laptop"), ladder, tmp_path / "bundle")
    assert "ollama" not in (tmp_path / "bundle" / "README.md").read_text("utf-8")


@pytest.mark.parametrize(("decoding", "there"), [("schema", True), ("spans", False)])
def test_the_schema_goes_along_and_its_grammar_where_it_is_one(ladder, tmp_path, monkeypatch, decoding, there):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "outils.schema.json").write_text(json.dumps(SCHEMA))
    run(config(answer_schema="outils", decoding=decoding), ladder, tmp_path / "bundle")
    page = (tmp_path / "bundle" / "README.md").read_text("utf-8")
    assert json.loads((tmp_path / "bundle" / "schema.json").read_text("utf-8")) == SCHEMA
    assert (tmp_path / "bundle" / "answer.gbnf").exists() == there == ("--grammar-file answer.gbnf" in page)


def calibrated(folder: Path, sha: str) -> Path:
    folder.mkdir()
    sure = Calibration("mean", 0.137, 0.9, "f16", sha, temperature=0.2)
    (folder / CALIBRATION).write_text(json.dumps(sure.line), "utf-8")
    return folder


def test_the_page_says_when_to_ask_back(ladder, tmp_path):
    found = calibrated(tmp_path / "calibration", sha256(ladder / "f16.gguf"))
    metrics = run(config(), ladder, tmp_path / "bundle", calibration=found)
    page = (tmp_path / "bundle" / "README.md").read_text("utf-8")
    assert "calibration.json" in metrics["files"]
    assert "Below a confidence of 0.137 an answer" in page
    assert "confidence = exp(mean of the tokens' log-probabilities / 0.2)" in page
    assert "90 % reach it" in page
    assert "\n\n\n" not in page


def test_a_calibration_of_another_file_is_refused(ladder, tmp_path):
    found = calibrated(tmp_path / "calibration", "0" * 64)
    with pytest.raises(StageError, match="the calibration is of another file"):
        run(config(), ladder, tmp_path / "bundle", calibration=found)


def test_two_bundles_are_the_same_bytes(ladder, tmp_path):
    for name in ("once", "again"):
        run(config(), ladder, tmp_path / name)
    assert (tmp_path / "once" / "SHA256SUMS").read_bytes() == (tmp_path / "again" / "SHA256SUMS").read_bytes()
    assert (tmp_path / "once" / "README.md").read_bytes() == (tmp_path / "again" / "README.md").read_bytes()


def test_what_cannot_be_bundled_is_told(ladder, tmp_path):
    with pytest.raises(StageError, match="the ladder has no Q4_K_M; it has f16"):
        run(config(type="Q4_K_M"), ladder, tmp_path / "bundle")
    assert [field for field, _ in check(config(name="a b", decoding="schema"))] == ["name", "decoding"]
    assert list(check(config())) == []
