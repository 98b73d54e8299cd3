"""Constraints across parts and steps: each a function with its reason and its remedy."""
from collections.abc import Callable, Iterator
from typing import Any

from pillm import device_fit
from pillm.config.parts import Device, Model, Part
from pillm.engine.gates import Gate
from pillm.engine.graph import Step
from pillm.engine.stage import holds
from pillm.errors import suggest

Broken = Iterator[tuple[str, str]]
"""(key, what is wrong. what to do.)"""
Parts = dict[str, Part]


def broken(parts: Parts, steps: list[Step]) -> Broken:
    """Every rule that this recipe breaks."""
    for rule in RULES:
        yield from rule(parts, steps)


def gates_of_no_step(gates: dict[str, Gate], steps: list[Step]) -> Broken:
    """A gate on a step that is not there would never be judged, and nobody would know."""
    names = [step.name for step in steps]
    for name, gate in gates.items():
        if gate.step not in names:
            yield (f"gates.{name}.metric", f"no step is called {gate.step!r}.{suggest(gate.step, names)} "
                   f"Write `step.metric` of one of {', '.join(names)}, or remove the gate (~gates.{name}).")


def _of(steps: list[Step], stage: str) -> Iterator[Step]:
    return (step for step in steps if step.stage.name == stage)


def _setting(step: Step, key: str) -> Any:
    found: Any = step.config
    for part in key.split("."):
        found = getattr(found, part, None)
    return found


def where_it_comes_from(parts: Parts, steps: list[Step]) -> Broken:
    """A source needs its address."""
    model = parts["model"]
    assert isinstance(model, Model)
    if model.source == "hub" and not model.repo:
        yield "model.repo", "a model from the Hub needs its name. Set model.repo, or source: folder with a path."
    if model.source == "folder" and not model.path:
        yield "model.path", "a local model needs its folder. Set model.path."


def context_within_the_models(parts: Parts, steps: list[Step]) -> Broken:
    """Positions past the model's context were never trained: answers turn to noise."""
    model = parts["model"]
    assert isinstance(model, Model)
    for step in steps:
        context = _setting(step, "context")
        if isinstance(context, int) and context > model.context:
            yield (f"{step.name}.context", f"{context} tokens are more than the model's {model.context}. "
                   f"Set at most {model.context}, or choose a model with a longer context.")


def fits_the_device(parts: Parts, steps: list[Step]) -> Broken:
    """File, KV cache and runtime must go into the device's memory beside the system (device_fit)."""
    model, device = parts["model"], parts["device"]
    assert isinstance(model, Model) and isinstance(device, Device)
    if device.quant not in device_fit.BITS_PER_WEIGHT:
        known = ", ".join(device_fit.BITS_PER_WEIGHT)
        yield "device.quant", f"{device.quant}: no such quantization. Choose one of {known}."
        return
    weights = device_fit.model_bytes(model.parameters, device_fit.BITS_PER_WEIGHT[device.quant])
    shape = model.shape.model_dump()
    cache = device_fit.kv_cache_bytes(shape, model.context)
    needed = device_fit.memory_bytes(weights, shape, model.context)
    if model.source != "scratch" and not device_fit.fits(needed, device.ram_gib, device.reserve_gib):
        gib = 2**30
        yield ("device.ram_gib", f"{device.name} has {device.ram_gib:g} GiB, {device.reserve_gib:g} of it for the "
               f"system; the model as {device.quant} with {model.context} tokens of context needs {needed / gib:.1f} "
               f"({weights / gib:.1f} file, {cache / gib:.1f} cache). Choose a smaller device.quant, model.context or "
               "model, or a larger device.")


