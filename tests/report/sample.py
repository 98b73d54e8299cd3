"""A finished run as the engine and the stages leave it: what a report is made from."""
import json
import math
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

from pillm.backends.statistics import bootstrap

QUESTIONS: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("Tu peux-tu me trouver un resto pas cher dans l'Plateau?", "localsearch",
     [{"tool": "localsearch", "query": "resto", "area": "Plateau", "price": "cheap"}]),
    ("Mets un 5 à 7 avec les filles du bureau vendredi à 17h", "calendar",
     [{"tool": "calendar", "title": "5 à 7 avec les filles du bureau", "day": "vendredi", "time": "17:00"}]),
    ("Ferme les lumières du sous-sol pis mets une alarme à 6h", "several",
     [{"tool": "light", "room": "sous-sol", "state": "off"}, {"tool": "alarm", "time": "06:00"}]),
    ("Y fait-tu frette dehors à soir?", "weather", [{"tool": "weather"}]),
    ("Dix minutes pour mes pâtes", "timer", [{"tool": "timer", "minutes": 10, "label": "pâtes"}]),
    ("Écris à Manon que j'vas être en retard", "message",
     [{"tool": "message", "to": "Manon", "text": "j'vas être en retard"}]),
    ("Monte le chauffage à 21 dans l'bureau", "heat", [{"tool": "heat", "temp": 21, "room": "bureau"}]),
    ("Raconte-moi une joke <b>plate</b>", "none", [{"tool": "none"}]),
]
SIZES = {"f16": 6_214_912, "Q8_0": 3_318_144, "Q4_K_M": 1_934_720}
LOST = {"f16": (0.0, 0.0, 1.0, 1.482), "Q8_0": (6.1e-4, 8.4e-3, 0.991, 1.483), "Q4_K_M": (2.31e-2, 0.31, 0.958, 1.517)}
RIGHT = {"base": 0.0, "f16": 0.93, "Q8_0": 0.93, "Q4_K_M": 0.88}
SPEED = {"f16": 612.4, "Q8_0": 921.8, "Q4_K_M": 1043.5}
PREDICTED = {"sft": (300, 1.1), "generate": (4, 0.2), "prepare": (1, 0.2), "evaluate": (30, 0.3)}
STEPS = {"generate": 3.2, "prepare": 1.1, "label": 0.4, "fetch": 2.9, "sft": 281.5, "gguf": 6.3, "quantize": 1.8,
         "parity": 4.4, "divergence": 9.7, "evaluate": 24.6, "evaluate_base": 11.2, "bench": 14.0}
SHAPE = {"hidden": 256, "layers": 4, "heads": 4, "kv_heads": 2, "head_dim": 64, "ffn": 768, "vocab": 2048, "tied": True}


