"""Which shapes can begin with induction heads."""
from collections.abc import Iterator

from pillm.shape import Shape

HEADS = 2
"""So begun, in the second block."""
SLOW = 6
"""The first frequency that compares tokens: the slower, the farther from each other equal ones still match."""
ELSE = "or set model.first_weights=random."


def mistakes(shape: Shape) -> Iterator[tuple[str, str]]:
    """(field of the shape, what does not fit. what to do.)"""
    if shape.layers < 2:
        yield "layers", f"induction heads need two blocks. Make it 2, {ELSE}"
    if 0 not in shape.convolutions or 1 in shape.convolutions:
        yield "convolutions", f"induction heads need a convolution in block 0 and attention in block 1. Set [0], {ELSE}"
    if shape.kv_heads != shape.heads or shape.heads < HEADS:
        yield "kv_heads", (f"induction heads need {HEADS} heads with keys of their own. Make kv_heads as many as "
                           f"heads, {ELSE}")
    if shape.width_of_head <= 2 * SLOW:
        yield "head_dim", f"induction heads need a width above {2 * SLOW}. Make heads 32 wide, {ELSE}"
    if 2 * HEADS * shape.width_of_head >= shape.hidden:
        yield "hidden", (f"{HEADS} induction heads of {shape.width_of_head} need a width above "
                         f"{2 * HEADS * shape.width_of_head}. Make it wider, {ELSE}")
