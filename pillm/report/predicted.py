"""What a file is expected to do on the recipe's device."""
from dataclasses import dataclass

from pillm.device_fit import RESERVE_GIB, fits, memory_bytes, tokens_per_s
from pillm.report.material import Material


@dataclass(frozen=True)
class Prediction:
    """By the formulas of pillm.device_fit."""

    memory_bytes: int
    fits: bool
    tokens_per_s: float


def prediction(material: Material, type_: str) -> Prediction | None:
    """None where the file or the model's sizes are not known."""
    device, model = material.recipe["device"], material.recipe["model"]
    if type_ not in material.sizes or not model.get("shape"):
        return None
    octets = material.sizes[type_]
    memory = memory_bytes(octets, model["shape"], model["context"])
    return Prediction(memory, fits(memory, device["ram_gib"], device.get("reserve_gib", RESERVE_GIB)),
                      tokens_per_s(device["bandwidth_gb_per_s"], octets))
