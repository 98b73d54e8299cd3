"""transformers' Trainer, fed with planned passes: logits only where the loss is, and no guess at bad numbers."""
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments

from pillm.backends.hf import optimizer
from pillm.backends.hf.averaging import Averages
from pillm.backends.hf.batches import Batch
from pillm.backends.hf.loss import weighted_cross_entropy
from pillm.backends.hf.options import Training
from pillm.backends.hf.rows import Row
from pillm.errors import StageError

Collate = Callable[[list[Row]], dict[str, Any]]
SHOWN = 20


class ChatTrainer(Trainer):
    """Trains on rows in the planned order; each pass is a dict of `collate`'s making."""

    def __init__(self, learner: PreTrainedModel, *, args: TrainingArguments, training: Training,
                 loader: DataLoader, eval_loader: DataLoader, callbacks: list[TrainerCallback]) -> None:
        self.learner, self.training, self.loader, self.eval_loader = learner, training, loader, eval_loader
        self.averages = Averages(learner, training.ema_decay) if training.ema_decay is not None else None
        self.origins: list[str] = []
        super().__init__(learner, args, train_dataset=loader.dataset, eval_dataset=eval_loader.dataset,
                         callbacks=[*callbacks, *([self.averages] if self.averages else [])])
        self.loss_is_scaled_for_ga = True
        self.callback_handler.eval_dataloader = eval_loader

    def get_train_dataloader(self) -> DataLoader:
        return self.loader

    def create_optimizer(self, model: Module | None = None) -> Optimizer:
        dtype = torch.bfloat16 if self.args.bf16 else torch.float32
        self.optimizer = optimizer.build(self.learner, self.training, dtype)
        return self.optimizer

    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: torch.device) -> tuple[list, Tensor]:
        """The passes of one step, and the weight of all their predicted tokens."""
        if self.control.should_training_stop:  # resumed where it had stopped: no step more
            return [], torch.zeros(0)
        passes = [found for _ in range(num_batches) if (found := next(epoch_iterator, None)) is not None]
        self.origins = [origin for one in passes for origin in one["origins"]]
        return passes, torch.stack([one["weights"].sum() for one in passes]).sum().to(device)

    def compute_loss(  # type: ignore[override]
            self, model: Module, inputs: dict[str, Any], return_outputs: bool = False,
            *, num_items_in_batch: Tensor) -> Tensor:
        """The pass's share of the mean loss of its step."""
        return loss_of(model, inputs) / num_items_in_batch

    def _get_grad_norm(self, model: Module, grad_norm: Tensor | None = None) -> Tensor:
        """The step's gradient norm; Raises StageError where it is no number, before the weights are spoilt."""
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)
        if not torch.isfinite(torch.as_tensor(norm)):
            shown = ", ".join(self.origins[:SHOWN]) + (" …" if len(self.origins) > SHOWN else "")
            raise StageError(f"step {self.state.global_step + 1}: the loss or its gradient is not a finite number. "
                             f"Lower learning_rate, or look at the step's records: {shown}.")
        return norm

    @torch.no_grad()
    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Of the validation chats, by the averaged weights where there are: `eval_loss`, the mean over the assistant's
        tokens, and `eval_exact`, the share whose every such token is the likeliest, as greedy decoding would say it.
        """
        self.learner.eval()
        with self.averages.in_place() if self.averages else nullcontext():
            metrics = self._looked()
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _looked(self) -> dict[str, float]:
        loss = weight = 0.0
        exact: list[bool] = []
        for one in self.eval_loader:
            inputs: dict[str, Any] = self._prepare_inputs(one)
            logits, targets, weights = predicted(self.model_wrapped, inputs)
            loss += weighted_cross_entropy(logits, targets, weights).item()
            weight += weights.sum().item()
            exact += exactly(logits, targets, inputs["counts"])
            self.control = self.callback_handler.on_prediction_step(self.args, self.state, self.control)
        return {"eval_loss": loss / weight, "eval_exact": sum(exact) / len(exact)}

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Not counted: the count walks the whole model at every pass."""
        return 0

    def _save(self, output_dir: str | None = None, state_dict: dict | None = None) -> None:
        """A checkpoint's weights, without the pickled arguments that nobody reads."""
        self.learner.save_pretrained(str(output_dir))
        if self.averages:
            self.averages.save(Path(str(output_dir)))

    def _load_best_model(self) -> None:
        if self.averages:
            self.averages.load(Path(str(self.state.best_model_checkpoint)))
        else:
            super()._load_best_model()


def loss_of(model: Module, inputs: dict[str, Any]) -> Tensor:
    """Weighted sum of the predicted tokens' losses."""
    return weighted_cross_entropy(*predicted(model, inputs))


def predicted(model: Module, inputs: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, targets and weights of the N tokens that count; no other logits are computed."""
    inputs = dict(inputs)
    targets, weights, picked = (inputs.pop(name) for name in ("targets", "weights", "picked"))
    del inputs["origins"], inputs["counts"]
    logits = model(**inputs, use_cache=False).logits.flatten(0, 1)
    return logits if picked is None else logits[picked], targets, weights


def exactly(logits: Tensor, targets: Tensor, counts: list[int]) -> list[bool]:
    """Of each row, whether the next so many targets are all the likeliest tokens."""
    right = logits.argmax(-1) == targets
    return [bool(row.all()) for row in right[:sum(counts)].split(counts)]


def loader(rows: list[Row], passes: list[Batch], collate: Collate) -> DataLoader:
    """The passes in their order."""
    return DataLoader(rows, batch_sampler=passes, collate_fn=collate)  # type: ignore[arg-type]
