"""Speed of fine-tuning: tokens of answers trained per CPU second, against transformers' Trainer and TRL's SFTTrainer.

    python bench/sft_speed.py [--rounds 3] [--rows 192] [--lora] [--threads 1]

A Llama of 35 million parameters from scratch, the same rows in the same batches of eight, one epoch, equal learning
rates. Contestants take turns, each in its own process; CPU seconds of loading, training and saving, without imports;
the median of the rounds. The validation loss of what each has saved is measured by one function.

  padded    transformers' Trainer, every row padded to the longest of all
  trl       TRL's SFTTrainer as it comes, in fp32
  trl-bf16  TRL's SFTTrainer as it comes
  ours      pillm, fp32
  ours-bf16 pillm, bf16
"""
import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

CONTEXT, BATCH, SEED = 1024, 8, 1
SHAPE = {"hidden": 512, "layers": 8, "heads": 8, "kv_heads": 8, "ffn": 1536, "vocab": 8192, "tied": False}
CONTESTANTS = ("padded", "trl", "trl-bf16", "ours", "ours-bf16")


def main() -> None:
    options = parsed()
    if options.one:
        print(json.dumps(one(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.folder = folder
        prepare(Path(folder), options.rows)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in options.contestants}
        for _ in range(options.rounds):
            for name in options.contestants:
                found[name].append(measured(name, options))
                print(f"{name:10}", found[name][-1], flush=True)
    report(found)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lora", action="store_true", help="train an adapter in place of all weights")
    parser.add_argument("--contestants", nargs="+", default=list(CONTESTANTS), choices=CONTESTANTS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


def report(found: dict[str, list[dict[str, float]]]) -> None:
    rates = {name: statistics.median(run["trained_tokens"] / run["cpu_s"] for run in runs)
             for name, runs in found.items()}
    print(f"\n{'contestant':12}{'tokens/CPU s':>14}{'of trl':>10}{'validation loss':>18}")
    for name, rate in rates.items():
        loss = statistics.median(run["eval_loss"] for run in found[name])
        times = f"{rate / rates['trl']:.2f}" if "trl" in rates else "-"
        print(f"{name:12}{rate:14.1f}{times:>10}{loss:18.4f}")


def prepare(folder: Path, rows: int) -> None:
    """A model and chats whose answers follow from what is asked; lengths are log-normal, some are long."""
    from pillm.backends.scratch.build import build
    from pillm.shape import Shape

    corpus = (ROOT / "tests" / "data" / "corpus.txt").read_text(encoding="utf-8")
    chance, words = random.Random(SEED), sorted(set(corpus.split()))
    (folder / "chats").mkdir()
    for name, count in (("train", rows), ("validation", max(8, rows // 6))):
        with (folder / "chats" / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for _ in range(count):
                file.write(json.dumps({"messages": chat(chance, words)}, ensure_ascii=False) + "\n")
    lines = [" ".join(chance.choices(words, k=12)) for _ in range(4000)] + corpus.splitlines()
    build("nano", Shape(**SHAPE), lines, folder / "model", context=CONTEXT)


def chat(chance: random.Random, words: list[str]) -> list[dict[str, str]]:
    asked = chance.choices(words, k=min(150, max(5, int(chance.lognormvariate(4, 0.7)))))
    said = sorted(asked)[:max(3, len(asked) // 2)]
    return [{"role": "user", "content": " ".join(asked)}, {"role": "assistant", "content": " ".join(said)}]


def measured(name: str, options: argparse.Namespace) -> dict[str, float]:
    words = [sys.executable, __file__, "--one", name, "--folder", options.folder, "--threads", str(options.threads)]
    done = subprocess.run([*words, *(["--lora"] if options.lora else [])], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def one(options: argparse.Namespace) -> dict[str, float]:
    """Train once in this process, then measure what was saved."""
    import torch

    torch.set_num_threads(options.threads)
    folder = Path(options.folder)
    with tempfile.TemporaryDirectory() as made:
        out = Path(made) / "out"
        contestant = {"padded": padded, "trl": trl, "trl-bf16": trl, "ours": ours, "ours-bf16": ours}[options.one]
        found = contestant(folder, out, lora=options.lora, bf16=options.one.endswith("bf16"))
        return found | {"eval_loss": eval_loss(folder, out, options.lora)}


def rate(lora: bool) -> float:
    return 2e-3 if lora else 5e-4


def ours(folder: Path, out: Path, *, lora: bool, bf16: bool) -> dict[str, float]:
    import torch

    from pillm.backends.hf.options import Lora
    from pillm.backends.hf.sft import Places, Settings, fine_tune

    chats = out.parent / "chats"  # without validation: the others do not look either
    chats.mkdir()
    (chats / "train.jsonl").symlink_to(folder / "chats" / "train.jsonl")
    settings = Settings(training=training(lora), lora=Lora() if lora else None, context=CONTEXT, seed=SEED,
                        dtype="bf16" if bf16 else "fp32", threads=torch.get_num_threads())
    places = Places(out, out.parent / "losses.jsonl", out.parent)
    metrics = fine_tune(folder / "model", chats, settings, places, lambda *told, **figures: None)
    return {"trained_tokens": metrics["trained_tokens"], "cpu_s": metrics["cpu_seconds"]}


def training(lora: bool) -> Any:
    from pillm.backends.hf.options import Training

    return Training(epochs=1, batch_size=BATCH, learning_rate=rate(lora), schedule="linear", warmup=0,
                    log_steps=1000, eval_steps=1000)


def rows_in_order(folder: Path, lora: bool) -> list[Any]:
    """The training rows in the order in which ours takes them."""
    from pillm.backends.hf import batches, rows
    from pillm.backends.hf.chat import tokenizer

    read = rows.read(tokenizer(folder / "model"), folder / "chats" / "train.jsonl", context=CONTEXT)
    passes = batches.plan(read.lengths, training(lora), packed=True, seed=SEED)
    return [read.rows[place] for one_pass in passes for place in one_pass]


def examples(rows: list[Any]) -> list[dict[str, list[int]]]:
    return [{"input_ids": row.ids.tolist(), "labels": row.ids.where(row.trained, -100).tolist()} for row in rows]


def common(lora: bool, out: Path) -> dict[str, Any]:
    """What all contestants are told alike; nothing else is."""
    return {"output_dir": str(out), "num_train_epochs": 1, "per_device_train_batch_size": BATCH, "use_cpu": True,
            "learning_rate": rate(lora), "lr_scheduler_type": "linear", "warmup_steps": 0, "seed": SEED,
            "train_sampling_strategy": "sequential", "report_to": "none", "save_strategy": "no", "logging_steps": 1000,
            "disable_tqdm": True}


def padded(folder: Path, out: Path, *, lora: bool, bf16: bool) -> dict[str, float]:
    import torch
    from transformers import Trainer, TrainingArguments

    rows = rows_in_order(folder, lora)
    longest = max(len(row.ids) for row in rows)

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        def filled(name: str, value: int) -> torch.Tensor:
            return torch.tensor([one[name] + [value] * (longest - len(one[name])) for one in batch])

        mask = torch.tensor([[1] * len(one["input_ids"]) + [0] * (longest - len(one["input_ids"])) for one in batch])
        return {"input_ids": filled("input_ids", 0), "labels": filled("labels", -100), "attention_mask": mask}

    def make(model: Any) -> Trainer:
        return Trainer(model, TrainingArguments(**common(lora, out.parent)), train_dataset=examples(rows),
                       data_collator=collate)

    return timed(folder, out, make, rows, lora)


def trl(folder: Path, out: Path, *, lora: bool, bf16: bool) -> dict[str, float]:
    from datasets import Dataset
    from transformers import Trainer
    from trl import SFTConfig, SFTTrainer

    from pillm.backends.hf.chat import tokenizer

    rows = rows_in_order(folder, lora)
    precision = {} if bf16 else {"bf16": False}

    def make(model: Any) -> Trainer:
        return SFTTrainer(model, args=SFTConfig(**common(lora, out.parent), **precision),
                          train_dataset=Dataset.from_list(examples(rows)), processing_class=tokenizer(folder / "model"))

    return timed(folder, out, make, rows, lora)


def timed(folder: Path, out: Path, make: Any, rows: list[Any], lora: bool) -> dict[str, float]:
    """CPU seconds of loading, training and saving."""
    from transformers import set_seed

    from pillm.backends.hf import adapter, model
    from pillm.backends.hf.options import Lora

    started = time.process_time()
    learner: Any = model.load(folder / "model")
    set_seed(SEED)
    if lora:
        learner = adapter.wrap(learner, Lora())
    make(learner).train()
    learner.save_pretrained(out)
    return {"trained_tokens": sum(int(row.trained.sum()) for row in rows), "cpu_s": time.process_time() - started}


def eval_loss(folder: Path, out: Path, lora: bool) -> float:
    """Mean loss over the assistant's tokens of the validation chats."""
    import torch

    from pillm.backends.hf import adapter, collate, model, rows
    from pillm.backends.hf.chat import tokenizer
    from pillm.backends.hf.trainer import loss_of

    read = rows.read(tokenizer(folder / "model"), folder / "chats" / "validation.jsonl", context=CONTEXT)
    learner: Any = adapter.attach(model.load(folder / "model"), out) if lora else model.load(out)
    with torch.no_grad():
        found = [(loss_of(learner.eval(), inputs).item(), inputs["weights"].sum().item())
                 for inputs in (collate.padded([row]) for row in read.rows)]
    return sum(loss for loss, _ in found) / sum(weight for _, weight in found)


if __name__ == "__main__":
    main()
