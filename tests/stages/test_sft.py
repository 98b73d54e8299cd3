"""Fine-tuning on small models of real families."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch

from pillm.backends.hf import collate, machine, model
from pillm.backends.hf.chat import encode_chat, tokenizer
from pillm.backends.hf.costs import Sizes
from pillm.backends.hf.rows import read
from pillm.backends.hf.trainer import loss_of
from pillm.errors import DataError, StageError
from pillm.stages.sft import SftConfig, check, estimate, sft

ROOT = Path(__file__).parents[2]
FEW = {"max_steps": 10, "learning_rate": 5e-3, "batch_size": 4, "log_steps": 5, "eval_steps": 5}


@dataclass(frozen=True)
class Made:
    """What a run left."""

    out: Path
    metrics: dict[str, Any]
    losses: list[dict[str, float]]

    @property
    def digest(self) -> str:
        files = sorted(path for path in self.out.rglob("*") if path.is_file())
        return sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


def row(asked: str, said: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}], **more}


def sums(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    pairs = [(chance.randint(1, 9), chance.randint(1, 9)) for _ in range(count)]
    return [row(f"Combien font {a} et {b}?", f"{a} et {b} font {a + b}.", source="sums") for a, b in pairs]


def write(folder: Path, train: list[dict[str, Any]], validation: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("train", train), ("validation", validation)):
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def config(**changes: Any) -> SftConfig:
    return SftConfig(**{"context": 256, "form": "chat", "format_template": None, "seed": 1, "threads": 1,
                        "dtype": "fp32", "training": FEW} | changes)


def silent(label: str, done: float, total: float | None = None, **figures: float) -> None:
    """Nobody watches."""


Train = Callable[..., Made]


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("data") / "chats", sums(60, 0), sums(12, 1))


@pytest.fixture
def train(tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path) -> Train:
    def run(part: str = "tinyllama", *, data: Path = chats, name: str = "run", progress: Any = silent,
            **changes: Any) -> Made:
        chosen, folder = config(**changes), tmp_path / name
        (folder / "work").mkdir(parents=True, exist_ok=True)
        adapter, weights = (folder / "adapter", None) if chosen.lora else (None, folder / "weights")
        metrics = sft.action(chosen, tiny_weights(part), data, adapter=adapter, weights=weights,
                             losses=folder / "losses.jsonl", work=folder / "work", progress=progress)
        lines = (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()
        return Made(adapter or folder / "weights", metrics, [json.loads(line) for line in lines])

    return run


def test_the_loss_falls_and_an_adapter_is_left(train: Train) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    made = train(progress=lambda label, done, total=None, **figures: heard.append(
        (label, figures | {"done": done, "of": total})))
    told = [figures for label, figures in heard if label == "training"]
    assert [label for label, _ in heard[:3]] == [
        "reading train.jsonl, chats", "reading validation.jsonl, chats", "looking at validation chats, pass"]
    assert made.metrics["eval_loss"] < made.metrics["eval_loss_before"] - 0.5
    assert [line["step"] for line in made.losses if "eval_loss" in line] == [0, 5, 10]
    assert [line["step"] for line in made.losses if "loss" in line] == [5, 10]
    assert {path.name for path in made.out.iterdir()} == {
        "adapter_config.json", "adapter_model.safetensors", "chat_template.jinja", "trained_on.json"}
    assert str(made.out.parent) not in (made.out / "adapter_config.json").read_text()
    assert told[-1]["done"] == told[-1]["of"] == 10
    assert {"loss", "eval_loss", "eval_exact", "trained_tokens_per_s"} <= told[-1].keys()
    assert made.metrics["gates"][0] == {"name": "mask", "met": True, "told": made.metrics["gates"][0]["told"]}


@pytest.mark.parametrize("part", ["gemma", "granite4", *(
    pytest.param(part, marks=pytest.mark.slow) for part in ("granite", "qwen3", "mistral"))])
def test_every_architecture_learns(part: str, train: Train) -> None:
    made = train(part)
    assert made.metrics["eval_loss"] < made.metrics["eval_loss_before"] - 0.1 and made.metrics["packed"]


@pytest.mark.parametrize("changes", [
    {"lora": {"dora": True, "rslora": True, "dropout": 0.1}},
    {"training": FEW | {"packing": False}},
    {"training": FEW | {"gradient_checkpointing": True, "gradient_accumulation": 2, "prompt_loss_weight": 0.1}},
    {"training": FEW | {"batch_tokens": 300, "schedule": "linear", "weight_decay": 0.01}},
    {"dtype": "bf16"},
    {"form": "plain"},
    {"form": "template", "format_template": "Q: {question}\nA: {final_answer}"},
    {"lora": None, "training": FEW | {"optimizer": "muon", "learning_rate": 2e-3}},
    {"dtype": "bf16", "training": FEW | {"ema_decay": 0.9, "gradient_checkpointing": True}},
], ids=["dora", "padded", "checkpointed", "by tokens", "bf16", "plain", "template", "muon", "averaged"])
def test_ways_to_train(changes: dict[str, Any], train: Train) -> None:
    made = train(**changes)
    assert made.metrics["eval_loss"] < made.metrics["eval_loss_before"] - 0.2


def test_threads_are_found_out_by_its_own_steps(train: Train) -> None:
    before = torch.get_num_threads()
    made = train(threads="fastest")
    assert made.metrics["eval_loss"] < made.metrics["eval_loss_before"] - 0.5
    assert 1 <= made.metrics["threads"] <= machine.cores()
    assert torch.get_num_threads() == before


@pytest.mark.slow
@pytest.mark.parametrize(("lora", "optimizer"), [({"dropout": 0.1}, "adamw"), (None, "muon")], ids=["lora", "full"])
def test_the_same_again_is_the_same_bytes(lora: dict[str, Any] | None, optimizer: str, train: Train) -> None:
    training = FEW | {"max_steps": 3, "optimizer": optimizer}
    first, second = (train(name=name, threads=2, training=training, lora=lora) for name in ("a", "b"))
    assert first.digest == second.digest


def test_all_weights_make_a_whole_folder(train: Train, tiny_weights: Callable[[str], Path]) -> None:
    made = train("gemma", lora=None, form="plain", training=FEW | {"learning_rate": 1e-3})
    base = tiny_weights("gemma")
    assert {path.name for path in made.out.iterdir()} == {path.name for path in base.iterdir()}
    chat = row("a", "b")["messages"]
    assert encode_chat(tokenizer(made.out), chat).text == "a\n\nb<eos>"
    inline = json.loads((made.out / "tokenizer_config.json").read_text(encoding="utf-8")).get("chat_template")
    assert inline in (None, (made.out / "chat_template.jinja").read_text(encoding="utf-8"))
    before = json.loads((base / "config.json").read_text(encoding="utf-8"))
    after = json.loads((made.out / "config.json").read_text(encoding="utf-8"))
    assert after == {k: v for k, v in before.items() if k != "torch_dtype"} | {"dtype": "float32"}


RUN = """
import json
import sys
from pathlib import Path
from tests.stages.test_sft import config, silent
from pillm.stages.sft import sft
base, chats, folder = map(Path, sys.argv[1:4])
chosen = config(**json.loads(sys.argv[4]))
adapter, weights = (folder / "adapter", None) if chosen.lora else (None, folder / "weights")
sft.action(chosen, base, chats, adapter=adapter, weights=weights, losses=folder / "losses.jsonl",
           work=folder / "work", progress=silent)
