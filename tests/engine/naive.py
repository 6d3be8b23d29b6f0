"""The browser kernel's arithmetic written out in numpy, from a packed file: int8 weights by row, int8 activations by token; of a file of
fewer bits, as assets/engine/rounding.js makes it, float32 activations."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from laam.model.engine import Decoder, Decoding
from laam.model.model import Model

Floats = NDArray[np.float32]


class NaiveLlama:
    """A packed model that is run whole for every token; greedy only."""

    def __init__(self, packed: bytes) -> None:
        self._tensors = load(packed)
        header = json.loads(packed[8 : 8 + int.from_bytes(packed[:8], "little")])["__metadata__"]["laam"]
        self._config: dict[str, Any] = json.loads(header)["config"]
        self._in_float = "bits" in json.loads(header)

    def decoder(self, decoding: Decoding) -> Decoder:
        assert decoding.greedy
        return self

    def batch(self, prompts: Sequence[Sequence[int]], stop: Sequence[int], limit: int) -> list[list[int]]:
        return [list(self.stream(prompt, stop, limit)) for prompt in prompts]

    def log_probabilities(self, prompt: Sequence[int], ids: Sequence[int]) -> list[float]:
        logits = self.logits([*prompt, *ids])[len(prompt) - 1 : -1].astype(np.float64)
        return [float(row[id_] - np.logaddexp.reduce(row)) for row, id_ in zip(logits, ids, strict=True)]

    def stream(self, prompt: Sequence[int], stop: Sequence[int], limit: int) -> Iterator[int]:
        ids = list(prompt)
        for _ in range(limit):
            ids.append(int(self.logits(ids)[-1].argmax()))
            yield ids[-1]
            if ids[-1] in stop:
                return

    def logits(self, ids: Sequence[int], length: int = 0) -> Floats:
        """[tokens, V]; a row doesn't depend on how many there are."""
        embedding = self._tensors["model.embed_tokens.weight"].astype(np.float32)
        x = embedding[ids] * self._tensors["model.embed_tokens.weight.scale"][ids, None]
        for layer in range(self._config["num_hidden_layers"]):
            name = f"model.layers.{layer}"
            x = x + self._attention(self._normed(x, f"{name}.input_layernorm"), f"{name}.self_attn")
            h = self._normed(x, f"{name}.post_attention_layernorm")
            gate = self._times(h, f"{name}.mlp.gate_proj")
            x = x + self._times(gate / (1 + np.exp(-gate)) * self._times(h, f"{name}.mlp.up_proj"), f"{name}.mlp.down_proj")
        return self._times(self._normed(x, "model.norm"), "lm_head" if "lm_head.weight" in self._tensors else "model.embed_tokens")

    def _attention(self, h: Floats, name: str) -> Floats:
        heads, kv_heads = self._config["num_attention_heads"], self._config["num_key_value_heads"]
        q, k, v = (
            self._times(h, f"{name}.{part}_proj").reshape(len(h), count, -1).transpose(1, 0, 2)
            for part, count in zip("qkv", (heads, kv_heads, kv_heads), strict=True)
        )
        q, k, v = self._rotated(q), np.repeat(self._rotated(k), heads // kv_heads, 0), np.repeat(v, heads // kv_heads, 0)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(np.float32(q.shape[-1]))
        scores[:, np.triu(np.ones(scores.shape[1:], bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = weights @ v / weights.sum(-1, keepdims=True)
        return self._times(mixed.transpose(1, 0, 2).reshape(len(h), -1), f"{name}.o_proj")

    def _rotated(self, a: Floats) -> Floats:
        """[heads, tokens, head size], turned by each token's position."""
        turn = self._tensors["rotation"][:, 0] + 1j * self._tensors["rotation"][:, 1]
        half = a.shape[-1] // 2
        turned = (a[..., :half] + 1j * a[..., half:]) * turn ** np.arange(a.shape[1])[:, None]
        return np.concatenate([turned.real, turned.imag], -1).astype(np.float32)

    def _normed(self, x: Floats, name: str) -> Floats:
        by = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(self._config["rms_norm_eps"]))
        return np.asarray(x * by * self._tensors[f"{name}.weight"], np.float32)

    def _times(self, x: Floats, name: str) -> Floats:
        if self._in_float:
            return np.asarray(x @ (self._tensors[f"{name}.weight"] * self._tensors[f"{name}.weight.scale"][:, None]).T, np.float32)
        scale = np.float32(127) / np.abs(x).max(-1, keepdims=True)
        sums = np.rint(x * scale).astype(np.int32) @ self._tensors[f"{name}.weight"].T.astype(np.int32)
        return np.asarray(sums * self._tensors[f"{name}.weight.scale"] / scale, np.float32)


@dataclass(frozen=True)
class NaiveModel(Model):
    """A model folder, run by NaiveLlama from its packed form."""

    packed: bytes = b""

    @property
    def engine(self) -> NaiveLlama:
        return NaiveLlama(self.packed)
