"""Adapter and base become one model."""
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import NonNegativeFloat, PositiveInt

from pillm.backends.hf import costs, machine
from pillm.engine.stage import Estimate, From, Makes, Metrics, Needs, Progress, Resolve, StageConfig, stage

TOLERANCE = {"fp32": (1e-3, 1e-6), "fp16": (5e-2, 1e-4), "bf16": (5e-1, 1e-2)}
"""Largest difference of a logit, and mean KL divergence, by the type the merged weights are rounded to."""


class MergeConfig(StageConfig):
    """How the merge is stored and judged."""

    dtype: Literal["fp32", "fp16", "bf16"] = "fp32"
    """Type of the merged weights; the merge itself is worked out in fp32."""
    compare: PositiveInt = 8
    """Chats on which logits are compared."""
    max_difference: NonNegativeFloat | None = None
    """Largest difference of a logit from adapter + base that is allowed; null is what rounding to dtype explains."""
    max_kl: NonNegativeFloat | None = None
    """Largest mean KL divergence from adapter + base that is allowed, in nats; null is what rounding explains."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(machine.cores)] = None
    """Threads, on which the order of sums depends; null is one for each core."""


def estimate(config: MergeConfig, recipe: dict[str, Any]) -> Estimate:
    """From model.parameters; the formula stands at `costs.merging`."""
    return Estimate(**costs.merging(recipe["model"], dtype=config.dtype, chats=config.compare,
                                    threads=config.threads or machine.cores()))


@stage(version="1", libraries=("torch", "transformers", "peft"), estimate=estimate)
def merge(
    config: MergeConfig,
    base: Annotated[Path, Needs("weights")],
    adapter: Annotated[Path, Needs("adapter")],
    chats: Annotated[Path, Needs("chats")],
    weights: Annotated[Path, Makes("weights")],
    progress: Progress,
) -> Metrics:
    """Work the adapter into the base, and check that the result answers as the two did."""
    from pillm.backends.hf import merging, model

    allowed = TOLERANCE[config.dtype]
    tolerance = merging.Tolerance(
        allowed[0] if config.max_difference is None else config.max_difference,
        allowed[1] if config.max_kl is None else config.max_kl)
    with model.threads(config.threads):
        progress("merging", 0, 1)
        merging.merge(base, adapter, weights, dtype=config.dtype)
        return merging.compare(
            base, adapter, weights, chats, count=config.compare, tolerance=tolerance, progress=progress)