def asks_for_what_the_ladder_has(parts: Parts, steps: list[Step]) -> Broken:
    """The files that are measured, asked and bundled must be rungs of the ladder that their step takes."""
    for ladder in _of(steps, "quantize"):
        plain = _source(ladder, "gguf", steps)
        made = (*_setting(ladder, "types"), (plain and _setting(plain, "dtype")) or "f16")
        wanted: dict[str, list[str]] = {}
        for step in steps:
            if "ladder" in step.stage.needs and _source(step, "ladder", steps) is ladder:
                for field, type_ in _types(step):
                    wanted.setdefault(type_, []).append(f"{step.name}.{field}")
        for type_ in (type_ for type_ in wanted if type_ not in made):
            yield (f"{ladder.name}.types", f"the ladder has {', '.join(made)}, and no {type_} for "
                   f"{', '.join(wanted[type_])}.{suggest(type_, made)} Add {type_}, or change what is wanted.")


def _types(step: Step) -> Iterator[tuple[str, str]]:
    yield from (("types", type_) for type_ in _setting(step, "types") or ())
    if isinstance(one := _setting(step, "type"), str):
        yield "type", one


def _source(step: Step, port: str, steps: list[Step]) -> Step | None:
    """The step that an input is taken from, as graph.bind takes it; what bind refuses it says itself."""
    kind, named = step.stage.needs[port].kind, step.inputs.get(port)
    makers = [other for other in steps[:steps.index(step)] if named in (None, other.name)
              and any(make.kind == kind and holds(other.config, make) for make in other.stage.makes.values())]
    return makers[-1] if makers else None


def adapters_that_gguf_can_carry(parts: Parts, steps: list[Step]) -> Broken:
    """llama.cpp knows plain low-rank updates only; DoRA's magnitudes exist merged, not as an adapter."""
    if any(_of(steps, "adapter_gguf")):
        for step in _of(steps, "sft"):
            if _setting(step, "lora.dora"):
                yield (f"{step.name}.lora.dora", "a DoRA adapter cannot be a GGUF. Leave adapter_gguf out of the steps "
                       "(the merged model is fine), or set dora=false.")


def adapter_steps_need_an_adapter(parts: Parts, steps: list[Step]) -> Broken:
    """Training all weights leaves nothing to merge."""
    trained = list(_of(steps, "sft"))
    if trained and all(_setting(step, "lora") is None for step in trained):
        for step in steps:
            if step.stage.name in ("merge", "adapter_gguf"):
                yield (f"{trained[0].name}.lora", f"null trains all weights, and {step.name} needs an adapter. "
                       f"Leave {step.name} out of the steps, or give lora a rank.")


def weights_of_steps_that_make_records(parts: Parts, steps: list[Step]) -> Broken:
    """A weight for a step that is not there would weigh nothing, and nobody would know."""
    for n, step in enumerate(steps):
        made = [other.name for other in steps[:n]
                if any(m.kind == "records" and holds(other.config, m) for m in other.stage.makes.values())]
        for named in _setting(step, "weights") or () if step.stage.name == "prepare" else ():
            if named not in made:
                yield (f"{step.name}.weights.{named}", f"no earlier step of this name makes records."
                       f"{suggest(named, made)} Those that do: {', '.join(made) or 'none'}.")


def four_bits_once(parts: Parts, steps: list[Step]) -> Broken:
    """Weights that are stored in 4 bits cannot be trained themselves, nor be cut to 4 bits again."""
    model = parts["model"]
    assert isinstance(model, Model)
    for step in _of(steps, "sft") if model.quantized else ():
        if _setting(step, "lora") is None:
            yield (f"{step.name}.lora", "null trains all weights, and this model's are stored in 4 bits. Give lora a "
                   "rank, or choose the model in 16 bits.")
        if _setting(step, "lora.quantize"):
            yield (f"{step.name}.lora.quantize", "this model is stored in 4 bits already. Set it to null, or choose "
                   "the model in 16 bits.")


RULES: tuple[Callable[[Parts, list[Step]], Broken], ...] = (
    where_it_comes_from, context_within_the_models, fits_the_device, asks_for_what_the_ladder_has,
    adapters_that_gguf_can_carry, adapter_steps_need_an_adapter, weights_of_steps_that_make_records, four_bits_once)
