"""A base model from a folder, from nothing, and from a Hub that misbehaves."""
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tokenizers import Tokenizer

from pillm.engine.identity import identity_config
from pillm.errors import DataError, StageError
from pillm.serve.template import render
from pillm.shape import Shape
from pillm.stages.fetch import FetchConfig, check, estimate, fetch
from tests.stages.hub_server import COMMIT, HubServer

ROOT = Path(__file__).parents[2]
SHAPE = {"hidden": 64, "layers": 2, "heads": 2, "kv_heads": 1, "ffn": 128, "vocab": 640, "head_dim": None, "tied": True}
NOTHING = {"repo": None, "revision": None, "path": None, "template": None, "family": "nano", "shape": SHAPE,
           "context": 128, "answer_schema": "tool_calls", "seed": 3}
EMPTY_PORTS: dict[str, Any] = {"chats": None}


def config(**given: Any) -> FetchConfig:
    return FetchConfig.model_validate(NOTHING | given, context={"look_in": [Path(), ROOT]})


def run(given: FetchConfig, folder: Path, chats: Path | None = None, progress: Callable = print) -> dict:
    (folder / "work").mkdir(parents=True, exist_ok=True)
    return fetch.action(given, chats, folder / "weights", folder / "work", progress)


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "chats"
    folder.mkdir()
    rows = [{"messages": [{"role": "user", "content": line}, {"role": "assistant", "content": '[{"tool":"none"}]'}]}
            for line in (ROOT / "tests" / "data" / "corpus.txt").read_text("utf-8").splitlines()]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture
def copy(tiny_weights: Callable[[str], Path], tmp_path: Path) -> Path:
    """A user's own folder with a model."""
    return Path(shutil.copytree(tiny_weights("qwen"), tmp_path / "mine"))


def test_from_nothing(chats: Path, tmp_path: Path) -> None:
    metrics = run(config(source="scratch"), tmp_path, chats)
    tokenizer = Tokenizer.from_file(str(tmp_path / "weights" / "tokenizer.json"))
    assert metrics["parameters"] == Shape(**SHAPE).matrix_values + (2 * 2 + 1) * 64  # two norms a layer, one at the end
    assert tokenizer.token_to_id('[{"tool":"calendar","title":"') is not None  # a literal of the domain's schema
    assert metrics["tokens"] <= 640


def test_a_line_that_is_no_chat_is_told(chats: Path, tmp_path: Path) -> None:
    with (chats / "train.jsonl").open("a") as file:
        file.write('{"messages": [{"role": "user"}]}\n')
    with pytest.raises(DataError, match=r"train.jsonl:283: not a chat"):
        run(config(source="scratch"), tmp_path, chats)


def test_from_a_folder_without_links_to_it(copy: Path, tmp_path: Path) -> None:
    (copy / "notes.txt").write_text("not part of the model")
    run(config(source="folder", path=str(copy)), tmp_path)
    weights = tmp_path / "weights"
    assert not (weights / "notes.txt").exists()
    assert (weights / "model.safetensors").read_bytes() == (copy / "model.safetensors").read_bytes()
    assert not (weights / "model.safetensors").samefile(copy / "model.safetensors")


def test_the_folders_bytes_are_the_identity(copy: Path) -> None:
    seen: list[Path] = []
    found = identity_config(config(source="folder", path=str(copy)), lambda path: seen.append(path) or "bytes")
    assert seen == [copy]
    assert found["path"] == "bytes" and found["shape"] is None and found["answer_schema"] is None


def test_what_a_source_does_not_use_is_not_its_identity() -> None:
    hub = {"source": "hub", "repo": "owner/model", "revision": COMMIT}
    assert config(**hub) == config(**hub, seed=7, context=99, answer_schema=None, family="llama")
    assert config(source="scratch") != config(source="scratch", seed=7)
    assert config(source="scratch", family="qwen2").answer_schema is None


