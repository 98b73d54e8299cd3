"""A model that answers many conversations, in batches."""
from collections.abc import Container, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig

from pillm.backends.hf.chat import prompt_ids, tokenizer
from pillm.backends.hf.model import load
from pillm.backends.teaching import Keep, Refuse, Request, Sampling


class Teacher:
    """A weights folder in memory."""

    def __init__(self, weights: Path, *, dtype: str = "fp32") -> None:
        self._tokenizer = tokenizer(weights)
        self._model = load(weights, dtype=dtype).eval()
        self._ends = _ends(self._model.generation_config.eos_token_id, self._tokenizer.eos_token_id)
        # Where these are set, the model's own defaults (a repetition penalty, say) do not come back in.
        self._model.generation_config = GenerationConfig(
            eos_token_id=self._ends, pad_token_id=self._tokenizer.pad_token_id or self._ends[0])

    @property
    def context(self) -> int:
        """Tokens it can attend to."""
        return self._model.config.max_position_embeddings

    def answer(
        self, requests: Sequence[Request], sampling: Sampling, known: Container[str],
        *, keep: Keep, refuse: Refuse, batch_size: int,
    ) -> None:
        """Answer what is not known yet.

        Batches are formed of all requests, by length, so that an answer is the same whatever else is known.
        """
        prompts = {key: prompt_ids(self._tokenizer, messages) for key, messages in requests}
        room = self.context - sampling.max_tokens
        for key in [key for key, ids in prompts.items() if len(ids) > room]:
            refuse(key, f"its prompt has {len(prompts.pop(key))} tokens, and the model's context leaves {room}")
        for batch in _batches(prompts, batch_size):
            if any(key not in known for key in batch):
                for key, text, cut in self._batch({key: prompts[key] for key in batch}, sampling):
                    if key not in known:
                        keep(key, text, cut)

    @torch.inference_mode()
    def _batch(self, prompts: dict[str, list[int]], sampling: Sampling) -> Iterator[tuple[str, str, bool]]:
        """Prompts padded on the left to one length, so that all answers begin at the same place."""
        longest = max(map(len, prompts.values()))
        pad = self._model.generation_config.pad_token_id
        ids_B_T = torch.tensor([[pad] * (longest - len(ids)) + ids for ids in prompts.values()])
        mask_B_T = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts.values()])
        torch.manual_seed(_seed(prompts, sampling.seed))
        made_B_T = self._model.generate(
            input_ids=ids_B_T.to(self._model.device), attention_mask=mask_B_T.to(self._model.device),
            max_new_tokens=sampling.max_tokens, **_drawn(sampling))
        for key, made in zip(prompts, made_B_T[:, longest:].tolist(), strict=True):
            cut = not any(end in made for end in self._ends)
            yield key, self._tokenizer.decode(made, skip_special_tokens=True), cut


def _batches(prompts: dict[str, list[int]], size: int) -> Iterator[list[str]]:
    """Keys of prompts alike in length."""
    keys = sorted(prompts, key=lambda key: (len(prompts[key]), key))
    for start in range(0, len(keys), size):
        yield keys[start:start + size]


def _seed(keys: dict[str, Any], seed: int) -> int:
    return int.from_bytes(sha256("/".join((str(seed), *keys)).encode()).digest()[:4])


def _drawn(sampling: Sampling) -> dict[str, Any]:
    if not sampling.temperature:
        return {"do_sample": False}
    return {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}


def _ends(*found: int | list[int] | None) -> list[int]:
    """The tokens that end an answer."""
    ids = [[end] if isinstance(end, int) else end or [] for end in found]
    return list(dict.fromkeys(end for some in ids for end in some))
