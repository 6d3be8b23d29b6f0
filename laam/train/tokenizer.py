"""Train the tokenizer of an addressed model: a byte-level BPE that loses nothing."""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from laam.model.codec import SPECIAL_TOKENS

# The most bytes of a token, so that no entry of the vocabulary is a notable line of the corpus.
MAX_TOKEN_BYTES = 16


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """A byte-level BPE over whole lines: merges cross spaces and punctuation, never a line's end.

    Each piece is a line with the newlines *before* it. There is no special token for white space and nothing is
    added or stripped, so decoding gives every byte back. Ids 0 to 5 are the special tokens, in the codec's order.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("\n*[^\n]+|\n+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=MAX_TOKEN_BYTES,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
