"""How a model is fine-tuned: the option groups of sft."""
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

Share = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0, le=1)]


class Group(BaseModel):
    """Frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Quantized(Group):
    """The base in 4 bits while its adapter is trained (QLoRA, arXiv 2305.14314); needs bitsandbytes."""

    kind: Literal["nf4", "fp4"] = "nf4"
    """Number format of the weights."""
    double: bool = True
    """Whether the scales are quantized too (0.4 bits a weight less)."""


class Lora(Group):
    """A low-rank adapter (arXiv 2106.09685)."""

    rank: PositiveInt = 16
    """Rank of the update of each matrix."""
    alpha: PositiveFloat = 32
    """The update is scaled by alpha / rank."""
    dropout: Share = 0.0
    """Share of an adapter's inputs that is zeroed while training."""
    dora: bool = False
    """Train each column's length apart from its direction (DoRA, arXiv 2402.09353); no adapter GGUF can hold it."""
    rslora: bool = False
    """Scale by alpha / √rank (arXiv 2312.03732)."""
    targets: tuple[str, ...] = ()
    """Names of the adapted layers (q_proj, down_proj …); empty adapts every linear layer but the output."""
    quantize: Quantized | None = None
    """Hold the base in 4 bits."""


class Training(Group):
    """Steps, rates and batches."""

    epochs: PositiveInt = 3
    """Times every chat is seen."""
    max_steps: PositiveInt | None = None
    """Exactly so many steps, whatever `epochs` says."""
    batch_size: PositiveInt = 8
    """Chats in a pass through the model."""
    batch_tokens: PositiveInt | None = None
    """As many chats as fit into so many tokens, in place of `batch_size`."""
    gradient_accumulation: PositiveInt = 1
    """Passes whose gradients make one step."""
    packing: bool = True
    """Lay the chats of a pass end to end, each attending to itself alone; false pads them to one length."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """muon orthogonalizes the update of each matrix; embeddings, norms and adapters' vectors stay with AdamW."""
    learning_rate: PositiveFloat = 2e-4
    """Highest rate (AdamW)."""
    muon_learning_rate: PositiveFloat = 0.02
    """Highest rate of what Muon trains."""
    beta2: Share = 0.999
    """Decay of AdamW's second moment."""
    weight_decay: NonNegativeFloat = 0.0
    """Of matrices; vectors have none."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the rate falls after the warmup."""
    warmup: Share = 0.03
    """Share of the steps in which the rate rises."""
    max_grad_norm: NonNegativeFloat = 1.0
    """Longer gradients are cut to this length; 0 cuts none."""
    ema_decay: Share | None = None
    """Look at, keep and save an exponential moving average of the trained weights, of at most this decay (0.999: of
    the last thousand steps or so); null takes the weights as they are."""
    prompt_loss_weight: Weight = 0.0
    """Weight of the prompt's tokens in the loss; 0 trains the assistant's alone."""
    gradient_checkpointing: bool = False
    """Compute activations again rather than keep them: less memory, about a third more time."""
    eval_steps: PositiveInt | None = None
    """Steps between looks at the validation chats, each with a checkpoint; null is ten times a run."""
    log_steps: PositiveInt = 10
    """Steps between lines of losses.jsonl."""
    keep_best: bool = True
    """End with the checkpoint of lowest validation loss rather than the last."""
    early_stopping_patience: NonNegativeInt = 0
    """Stop after so many looks without a lower validation loss; 0 never stops early."""