def sha(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def recipe() -> dict[str, Any]:
    training = {"epochs": 1, "max_steps": 1200, "optimizer": "muon", "learning_rate": 0.0006}
    return {
        "name": "quebecois_nano", "seed": 0, "caps": "none", "overrides": ["+recipe=quebecois_nano", "sft.tags=[a b]"],
        "model": {"source": "scratch", "family": "nano", "licence": "Apache-2.0", "parameters": 3_021_056,
                  "context": 512, "shape": SHAPE},
        "domain": {"name": "quebecois_requests", "language": "fr-CA", "licence": "CC-BY-4.0", "form": "chat",
                   "eval": "dataset/quebecois/requests/dev.jsonl", "system": None},
        "device": {"name": "Raspberry Pi 4", "ram_gib": 4, "cores": 4, "bandwidth_gb_per_s": 5, "arch": "aarch64",
                   "quant": "Q4_K_M"},
        "sft": {"lora": None, "training": training}}


def gates() -> list[dict[str, Any]]:
    return [
        {"name": "parity: tokens", "met": True, "told": "64 chats give the same ids in training and in llama.cpp"},
        {"name": "sft: mask", "met": True, "told": "20,441 of 61,007 tokens are trained (34 %), in every row."},
        {"name": "score", "met": True, "told": "evaluate.Q4_K_M.score is 0.88 (0.81 to 0.94), wanted at least 0.75"},
        {"name": "speed", "met": None,
         "told": "bench.Q4_K_M.decode_tokens_per_s is 1044 (981 to 1106), wanted at least 1000: inconclusive"}]


def run() -> dict[str, Any]:
    metrics: dict[str, Any] = {name: {} for name in STEPS}
    metrics["gguf"] = {"parameters": 3_021_056}
    metrics["prepare"] = {"rows": {"train": 11_402, "validation": 633, "test": 633},
                          "left_out": {"duplicate": 311, "near an eval question": 4, "e-mail address": 2},
                          "left_out_of": {"generate/train.jsonl": {"duplicate": 311, "near an eval question": 3},
                                          "own.jsonl": {"e-mail address": 2, "near an eval question": 1}},
                          "contamination": {"dev": {"near": 4, "alike": 0}, "noisy": {"near": 0, "alike": 0}}}
    metrics["sft"] = {"eval_loss_before": 7.63, "eval_loss": 0.031, "trained_token_share": 0.335}
    steps = {name: {"stage": name.removesuffix("_base"), "key": sha(name), "metrics": metrics[name],
                    "predicted": dict(zip(("seconds", "ram_gib"), PREDICTED.get(name, (0, 0)), strict=True)),
                    "made": {"seconds": seconds, "cpu_s": seconds * 1.8, "peak_rss_mib": 180 + 3 * seconds},
                    "outputs": {"made": {"kind": name, "digest": sha(name), "bytes": 4_000_000}}}
             for name, seconds in STEPS.items()}
    return {"recipe": recipe(), "enforced": True, "gates": gates(), "steps": steps}


def losses() -> list[dict[str, float]]:
    chance = random.Random(0)
    lines: list[dict[str, float]] = []
    for step in range(10, 1201, 10):
        level = 0.03 + 7 * math.exp(-step / 90)
        lines.append({"step": step, "epoch": step / 1200, "loss": level * chance.uniform(0.8, 1.2)})
        if step % 120 == 0:
            lines.append({"step": step, "epoch": step / 1200, "eval_loss": level * 1.1,
                          "eval_exact": 1 - math.exp(-step / 300)})
    return lines


def _answer(type_: str, wanted: list[dict[str, Any]], right: bool) -> str:
    if type_ == "base":
        return "à à à à la la la"
    told = wanted if right else [{key: value for key, value in wanted[0].items() if key == "tool"}]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def write_scores(folder: Path, types: list[str], share: dict[str, float]) -> Path:
    """An artifact of evaluate: 100 questions."""
    folder.mkdir(parents=True)
    chance, asked, answers, marks = random.Random(1), [], [], {}
    for number in range(100):
        user, tag, wanted = QUESTIONS[number % len(QUESTIONS)]
        asked.append({"id": f"request-{number:03}", "user": user, "check": "slots", "answer": wanted, "tags": [tag]})
    for type_ in types:
        key = "base" if "base" in folder.name else type_
        scores = [float(chance.random() < share[key]) for _ in asked]
        for question, score in zip(asked, scores, strict=True):
            text = _answer(key, question["answer"], bool(score))
            answers.append({"type": type_, "id": question["id"], "answer": text, "score": score})
        f1 = [score or (0.0 if key == "base" else 0.6) for score in scores]
        tags = {tag: {"score": bootstrap([s for s, q in zip(scores, asked, strict=True) if q["tags"] == [tag]])}
                for _, tag, _ in QUESTIONS}
        marks[type_] = {"sha256": sha(key), "bytes": SIZES[type_], "score": bootstrap(scores),
                        "slot_f1": bootstrap(f1), "json_valid": bootstrap([float(key != "base")] * 100), "tags": tags}
    (folder / "scores.json").write_text(json.dumps({"questions": 100, "types": marks}), "utf-8")
    for name, lines in (("questions", asked), ("answers", answers)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return folder


def write(folder: Path) -> dict[str, Path]:
    """All artifacts and run.json; by name."""
    divergence = {type_: {"bytes": SIZES[type_], "sha256": sha(type_), "kl_mean": kl, "kl_p99": p99, "same_top": top,
                          "perplexity": perplexity} for type_, (kl, p99, top, perplexity) in LOST.items()}
    bench = {"types": {type_: {"decode_tokens_per_s": {"value": rate, "low": rate * 0.94, "high": rate * 1.06}}
                       for type_, rate in SPEED.items()}}
    parity = {"verdict": "equal", "file": "f16.gguf", "chats": 64, "sequences": {"llama.cpp": 128, "the Modelfile": 64},
              "chats_that_the_template_refuses": [], "metadata": [], "first_difference": None,
              "logits": {"max_difference": 2.1e-3, "kl_mean": 3.1e-7, "kl_max": 2e-6, "same_top": 0.998,
                         "positions": 1502},
              "modelfile": {"prompts_by": "Go's text/template", "problems": []}}
    files = {"run": run(), "divergence": divergence, "bench": bench, "parity": parity}
    found = {name: folder / f"{name}.json" for name in files}
    for name, value in files.items():
        found[name].write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    found["losses"] = folder / "losses.jsonl"
    found["losses"].write_text("".join(json.dumps(line) + "\n" for line in losses()), "utf-8")
    found["evaluate"] = write_scores(folder / "evaluate", list(SIZES), RIGHT)
    found["evaluate_base"] = write_scores(folder / "evaluate_base", ["Q8_0"], RIGHT)
    found["modelfile"] = folder / "modelfile"
    found["modelfile"].mkdir()
    (found["modelfile"] / "Modelfile").write_text('FROM ./model.gguf\nTEMPLATE """{{ .Prompt }}"""\n')
    return found


CHAT = [("<s>", False), ("user", False), ("\n", False), ("Dix", False), (" minutes", False), (" pour", False),
        (" mes", False), (" pâtes", False), ("</s>", False), ("\n", False), ("assistant", False), ("\n", False),
        ('[{"tool":"timer","minutes":', True), ("10", True), (',"label":"', True), ("pâtes", True), ('"}]', True),
        ("</s>", True)]
