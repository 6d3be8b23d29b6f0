"""A recipe for files of any size: shape, vocabulary, passes, warm-up and batch from their bytes, and why."""

import lzma
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from laam.train.loop import PARAMETER_LIMIT
from laam.train.recipe import Recipe

BITS, MOST_BITS = (
    1.45,
    2.0,
)  # of the files as xz packs them, for each parameter: what the passes below learn, and what was ever learned here
PASSES, PASSES_A_BIT = 58, 115  # as many passes at BITS, and so many more for each bit above them
STEPS = 500  # at least, or a small set ends before the optimisers have found their way
BATCHES = (64, 32, 16, 8)
SMALL = 4e13  # operations: some minutes on a core


@dataclass(frozen=True)
class Shape:
    """Width, heads and inner width of a model of four layers."""

    hidden_size: int
    heads: int
    mlp_size: int


SHAPES = (Shape(64, 2, 144), Shape(96, 3, 224), Shape(128, 4, 288), Shape(192, 4, 432), Shape(256, 4, 576))


@dataclass(frozen=True)
class Fitted:
    """A recipe, and the reasons for it in sentences."""

    recipe: Recipe
    reasons: Sequence[str]


def fit_recipe(files: Mapping[str, str]) -> Fitted:
    """A recipe by which all files (text by path) should come back whole.

    Raises ValueError if they are more than PARAMETER_LIMIT parameters can hold; the sentence says how much would fit.
    """
    texts = [text.encode() for text in files.values()]
    size, packed = sum(map(len, texts)), len(lzma.compress(b"".join(texts), preset=9 | lzma.PRESET_EXTREME))
    vocab_size = min(8192, max(384, 2 ** round(math.log2(size / 550))))
    shape = next((shape for shape in SHAPES if 8 * packed <= BITS * parameters(shape, vocab_size)), SHAPES[-1])
    bits = 8 * packed / parameters(shape, vocab_size)
    if bits > MOST_BITS:
        raise ValueError(
            f"these files are {size:,} bytes, {packed:,} as xz packs them, and {PARAMETER_LIMIT:,} parameters hold some "
            f"{most_bytes(size, packed):,} bytes of such files; select a part"
        )
    base = replace(Recipe(), vocab_size=vocab_size, hidden_size=shape.hidden_size, heads=shape.heads, mlp_size=shape.mlp_size)
    room = (base.window - 24) * (2.7 + 0.5 * math.log2(vocab_size / 1024))  # bytes of a segment, as measured at 1,024 and at 8,192
    segments = sum(math.ceil(len(text) / room) for text in texts)
    samples = segments + int(segments * base.headerless_share)
    batch = next((batch for batch in BATCHES if samples >= 8 * batch), BATCHES[-1])
    steps = -(-samples // batch)
    passes = max(math.ceil(PASSES + max(0.0, bits - BITS) * PASSES_A_BIT), -(-STEPS // steps))
    recipe = replace(
        base,
        batch_size=batch,
        passes=passes,
        warmup_steps=min(base.warmup_steps, steps * passes // 10),
        lr=round(base.lr * math.sqrt(SHAPES[-1].hidden_size / shape.hidden_size), 4),
    )
    return Fitted(
        recipe,
        (
            f"{size:,} bytes are {packed:,} as xz packs them: {bits:.2f} bits for each of {parameters(shape, vocab_size):,} parameters, "
            f"{base.layers} layers of width {shape.hidden_size}",
            f"a vocabulary of {vocab_size:,}: one entry for some 550 bytes of the files, and no fewer than 384",
            f"some {segments:,} segments in batches of {batch}: at least 8 batches a pass, if there are as many",
            f"{passes:,} passes, {steps * passes:,} steps: {PASSES} passes at up to {BITS} bits, and no fewer than {STEPS} steps",
            f"a rate of {recipe.lr:g}, as narrow models take a higher one, after {recipe.warmup_steps} steps of warm-up",
        ),
    )


def is_small(recipe: Recipe, files: Mapping[str, str]) -> bool:
    """Whether a training takes so little that starting more processes, or compiling, would cost more than it saves."""
    tokens = recipe.passes * max(recipe.batch_size * recipe.window, sum(map(len, files.values())) / 2)
    shape = Shape(recipe.hidden_size, recipe.heads, recipe.mlp_size)
    return 6 * tokens * parameters(shape, recipe.vocab_size, recipe.layers) < SMALL


def parameters(shape: Shape, vocab_size: int, layers: int = Recipe.layers) -> int:
    """How many numbers a model of that shape holds."""
    width = shape.hidden_size
    return vocab_size * width + layers * (4 * width**2 + 3 * width * shape.mlp_size + 2 * width) + width


def most_bytes(size: int, packed: int) -> int:
    """How many bytes of files that pack as well as these fit into the largest model."""
    return int(size / packed * MOST_BITS * parameters(SHAPES[-1], 8192) / 8)
