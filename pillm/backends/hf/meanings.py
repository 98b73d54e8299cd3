"""Texts of one meaning: vectors of sentences by an encoder of the user's choice, compared by their cosine."""
from pathlib import Path
from typing import Any

TOKENS = 256
"""Of a text; what is longer is cut: encoders of sentences were trained on less."""


class Encoder:
    """A model that makes a vector of a text."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32).eval()

    def __call__(self, texts: list[str]) -> Any:
        """Means of the last hidden states over a text's tokens, of length 1: (N texts, D numbers)."""
        import torch

        batch = self._tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        with torch.inference_mode():
            states_N_T_D = self._model(**batch).last_hidden_state
        mask_N_T_1 = batch["attention_mask"].unsqueeze(-1)
        return torch.nn.functional.normalize((states_N_T_D * mask_N_T_1).sum(1) / mask_N_T_1.sum(1))


class Meanings:
    """Texts met so far, without those that meant the same as an earlier one: cosine ≥ threshold."""

    def __init__(self, encoder: Encoder, threshold: float) -> None:
        self._encoder, self._threshold = encoder, threshold
        self._met_M_D: Any = None
        self._names: list[int] = []

    def nearest(self, texts: list[str]) -> list[int | None]:
        """For each text the name of the nearest one met, or None."""
        return self._nearest(self._encoder(texts))

    def add(self, texts: list[str], names: list[int]) -> list[int | None]:
        """The same, also among these texts; those that have none are met from now on. Hundreds at once are quickest."""
        import torch

        vectors_N_D = self._encoder(texts)
        found = self._nearest(vectors_N_D)
        together_N_N = vectors_N_D @ vectors_N_D.T
        kept: list[int] = []
        for n, known in enumerate(found):
            if known is None and kept and float((cosines := together_N_N[n, kept]).max()) >= self._threshold:
                found[n] = names[kept[int(cosines.argmax())]]
            elif known is None:
                kept.append(n)
        met = vectors_N_D[kept]
        self._met_M_D = met if self._met_M_D is None else torch.cat([self._met_M_D, met])
        self._names += [names[n] for n in kept]
        return found

    def _nearest(self, vectors_N_D: Any) -> list[int | None]:
        if not self._names:
            return [None] * len(vectors_N_D)
        cosines, places = (vectors_N_D @ self._met_M_D.T).max(dim=1)
        return [self._names[place] if cosine >= self._threshold else None
                for cosine, place in zip(cosines.tolist(), places.tolist(), strict=True)]
