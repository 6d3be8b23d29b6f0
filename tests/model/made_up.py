"""A random model in a folder, for the tests of what reads such folders."""

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from laam.train.export import export_model
from laam.train.tokenizer import train_tokenizer


def write_model(folder: Path, *, tied: bool, heads: int = 4, kv_heads: int = 4, rope_theta: float = 10_000.0) -> None:
    """A random model whose likeliest ids are far from the next likely ones."""
    tokenizer = train_tokenizer(["int pour(int cups)\n{\n\treturn cups + 1;\n}\n"], 280)
    torch.manual_seed(7)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=heads,
            num_key_value_heads=kv_heads,
            max_position_embeddings=64,
            tie_word_embeddings=tied,
            initializer_range=0.4,
            rope_parameters={"rope_type": "default", "rope_theta": rope_theta},
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=4,
        )
    )
    export_model(model, tokenizer, folder)
