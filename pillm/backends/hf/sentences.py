"""Texts of one meaning: vectors of sentences by an encoder of the user's choice, compared by their cosine."""
from pathlib import Path
from typing import Any

TOKENS = 256
"""Of a text; what is longer is cut: encoders of sentences were trained on less."""


class Meanings:
    """Texts met so far, without those that meant the same as an earlier one: cosine ≥ threshold."""

    def __init__(self, model: Path, threshold: float) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
        self._model = AutoModel.from_pretrained(model, local_files_only=True, use_safetensors=True,
                                                dtype=torch.float32).eval()
        self._threshold = threshold
        self._met = torch.zeros(0, self._model.config.hidden_size)
        self._names: list[int] = []

    def add(self, texts: list[str], names: list[int]) -> list[int | None]:
        """For each text the name of the earlier one it is nearest to, or None; hundreds at once are quickest."""
        import torch

        vectors_N_D = self.vectors(texts)
        before_N = self._nearest(vectors_N_D)
        together_N_N = vectors_N_D @ vectors_N_D.T
        found: list[int | None] = []
        kept: list[int] = []
        for n, name in enumerate(before_N):
            if name is None and kept:
                cosine, place = together_N_N[n, kept].max(dim=0)
                name = names[kept[int(place)]] if cosine >= self._threshold else None
            kept += [n] if name is None else []
            found.append(name)
        self._met = torch.cat([self._met, vectors_N_D[kept]])
        self._names += [names[n] for n in kept]
        return found

    def vectors(self, texts: list[str]) -> Any:
        """Means of the last hidden states over a text's tokens, of length 1: (N texts, D numbers)."""
        import torch

        batch = self._tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        with torch.inference_mode():
            states_N_T_D = self._model(**batch).last_hidden_state
        mask_N_T_1 = batch["attention_mask"].unsqueeze(-1)
        return torch.nn.functional.normalize((states_N_T_D * mask_N_T_1).sum(1) / mask_N_T_1.sum(1))

    def _nearest(self, vectors_N_D: Any) -> list[int | None]:
        """Names of the earlier texts that are near enough."""
        if not self._names:
            return [None] * len(vectors_N_D)
        cosines, places = (vectors_N_D @ self._met.T).max(dim=1)
        return [self._names[place] if cosine >= self._threshold else None
                for cosine, place in zip(cosines.tolist(), places.tolist(), strict=True)]
