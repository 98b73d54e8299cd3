"""What was trained on what, and how the loss went."""
from collections.abc import Iterator
from typing import Any

from pillm.report.material import Material
from pillm.report.words import count, percent, plain

Json = dict[str, Any]
Rows = Iterator[tuple[str, str]]


def trained(material: Material) -> list[tuple[str, str]]:
    """(what, which), as far as it is known."""
    return [row for part in (_model, _data, _method, _device) for row in part(material)]


def _model(material: Material) -> Rows:
    model = material.recipe["model"]
    weights = material.metric("gguf.parameters") or model["parameters"]
    if model["source"] == "scratch":
        yield "Model", f"{model['family']} from scratch, {count(weights)} parameters"
    else:
        revision = f" at {model['revision'][:12]}" if model.get("revision") else ""
        yield "Base model", f"{model.get('repo') or model.get('path')}{revision}, {count(weights)} parameters"
        if material.metric("fetch.compared_with_hub") is False:
            yield "Taken from", "the Hugging Face cache, offline: whether it has all of the model's files is not known"
    yield "Licence of the model", model["licence"]


def _data(material: Material) -> Rows:
    domain, rows = material.recipe["domain"], material.metric("prepare.rows")
    yield "Domain", f"{domain['name']} ({domain.get('language', 'unknown language')})"
    if rows:
        yield "Records", ", ".join(f"{number:,} {split}" for split, number in rows.items())
    if left_out := material.metric("prepare.left_out"):
        yield "Left out", f"{sum(left_out.values()):,} records, listed below"
    yield "Licence of the records", domain.get("licence", "unknown")


def _method(material: Material) -> Rows:
    sft, share = material.recipe.get("sft"), material.metric("sft.trained_token_share")
    if not sft:
        return
    training = sft["training"]
    yield "Method", _adapter(sft.get("lora"))
    steps = f"{training['max_steps']} steps" if training.get("max_steps") else f"{training['epochs']} epochs"
    yield "Training", f"{steps}, {training['optimizer']}, learning rate {training['learning_rate']}"
    if share is not None:
        yield "Loss on", f"the assistant's tokens: {percent(share)} of all"
    before, after = material.metric("sft.eval_loss_before"), material.metric("sft.eval_loss")
    if before is not None and after is not None:
        yield "Validation loss", f"{plain(before)} before, {plain(after)} after"
    if (exact := material.metric("sft.eval_exact")) is not None:
        yield "Validation chats", f"{percent(exact)} answered exactly as written"


def _adapter(lora: Json | None) -> str:
    if not lora:
        return "all weights"
    name = "DoRA" if lora.get("dora") else "QLoRA" if lora.get("quantize") else "LoRA"
    return f"{name}, rank {lora['rank']}, alpha {lora['alpha']:g}"


def _device(material: Material) -> Rows:
    device = material.recipe["device"]
    yield "For", f"{device['name']}: {device['ram_gib']:g} GiB, {device['cores']} cores, {device['arch']}"


SHARE = "share of chats"
CURVES = {"Loss": ("loss", {"training": "loss", "validation": "eval_loss"}),
          "Exact answers": (SHARE, {"validation": "eval_exact"})}
"""What is drawn over the steps: title → unit, and the lines with what each was logged as."""


def curves(material: Material) -> Iterator[Json]:
    """Title and picture of what was seen in each training."""
    from pillm.backends import plots

    for step, lines in material.losses.items():
        for title, (unit, logged) in CURVES.items():
            drawn = {name: line for name, key in logged.items() if (line := points(lines, key))}
            if drawn:
                told = f"{title} of {step}" if len(material.losses) > 1 else title
                picture = plots.curves(drawn, told, x_label="step", y_label=unit, share=unit == SHARE)
                yield {"title": told, "picture": picture}


def points(lines: list[Json], key: str) -> list[tuple[float, float]]:
    """(step, value) where the value was logged."""
    return [(line["step"], line[key]) for line in lines if line.get(key) is not None]