def test_a_template_inside_tokenizer_config_moves_to_its_own_file(copy: Path, tmp_path: Path) -> None:
    settings = json.loads((copy / "tokenizer_config.json").read_text("utf-8"))
    inline = "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
    settings |= {"chat_template": [{"name": "tool_use", "template": "no"}, {"name": "default", "template": inline}],
                 "auto_map": {"AutoTokenizer": ["code.Tokenizer", None]}}
    (copy / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (copy / "chat_template.jinja").unlink()
    run(config(source="folder", path=str(copy)), tmp_path)
    assert (tmp_path / "weights" / "chat_template.jinja").read_text("utf-8") == inline
    left = json.loads((tmp_path / "weights" / "tokenizer_config.json").read_text("utf-8"))
    assert "chat_template" not in left and "auto_map" not in left
    assert json.loads((copy / "tokenizer_config.json").read_text("utf-8")) == settings  # the user's is untouched


def test_a_template_that_asks_for_the_date_is_given_one(copy: Path, tmp_path: Path) -> None:
    clock = "{{ 'Today: ' + strftime_now('%B %d, %Y') + '. ' }}{% for m in messages %}{{ m.content }}{% endfor %}"
    (copy / "chat_template.jinja").write_text(clock, encoding="utf-8")
    run(config(source="folder", path=str(copy)), tmp_path)
    kept = (tmp_path / "weights" / "chat_template.jinja").read_text("utf-8")
    assert render(kept, [{"role": "user", "content": "Hi"}]) == "Today: April 16, 2025. Hi"


def test_a_given_template_goes_before_the_models_own(copy: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jinja"
    mine.write_text("{% for m in messages %}<{{ m.content }}>{% endfor %}", encoding="utf-8")
    run(config(source="folder", path=str(copy), template=str(mine)), tmp_path)
    assert (tmp_path / "weights" / "chat_template.jinja").read_text("utf-8") == mine.read_text("utf-8")


@pytest.mark.parametrize(("spoil", "told"), [
    (lambda folder: (folder / "chat_template.jinja").unlink(), "model.template: this model has no chat template"),
    (lambda folder: (folder / "chat_template.jinja").write_text("{{ messages[0].content }}"), "does not write what is"),
    (lambda folder: (folder / "chat_template.jinja").write_text("{% if %}"), "chat template:1"),
    (lambda folder: shrink(folder / "config.json"), "more than the model's 64 embeddings"),
])
def test_an_unsound_model_stops_the_run(copy: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str) -> None:
    spoil(copy)
    with pytest.raises(StageError, match=told):
        run(config(source="folder", path=str(copy)), tmp_path)


def shrink(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"vocab_size": 64}), encoding="utf-8")


