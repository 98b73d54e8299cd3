"""The sizes of a model that is made from nothing."""
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt

FirstWeights = Literal["random", "induction", "neighbours"]


class Shape(BaseModel):
    """Sizes of a decoder-only transformer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    hidden: PositiveInt
    """Width of the residual stream."""
    layers: PositiveInt
    """Blocks."""
    heads: PositiveInt
    """Query heads."""
    kv_heads: PositiveInt
    """Key and value heads (grouped-query attention)."""
    head_dim: PositiveInt | None = None
    """Width of a head; null is hidden / heads."""
    ffn: PositiveInt
    """Width of the feed-forward layer."""
    vocab: PositiveInt
    """Rows of the embedding: the tokens, added ones included, and unused rows up to here."""
    tied: bool = True
    """Whether input and output embeddings are one matrix."""

    @property
    def width_of_head(self) -> int:
        return self.head_dim or self.hidden // self.heads

    @property
    def matrix_values(self) -> int:
        """Weights, less the few in norms and biases: embeddings, and per layer q, o, k, v and a gated FFN."""
        embeddings = self.vocab * self.hidden * (1 if self.tied else 2)
        attention = 2 * self.hidden * self.width_of_head * (self.heads + self.kv_heads)
        return embeddings + self.layers * (attention + 3 * self.hidden * self.ffn)
