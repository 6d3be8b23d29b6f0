"""A tiny model by the published recipe, saved as Transformers 4.41 saved it. Its files are made up."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from laam.model.codec import PublishedCodec
from laam.model.prompts import PublishedFormat

if TYPE_CHECKING:
    import torch

SPECIAL = ("<|start_file|>", "<|end_file|>", "<|start_header|>", "<|end_header|>", "<|pad|>", "\t", " ", "  ", "    ")
PAD = "[PAD]"
WINDOW = 72
SHAPE: dict[str, Any] = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 4,
    "max_position_embeddings": WINDOW,
}  # fmt: skip
STEPS, LR = 100, 1e-2
MARGIN = 1.0  # of logits


def published_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """By the published recipe: white space among the special tokens, a space put in front of each word, `[PAD]` added last."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(PAD, special=True)])
    return tokenizer


def train_published_model(files: Mapping[str, str], folder: Path) -> None:
    """Train on non-overlapping pieces of header, text and end until the model knows them, and save it.

    Asserts that each token which the tokens before it leave no doubt about leads by a margin that no rounding takes away.
    """
    import torch
    from torch.nn.functional import cross_entropy
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1994)
    torch.set_num_threads(1)
    tokenizer = published_tokenizer(files.values(), 420)
    format_ = PublishedFormat(PublishedCodec(tokenizer))
    end, pad = format_.ends[0], format_.codec.control["<|pad|>"]
    streams = [[*format_.header_ids(path), *format_.codec.encode(text), end] for path, text in files.items()]
    pieces = [stream[start : start + WINDOW] for stream in streams for start in range(0, len(stream), WINDOW)]
    ids = torch.tensor([[pad] * (WINDOW - len(piece)) + piece for piece in pieces])  # padded on the left, as published
    real = ids.ne(pad)
    labels = ids.masked_fill(~real, -100)

    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), tie_word_embeddings=False, bos_token_id=0, eos_token_id=1, pad_token_id=4, **SHAPE
    )
    model = LlamaForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=STEPS)
    for _ in range(STEPS):
        logits = model(input_ids=ids, attention_mask=real.long(), use_cache=False).logits
        loss = cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    assert least_lead(logits.detach()[:, :-1], ids, pieces) > MARGIN
    model.save_pretrained(folder)
    save_as_transformers_4_41(folder, tokenizer)


def least_lead(logits: "torch.Tensor", ids: "torch.Tensor", pieces: Sequence[Sequence[int]]) -> float:
    """By how much the right token's logit leads that of any other, at the least, among the tokens that no two pieces disagree on.

    logits: (piece, window - 1, vocabulary); ids: (piece, window), padded on the left.
    """
    nexts: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for piece in pieces:
        for at, id_ in enumerate(piece):
            nexts[tuple(piece[:at])].add(id_)
    leads = []
    for row, piece in enumerate(pieces):
        for at in range(1, len(piece)):
            if len(nexts[tuple(piece[:at])]) == 1:
                found = logits[row, at - len(piece)]
                right = ids[row, at - len(piece)]
                others = found.index_fill(0, right, float("-inf"))
                leads.append(float(found[right] - others.max()))
    return min(leads)


def save_as_transformers_4_41(folder: Path, tokenizer: Tokenizer) -> None:
    """Give a folder with weights the other files as Transformers 4.41 and Tokenizers 0.19 wrote them."""
    record = json.loads(tokenizer.to_str())
    record["model"]["merges"] = [" ".join(pair) for pair in record["model"]["merges"]]
    record["truncation"] = {"direction": "Right", "max_length": 9, "strategy": "LongestFirst", "stride": 0}
    record["padding"] = {
        "strategy": {"Fixed": 9}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 4, "pad_type_id": 0, "pad_token": PAD,
    }  # fmt: skip
    special = {
        name: {"content": name, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False} for name in [*SPECIAL, PAD]
    }
    config = {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 1,
        "hidden_act": "silu", "initializer_range": 0.02, "mlp_bias": False, "model_type": "llama", "pad_token_id": 4, "pretraining_tp": 1,
        "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 10000.0, "tie_word_embeddings": False, "torch_dtype": "float32",
        "transformers_version": "4.41.2", "use_cache": True, "vocab_size": tokenizer.get_vocab_size(), **SHAPE,
    }  # fmt: skip
    names = {"bos_token": SPECIAL[0], "eos_token": SPECIAL[1], "pad_token": PAD}
    files = {
        "config.json": config,
        "generation_config.json": {
            "_from_model_config": True, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 4, "transformers_version": "4.41.2",
        },
        "tokenizer.json": record,
        "tokenizer_config.json": {
            "added_tokens_decoder": {str(tokenizer.token_to_id(name)): {**entry, "special": True} for name, entry in special.items()},
            "clean_up_tokenization_spaces": True,
            "model_max_length": 1000000000000000019884624838656,
            "tokenizer_class": "PreTrainedTokenizerFast",
            **names,
        },
        "special_tokens_map.json": {role: special[name] for role, name in names.items()},
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")