"""
SLOW = FEW | {"max_steps": 24, "eval_steps": 3, "gradient_accumulation": 2}


@pytest.mark.parametrize("changes", [
    {"training": SLOW, "lora": {"dropout": 0.1}},
    {"training": SLOW | {"ema_decay": 0.9}, "lora": {"dropout": 0.1}},
    pytest.param({"training": SLOW | {"ema_decay": 0.9, "optimizer": "muon", "keep_best": False}, "lora": None},
                 marks=pytest.mark.slow),
], ids=["adapter", "averaged adapter", "averaged weights"])
def test_a_killed_run_goes_on_to_the_same_bytes(
        changes: dict[str, Any], train: Train, tiny_weights: Callable[[str], Path], chats: Path, tmp_path: Path,
) -> None:
    whole = train(name="whole", **changes)
    work = tmp_path / "killed" / "work"
    work.mkdir(parents=True)
    words = [sys.executable, "-c", RUN, str(tiny_weights("tinyllama")), str(chats), str(work.parent),
             json.dumps(changes)]
    running = subprocess.Popen(words, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"})
    while not list(work.glob("checkpoint-*/whole.json")) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    after = train(name="killed", **changes)
    assert 0 < after.metrics["resumed_from_step"] < 24
    assert (after.digest, after.losses) == (whole.digest, whole.losses)


@pytest.mark.parametrize("keep_best", [True, False], ids=["the best", "the last"])
def test_what_is_looked_at_and_saved_is_the_average(keep_best: bool, train: Train, chats: Path) -> None:
    rising = FEW | {"learning_rate": 0.05, "eval_steps": 2, "keep_best": keep_best}
    plain = train(name="plain", training=rising, lora=None)
    averaged = train(name="averaged", training=rising | {"ema_decay": 0.8}, lora=None)
    looks = {line["step"]: line["eval_loss"] for line in averaged.losses if "eval_loss" in line}
    assert [line["loss"] for line in plain.losses if "loss" in line] == [
        line["loss"] for line in averaged.losses if "loss" in line]
    assert all((looks[line["step"]] == line["eval_loss"]) == (line["step"] == 0)
               for line in plain.losses if "eval_loss" in line)
    assert averaged.metrics["eval_loss"] == (min(looks.values()) if keep_best else looks[10])
    assert validation_loss(averaged.out, chats) == pytest.approx(averaged.metrics["eval_loss"], rel=1e-5)


def validation_loss(weights: Path, chats: Path) -> float:
    with torch.no_grad():
        inputs = collate.padded(read(tokenizer(weights), chats / "validation.jsonl", context=256).rows)
        return loss_of(model.load(weights).eval(), inputs).item() / inputs["weights"].sum().item()


def test_long_and_empty_rows_are_told_with_their_lines(train: Train, tmp_path: Path) -> None:
    rows = [*sums(3, 0), row("mot " * 300, "Oui."), row("Salut", "Oui", source="talk.jsonl:7")]
    rows[4]["messages"].pop()
    data = write(tmp_path / "bad", rows, [])
    with pytest.raises(DataError) as told:
        train(data=data)
    long, empty = str(told.value).splitlines()
    assert long.startswith("train.jsonl:4: ") and "do not fit into the context of 256" in long
    assert empty.startswith("train.jsonl:5 (talk.jsonl:7): there is no token to train")


def test_long_rows_are_left_out_on_request_and_counted(train: Train, tmp_path: Path) -> None:
    data = write(tmp_path / "long", [*sums(9, 0), row("mot " * 300, "Oui.")], [])
    made = train(data=data, drop_long=True, training=FEW | {"max_steps": 2})
    assert (made.metrics["rows"], made.metrics["dropped_long"]) == (9, 1)
    assert made.metrics["eval_loss"] is None


def test_a_template_that_hides_how_answers_begin_is_refused(train: Train) -> None:
    with pytest.raises(DataError, match=r"60 of 60 rows the prompt alone has other tokens.*model\.template"):
        train("deepseek_r1")


def test_a_loss_that_is_no_number_stops_with_step_and_records(train: Train) -> None:
    wild = FEW | {"learning_rate": 1e30, "warmup": 0.0}
    with pytest.raises(StageError, match=r"step \d+: .* not a finite number\. Lower .*train\.jsonl:\d+ \(sums\)"):
        train(training=wild, lora=None)


def test_no_better_look_stops_early_and_the_best_is_kept(train: Train) -> None:
    rising = FEW | {"max_steps": 100, "learning_rate": 0.05, "eval_steps": 2, "early_stopping_patience": 2}
    made = train(training=rising, lora=None)
    looks = {line["step"]: line["eval_loss"] for line in made.losses if "eval_loss" in line and line["step"]}
    assert made.metrics["steps"] < 100
    assert made.metrics["eval_loss"] == min(looks.values()) == looks[made.metrics["best_step"]]
    assert max(looks) == made.metrics["best_step"] + 4


@pytest.mark.parametrize("keep_best", [True, False], ids=["the best", "the last"])
def test_a_resumed_run_stops_as_early(keep_best: bool, train: Train, tmp_path: Path) -> None:
    rising = FEW | {"max_steps": 100, "learning_rate": 0.05, "eval_steps": 2, "early_stopping_patience": 2}
    whole = train(training=rising | {"keep_best": keep_best})
    digest, end = whole.digest, whole.metrics["steps"]
    assert end < 100
    for step in (end, end - 2):
        shutil.rmtree(whole.out)
        after = train(training=rising | {"keep_best": keep_best})
        assert after.metrics["resumed_from_step"] == step
        assert (after.digest, after.losses, after.metrics["steps"]) == (digest, whole.losses, end)
        shutil.rmtree(tmp_path / "run" / "work" / f"checkpoint-{step}")


def test_exact_answers_are_counted(train: Train, chats: Path, tmp_path: Path) -> None:
    known = write(tmp_path / "known", sums(60, 0)[:3], sums(60, 0)[:3])
    told = {step: train(data=known, name=str(step), lora=None, training=FEW | {"max_steps": step}) for step in (2, 60)}
    assert {step: made.metrics["eval_exact"] for step, made in told.items()} == {2: 0.0, 60: 1.0}
    assert [line["eval_exact"] for line in told[60].losses if "eval_loss" in line][-1] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("lora", [{"quantize": {"kind": "nf4"}}, {"quantize": {"kind": "fp4", "double": False},
                                                                   "dora": True}], ids=["nf4", "fp4 dora"])
def test_four_bits_learn_on_a_processor(lora: dict[str, Any], train: Train) -> None:
    made = train(lora=lora)
    assert made.metrics["eval_loss"] < made.metrics["eval_loss_before"] - 0.5
    assert json.loads((made.out / "trained_on.json").read_text())["quantized"]["kind"] == lora["quantize"]["kind"]


@pytest.mark.parametrize(("changes", "field", "told"), [
    ({"form": "template"}, "form", "needs a format_template"),
    ({"format_template": "{question} {answer}"}, "format_template", "no field {answer}"),
    ({"lora": {"targets": ["q_proj", "lm_head"]}}, "lora.targets", "lm_head cannot be adapted"),
])
def test_what_cannot_be_is_told_before_the_start(changes: dict[str, Any], field: str, told: str) -> None:
    (found, why), = check(config(**changes))
    assert found == field and told in why


def test_the_estimate_knows_the_adapter_and_scales_with_the_model(train: Train) -> None:
    tiny = {"parameters": 2_000_000, "shape": {"hidden": 256, "layers": 4, "heads": 4, "kv_heads": 2, "ffn": 512,
                                               "vocab": 1024}}
    assert Sizes.of(tiny).adapter(16) == train(training=FEW | {"max_steps": 1}).metrics["trainable_parameters"]
    large = {"parameters": 1_100_048_384, "shape": {"hidden": 2048, "layers": 22, "heads": 32, "kv_heads": 4,
                                                    "ffn": 5632, "vocab": 32000}}
    small, lora, full = (estimate(chosen, {"model": model}) for chosen, model in (
        (config(), tiny), (config(), large), (config(lora=None), large)))
    assert small.seconds < lora.seconds < full.seconds
    assert max(small.ram_gib, small.vram_gib) < 2 < max(lora.ram_gib, lora.vram_gib) < max(full.ram_gib, full.vram_gib)
