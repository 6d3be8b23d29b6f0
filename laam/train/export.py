"""Write a trained model as a Transformers folder: safetensors weights, configuration and tokenizer."""

from pathlib import Path

from tokenizers import Tokenizer
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from laam.model.codec import END_FILE, PAD, START_FILE


def export_model(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Save weights in float16, half the bytes of float32. The verdict is on these saved weights, not on the float32 ones.

    The folder loads with plain `AutoModelForCausalLM` and `AutoTokenizer`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    half = LlamaForCausalLM(model.config).half()  # type: ignore[no-untyped-call]
    half.load_state_dict(model.state_dict())
    half.generation_config.do_sample = False
    half.save_pretrained(folder)
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=START_FILE,
        eos_token=END_FILE,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
        model_max_length=model.config.max_position_embeddings,
    )
    wrapped.save_pretrained(folder)
