"""A model as a compressor: how many bits each file takes if an arithmetic coder is driven by the model's probabilities.

The code length of a file is −Σ log2 p(token | prompt, the true tokens before), over the tokens of its segments and the token that closes
each (Delétang et al. 2023, "Language Modeling Is Compression", arXiv 2309.10668). A decoder that has the model and the file's path
gives the file back exactly, whatever the model knows; so it is also what a residual costs that makes the file exact.
"""

from collections.abc import Iterator, Mapping
from math import ceil, log
from typing import TYPE_CHECKING, NamedTuple

from laam.model.model import Model
from laam.model.prompts import AddressedFormat
from laam.model.segments import Sample, segment_samples

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

_BATCH = 16  # segments


class CodeLength(NamedTuple):
    """A file of `bytes` bytes, coded as `tokens` tokens in `bits` bits.

    Of its tokens, `wrong` were not the likeliest; a file without one comes back exactly from greedy decoding in float32.
    """

    path: str
    bytes: int
    tokens: int
    bits: float
    wrong: int

    @property
    def coded(self) -> int:
        """The code length in bytes, rounded up."""
        return ceil(self.bits / 8)


def code_lengths(model: Model, texts: Mapping[str, str]) -> Iterator[CodeLength]:
    """The code length of each text, teacher forced, in float32; logarithms are summed in float64. `texts`: by path.

    Raises ValueError for a model that is not asked for segments by their address.
    """
    format_ = model.format
    if not isinstance(format_, AddressedFormat):
        raise ValueError(f"model {model.name!r} is not asked for a file segment by segment, so its files have no code length from a path")
    import torch  # 180 MB, which the server does without: it only reads what was measured
    from transformers import LlamaForCausalLM

    network = LlamaForCausalLM.from_pretrained(model.folder, use_safetensors=True, dtype=torch.float32)
    network.eval()  # type: ignore[no-untyped-call]
    for path, text in texts.items():
        samples = segment_samples(format_, {path: text}, model.window)
        bits, wrong = 0.0, 0
        for first in range(0, len(samples), _BATCH):
            more_bits, more_wrong = _code(network, samples[first : first + _BATCH])
            bits, wrong = bits + more_bits, wrong + more_wrong
        tokens = sum(len(sample.ids) - sample.start for sample in samples)
        yield CodeLength(path, len(text.encode(errors="surrogateescape")), tokens, round(bits, 3), wrong)


def _code(network: "LlamaForCausalLM", samples: list[Sample]) -> tuple[float, int]:
    """Bits of some segments, and how many of their tokens were not the likeliest."""
    import torch
    from torch.nn import functional

    longest = max(len(sample.ids) for sample in samples)
    ids = torch.zeros((len(samples), longest), dtype=torch.int64)  # padding stands on the right, where a causal model can't see it
    coded = torch.zeros_like(ids, dtype=torch.bool)
    for row, sample in enumerate(samples):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        coded[row, sample.start : len(sample.ids)] = True
    with torch.inference_mode():
        hidden = network.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        logits = network.lm_head(hidden[coded[:, 1:]])
    targets = ids[:, 1:][coded[:, 1:]]
    nats = functional.cross_entropy(logits, targets, reduction="none").double().sum().item()
    return nats / log(2), int((logits.argmax(-1) != targets).sum())
