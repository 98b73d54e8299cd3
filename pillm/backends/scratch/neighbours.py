"""First embeddings that tell which tokens are used alike, from who stands beside whom in the text to be learned.

A model of random embeddings has to find out for each word apart that it is a place or a thing to eat. Words of one
kind stand beside the same words: positive pointwise mutual information of neighbours, cut to its largest singular
values, puts them near each other (Levy & Goldberg 2014, «Neural Word Embedding as Implicit Matrix Factorization»).

Letters: V tokens, D entries of an embedding.
"""
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy.linalg import polar
from scipy.sparse import coo_matrix, csr_matrix, hstack
from scipy.sparse.linalg import svds
from tokenizers import Tokenizer
from torch import Tensor

SHARE = 5 / 8
"""Of an embedding's entries; the others stay random and tell tokens of one kind apart."""
SMOOTHING = 0.75
"""Power of a neighbour's count: rare neighbours would tell too much (Levy, Goldberg & Dagan 2015, section 3.2)."""
MOST_TEXTS = 100_000
"""Drawn at random where there are more: four CPU seconds."""
TEXTS_AT_ONCE = 10_000
LEAST = 1e-6
"""Singular values, by the largest, and lengths below it are 0 but for rounding."""
DECIMALS = 4
"""More would tell processors apart."""

Matrix = Any
"""Sparse, in rows; scipy has no types."""


@torch.no_grad()
def begin(embedding_V_H: Tensor, known_V_D: Tensor) -> None:
    """Put what is known into an embedding from its second entry on, as loud as the rest; tokens never seen keep theirs.

    The first entry is the constant that heads are begun with (induction).
    """
    seen_V = known_V_D.any(1)
    embedding_V_H[seen_V, 1:1 + known_V_D.shape[1]] = known_V_D[seen_V] * embedding_V_H[:, 1:].std()


def entries(width: int) -> int:
    """D of an embedding of this width."""
    return int(SHARE * width)


def known(tokenizer: Tokenizer, texts: Sequence[str], size: int, dimensions: int, seed: int) -> Tensor:
    """[V, D] of deviation 1 a row, 0 where a token has no neighbours."""
    source = np.random.default_rng(seed)
    before = _counted(tokenizer, _some(texts, source), size)
    informative = hstack([_informative(before), _informative(before.T.tocsr())]).tocsr()
    if not informative.nnz:
        return torch.zeros(size, dimensions)
    seen = np.asarray(before.sum(0)).ravel() + np.asarray(before.sum(1)).ravel() > 0
    left, values, _ = svds(informative, k=min(dimensions, size - 1), v0=source.standard_normal(size), rng=source)
    kept = values > LEAST * values.max()
    left, weights = left[:, kept], values[kept] ** 0.5
    turned = ((left - left[seen].mean(0)) * weights) @ _turn(left, source.standard_normal((size, dimensions)))
    length = np.linalg.norm(turned, axis=1, keepdims=True).clip(LEAST)
    told = np.where(seen[:, None], turned / length * dimensions ** 0.5, 0)
    return torch.tensor(told.round(DECIMALS), dtype=torch.float32)


def _turn(left: Matrix, random: Matrix) -> Matrix:
    """A rotation that makes no entry louder than others, and the same of whichever vectors span a singular value."""
    return polar(left.T @ random)[0]


def _some(texts: Sequence[str], source: np.random.Generator) -> Sequence[str]:
    if len(texts) <= MOST_TEXTS:
        return texts
    return [texts[place] for place in np.sort(source.choice(len(texts), MOST_TEXTS, replace=False))]


def _counted(tokenizer: Tokenizer, texts: Sequence[str], size: int) -> Matrix:
    """[V, V] how often the column's token stands right before the row's."""
    total = csr_matrix((size, size))
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        encoded = tokenizer.encode_batch_fast(texts[start:start + TEXTS_AT_ONCE], add_special_tokens=False)
        ids = [np.array(one.ids, dtype=np.int64) for one in encoded]
        first, second = (np.concatenate([one[part] for one in ids]) for part in (slice(None, -1), slice(1, None)))
        total += coo_matrix((np.ones(len(first)), (second, first)), (size, size)).tocsr()
    return total


def _informative(counts: Matrix) -> Matrix:
    """max(0, log p(row, column) / (p(row) · p(column))), with columns smoothed."""
    pairs = counts.tocoo()
    rows, columns = np.asarray(counts.sum(1)).ravel(), np.asarray(counts.sum(0)).ravel() ** SMOOTHING
    told = np.log(pairs.data * columns.sum() / (rows[pairs.row] * columns[pairs.col]))
    kept = told > 0
    return csr_matrix((told[kept], (pairs.row[kept], pairs.col[kept])), counts.shape)
