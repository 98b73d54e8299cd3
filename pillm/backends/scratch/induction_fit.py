"""Which shapes can begin with induction heads."""
from collections.abc import Iterator

from pillm.shape import Shape

HEADS = 2
"""So begun, in each of the two layers."""
SLOW = 6
"""The first frequency that compares tokens: the slower, the farther from each other equal ones still match."""


def mistakes(shape: Shape) -> Iterator[tuple[str, str]]:
    """(field of the shape, what does not fit. what to do.)"""
    if shape.layers < 2:
        yield "layers", "induction heads need two layers. Make it 2, or set model.first_weights=random."
    if shape.kv_heads != shape.heads or shape.heads < HEADS:
        yield "kv_heads", (f"induction heads need {HEADS} heads with keys of their own. Make kv_heads as many as "
                           "heads, or set model.first_weights=random.")
    if shape.width_of_head <= 2 * SLOW:
        yield "head_dim", (f"induction heads need a width above {2 * SLOW}. Make it 32, "
                           "or set model.first_weights=random.")
