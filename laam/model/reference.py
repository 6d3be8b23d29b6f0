"""The reference engine: PyTorch and Transformers, float32, no tricks. Tests hold the serving engine to its text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM

from laam.model.engine import Decoding


class ReferenceEngine:
    """See laam.model.engine.Engine."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self._device = device
        model: torch.nn.Module = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, dtype=torch.float32)
        self._model = model.to(device).eval()

    def decoder(self, decoding: Decoding) -> "ReferenceDecoder":
        return ReferenceDecoder(self._model, self._device, decoding)

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        return [list(self.decoder(Decoding()).stream(prompt, stop, limit)) for prompt in prompts]

    @torch.inference_mode()
    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        logits = self._logits([*prompt, *ids])[len(prompt) - 1 : -1]
        chosen = torch.tensor([list(ids)], dtype=torch.long, device=self._device).T
        return [float(each) for each in torch.log_softmax(logits, -1).gather(-1, chosen)]

    @torch.inference_mode()
    def logits(self, ids: Sequence[int], length: int) -> NDArray[np.float32]:
        padded = [*ids, *[ids[-1]] * (length - len(ids))]
        rows: NDArray[np.float32] = self._logits(padded)[: len(ids)].numpy(force=True)
        return rows

    def _logits(self, ids: Sequence[int]) -> torch.Tensor:
        """[ids, V]"""
        return self._model(input_ids=torch.tensor([list(ids)], device=self._device)).logits[0]  # type: ignore[no-any-return]


class ReferenceDecoder:
    """See laam.model.engine.Decoder."""

    def __init__(self, model: torch.nn.Module, device: str, decoding: Decoding) -> None:
        self._model, self._device, self._decoding = model, device, decoding
        self._draws = torch.Generator(device).manual_seed(decoding.seed)

    @torch.inference_mode()
    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        ids = torch.tensor([list(prompt)], device=self._device)
        cache = None
        for _ in range(limit):
            output = self._model(input_ids=ids, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            ids = self._choose(output.logits[:, -1])
            yield int(ids)
            if int(ids) in stop:
                return

    def _choose(self, logits: torch.Tensor) -> torch.Tensor:
        """The next id, shape (1, 1), from logits of shape (1, vocabulary)."""
        if self._decoding.greedy:
            return logits.argmax(-1, keepdim=True)
        if self._decoding.top_k:
            least = logits.topk(min(self._decoding.top_k, logits.size(-1))).values[:, -1:]
            logits = logits.masked_fill(logits < least, float("-inf"))
        shares = torch.softmax(logits / self._decoding.temperature, -1)
        return torch.multinomial(shares, 1, generator=self._draws)
