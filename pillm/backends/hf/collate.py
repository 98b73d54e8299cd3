"""Rows as the tensors of one pass. Letters: T tokens of a pass, B rows, L tokens of the longest, N predicted tokens."""
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from pillm.backends.hf.attention import documents
from pillm.backends.hf.rows import Row


def packed(rows: list[Row], prompt_weight: float = 0.0, multiple: int = 1) -> dict[str, Any]:
    """Rows end to end: input_ids_1_T, position_ids_1_T, and what the loss needs.

    `logits_to_keep` are the places whose next token counts; `documents` keep rows apart (see attention).
    T and N are filled up to a multiple of `multiple` by a row of its own and by places that weigh nothing.
    """
    rows = [*rows, *_idle(-sum(len(row.ids) for row in rows) % multiple)]
    lengths = [len(row.ids) for row in rows]
    weights_T = torch.cat([_weights(row, prompt_weight) for row in rows])
    ids_T = torch.cat([row.ids for row in rows])
    predicted_N = weights_T.nonzero().flatten()
    predicted_N = pad(predicted_N, (0, -len(predicted_N) % multiple))  # by the first token, which weighs nothing
    return {
        "input_ids": ids_T[None], "position_ids": torch.cat([torch.arange(length) for length in lengths])[None],
        "documents": documents(lengths), "logits_to_keep": (predicted_N - 1).clamp(min=0),
        "targets": ids_T[predicted_N], "weights": weights_T[predicted_N], "picked": None,
        **_facts([row for row in rows if row.origin]),
    }


def _idle(length: int) -> list[Row]:
    """A row of so many tokens that nothing comes of: its tokens are no one's prompt."""
    return [Row(torch.zeros(length, dtype=torch.long), torch.zeros(length, dtype=torch.bool), "")] if length else []


def padded(rows: list[Row], prompt_weight: float = 0.0) -> dict[str, Any]:
    """Rows below each other: input_ids_B_L, filled up at the right, where a causal model does not look.

    `logits_to_keep` are the columns any row needs; `picked` the places of the N tokens in what is kept.
    """
    ids_B_L = _filled([row.ids for row in rows])
    weights_B_L = _filled([_weights(row, prompt_weight) for row in rows])
    columns = weights_B_L.any(0).nonzero().flatten()
    kept = weights_B_L[:, columns]
    return {
        "input_ids": ids_B_L, "logits_to_keep": columns - 1,
        "targets": ids_B_L[:, columns][kept != 0], "weights": kept[kept != 0], "picked": kept.flatten().nonzero()[:, 0],
        **_facts(rows),
    }


def _facts(rows: list[Row]) -> dict[str, Any]:
    """Of each row: where it comes from, and how many of its tokens the model is to say."""
    return {"origins": [row.origin for row in rows], "counts": [int(row.trained[1:].sum()) for row in rows]}


def _weights(row: Row, prompt_weight: float) -> Tensor:
    """What each token of a row counts in the loss; the first is never predicted."""
    weights = torch.where(row.trained, 1.0, prompt_weight if row.origin else 0.0)
    weights[0] = 0.0
    return weights


def _filled(rows: list[Tensor]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