@pytest.mark.parametrize(("spoil", "told"), [
    (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "pickle can run code"),
    (lambda folder: (folder / "model.safetensors").unlink(), "there is no model.safetensors"),
    (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json is missing"),
    (lambda folder: (folder / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "model-00002-of-00002.safetensors"}}'), "model-00002-of-00002.safetensors is missing"),
    (lambda folder: (folder / "tokenizer_config.json").write_text("{"), "tokenizer_config.json is no JSON object"),
    (lambda folder: (folder / "model.safetensors.index.json").write_text("[]"), "index.json is no JSON object"),
    (lambda folder: (folder / "chat_template.jinja").unlink(), "this model has no chat template"),
])
def test_a_folder_is_looked_at_before_anything_starts(copy: Path, spoil: Callable[[Path], Any], told: str) -> None:
    spoil(copy)
    [(_, problem)] = check(config(source="folder", path=str(copy)))
    assert told in problem


def test_a_broken_tokenizer_config_is_told_where_the_template_would_be_in_it(copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    (copy / "tokenizer_config.json").write_text("{")
    [(field, problem)] = check(config(source="folder", path=str(copy)))
    assert (field, "tokenizer_config.json is no JSON object" in problem) == ("path", True)


@pytest.mark.parametrize(("given", "field", "told"), [
    ({"source": "hub"}, "repo", "Set model.repo"),
    ({"source": "hub", "repo": "https://huggingface.co/a/b"}, "repo", "Write it as owner/name"),
    ({"source": "folder"}, "path", "Set model.path"),
    ({"source": "scratch", "family": "quen2"}, "family", "Did you mean 'qwen2'"),
    ({"source": "scratch", "shape": SHAPE | {"kv_heads": 3}}, "shape.kv_heads", "3 do not divide 2 heads"),
])
def test_a_wrong_config_is_told(given: dict, field: str, told: str) -> None:
    [(where, problem)] = check(config(**given))
    assert where == field and told in problem


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(ValidationError, match="no such file or folder: nowhere"):
        config(source="folder", path="nowhere")


def test_estimate_of_a_download() -> None:
    recipe = {"model": {"parameters": 1_100_048_384}}
    expected = estimate(config(source="hub", repo="owner/model"), recipe)
    assert 100 < expected.seconds < 130 and round(expected.disk_gib, 1) == 2.0
    built = estimate(config(source="scratch"), recipe)  # the shape's size, not the part's
    assert built.seconds < 6 and built.disk_gib < 0.001


@pytest.fixture
def hub(copy: Path) -> Iterator[HubServer]:
    (copy / "pytorch_model.bin").write_bytes(b"pickle")
    (copy / "modeling_custom.py").write_text("raise SystemExit('remote code ran')")
    with HubServer({"owner/model": copy}) as server:
        yield server


def download(server: HubServer, folder: Path, **given: Any) -> subprocess.Popen:
    """The stage in a process of its own: huggingface_hub reads its environment when it is imported."""
    (folder / "work").mkdir(parents=True, exist_ok=True)
    code = "import sys; from tests.stages.test_fetch import in_process; in_process(*sys.argv[1:])"
    settings = {"source": "hub", "repo": "owner/model", "revision": COMMIT} | given
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder), "HF_ENDPOINT": server.url,
                   "HF_HUB_DOWNLOAD_TIMEOUT": "5", **server.environment}
    return subprocess.Popen([sys.executable, "-c", code, json.dumps(settings), folder], env=environment, cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def in_process(settings: str, folder: str) -> None:
    try:
        metrics = run(config(**json.loads(settings)), Path(folder))
        print(json.dumps(metrics))
    except StageError as error:
        print(f"StageError: {error}")


def outcome(child: subprocess.Popen) -> list[str]:
    out, _ = child.communicate(timeout=120)
    return out.strip().splitlines()


def test_a_download_takes_safetensors_and_no_code(hub: HubServer, tmp_path: Path) -> None:
    *progress, last = outcome(download(hub, tmp_path / "one", revision="main"))
    metrics = json.loads(last)
    assert metrics["revision"] == COMMIT  # what the branch stood for is noted
    assert not {"pytorch_model.bin", "modeling_custom.py"} & {path.name for path in (tmp_path / "one").rglob("*")}
    size = (tmp_path / "one" / "weights" / "model.safetensors").stat().st_size
    label, done, total = progress[-1].split()
    assert label == "download" and int(done) == int(total) >= size


def test_a_killed_download_is_taken_up_again(hub: HubServer, tmp_path: Path) -> None:
    hub.pause_after = 10_490_000  # huggingface_hub writes pieces of 10 MiB
    child = download(hub, tmp_path / "one")
    while not any(part.stat().st_size for part in (tmp_path / "one").rglob("model.safetensors.part")):
        assert child.poll() is None, outcome(child)
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    shutil.rmtree(tmp_path / "one" / "weights")  # as the engine does: only work/ outlives a kill
    hub.pause_after = None
    hub.ranges.clear()
    assert json.loads(outcome(download(hub, tmp_path / "one"))[-1])["revision"] == COMMIT
    assert any(start > 0 for start in hub.ranges)
    assert (tmp_path / "one" / "weights" / "model.safetensors").read_bytes() == hub.bytes_of("model.safetensors")


def test_damaged_bytes_are_not_kept(hub: HubServer, tmp_path: Path) -> None:
    hub.spoil = lambda content: content[:-1] + bytes([content[-1] ^ 1])
    assert "what arrived is not what the Hub has" in outcome(download(hub, tmp_path / "one"))[-1]
    shutil.rmtree(tmp_path / "one" / "weights")
    hub.spoil = lambda content: content
    assert json.loads(outcome(download(hub, tmp_path / "one"))[-1])["repo"] == "owner/model"


@pytest.fixture
def cached(hub: HubServer, copy: Path, tmp_path: Path) -> Path:
    """The model as the user's Hugging Face cache has it."""
    repository = tmp_path / "cache" / "models--owner--model"
    snapshot = Path(shutil.copytree(copy, repository / "snapshots" / COMMIT))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    hub.environment = {"HF_HUB_CACHE": str(tmp_path / "cache")}
    return snapshot


@pytest.mark.parametrize("revision", [COMMIT, "main"])
def test_offline_the_users_cache_will_do(hub: HubServer, cached: Path, tmp_path: Path, revision: str) -> None:
    hub.environment["HF_HUB_OFFLINE"] = "1"
    metrics = json.loads(outcome(download(hub, tmp_path / "one", revision=revision))[-1])
    assert (metrics["revision"], metrics["compared_with_hub"]) == (COMMIT, False)
    assert not (tmp_path / "one" / "weights" / "pytorch_model.bin").exists()


@pytest.mark.parametrize("lacking", [None, "generation_config.json"])
def test_online_the_users_cache_will_do_if_it_has_all_of_the_model(
    hub: HubServer, cached: Path, tmp_path: Path, lacking: str | None,
) -> None:
    if lacking:  # another program took only what it needed
        (cached / lacking).unlink()
    metrics = json.loads(outcome(download(hub, tmp_path / "one"))[-1])
    assert bool(hub.ranges) == bool(lacking) and metrics["compared_with_hub"]
    assert (tmp_path / "one" / "weights" / "generation_config.json").exists()


@pytest.mark.parametrize(("given", "environment", "told"), [
    ({"repo": "owner/other"}, {}, "owner/other: the Hub has no such model, or it is private"),
    ({"repo": "owner/gated"}, {}, "its terms must be accepted first. Open https://huggingface.co/owner/gated"),
    ({"revision": "v9"}, {}, "model.revision: v9: owner/model has no such revision"),
    ({"repo": "owner/broken"}, {}, "the Hub answered 500"),
    ({}, {"HF_HUB_OFFLINE": "1"}, "is not in the local cache, and HF_HUB_OFFLINE forbids"),
    ({}, {"HF_ENDPOINT": "http://127.0.0.1:9"}, "the Hub cannot be reached"),
])
def test_a_refusal_is_told_with_its_remedy(
    hub: HubServer, tmp_path: Path, given: dict, environment: dict, told: str,
) -> None:
    hub.environment = environment
    last = outcome(download(hub, tmp_path / "one", **given))[-1]
    assert last.startswith("StageError") and told in last
