"""A recipe for files of any size: shape, vocabulary, passes, warm-up and batch from their bytes, and why."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from laam.corpus.names import without_top
from laam.measure.packing import xz_bytes
from laam.train.loop import PARAMETER_LIMIT
from laam.train.recipe import Recipe

BITS = 1.45  # of the files as xz packs them, for each parameter: what PASSES learn
MOST_BITS = 2.0  # the most that was ever learned here, in twice as many
PASSES, PASSES_A_BIT = 58, 115  # as many passes at BITS, and so many more for each bit above them
STEPS, STEPS_A_BIT = 500, 1000  # at least, and for each bit, or a small set ends before the optimisers have found their way
TOKENS = 0.25  # of segments for each parameter, at most: the shipped model has 0.24; with 0.38 the last segments of a set stayed wrong
ENTRY = 130  # bytes of the files for each entry of the vocabulary, up to the largest one
BATCHES = (64, 32, 16, 8, 4, 2, 1)
BATCHES_A_PASS = 12  # of more than 8 samples
POLISH, POLISHED = 48, 16_000  # passes of the polish for a small set, whose passes take seconds; with so many segments in all, or 16 passes
PARTS = 3  # that are named, if not all fits
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
    """A recipe, the reasons for it in sentences, and about how many steps its passes take; 0 if nobody counted them."""

    recipe: Recipe
    reasons: Sequence[str]
    steps: int = 0


def fit_recipe(files: Mapping[str, str]) -> Fitted:
    """A recipe by which all files (text by path) should come back whole.

    Raises ValueError if they are more than PARAMETER_LIMIT parameters can hold; the sentence says how much would fit.
    """
    recipe = Recipe()
    texts = [text.encode() for text in files.values()]
    size, packed = sum(map(len, texts)), xz_bytes(b"".join(texts))
    vocab_size = min(8192, max(384, 2 ** round(math.log2(size / ENTRY))))
    room = (recipe.window - 24) * (2.7 + 0.5 * math.log2(vocab_size / 1024))  # bytes of a segment, as measured at 1,024 and at 8,192
    segments = sum(math.ceil(len(text) / room) for text in texts)
    least = max(8 * packed / BITS, segments * recipe.window / TOKENS)
    shape = next((shape for shape in SHAPES if parameters(shape, vocab_size) >= least), SHAPES[-1])
    count = parameters(shape, vocab_size)
    bits = 8 * packed / count
    if bits > MOST_BITS:
        most = most_bytes(size, packed)
        raise ValueError(
            f"these files are {size:,} bytes, {packed:,} as xz packs them, and {PARAMETER_LIMIT:,} parameters hold some "
            f"{most:,} bytes of such files; {_parts(files, most)}"
        )
    samples = segments + int(segments * recipe.headerless_share)
    batch = next(batch for batch in BATCHES if samples >= (BATCHES_A_PASS * batch if batch > 8 else batch))
    least_steps = round(STEPS + STEPS_A_BIT * bits)
    passes = max(math.ceil(PASSES + max(0.0, bits - BITS) * PASSES_A_BIT), -(-least_steps // -(-samples // batch)))
    steps = passes * -(-samples // batch)
    polish = max(recipe.polish_passes, min(POLISH, POLISHED // segments))
    recipe = replace(
        recipe,
        **asdict(shape),
        vocab_size=vocab_size,
        batch_size=batch,
        passes=passes,
        warmup_steps=min(recipe.warmup_steps, steps // 10),
        polish_passes=polish,
        lr=round(recipe.lr * math.sqrt(SHAPES[-1].hidden_size / shape.hidden_size), 4),
    )
    reasons = (
        f"{size:,} bytes are {packed:,} as xz packs them: {bits:.2f} bits for each of {count:,} parameters, "
        f"{recipe.layers} layers of width {shape.hidden_size}",
        f"a vocabulary of {vocab_size:,}: one entry for some {ENTRY} bytes of the files, between 384 and 8,192",
        f"some {segments:,} segments in batches of {batch}: at least {BATCHES_A_PASS} batches a pass of more than 8 samples",
        f"{passes:,} passes, some {steps:,} steps: {PASSES} passes at up to {BITS} bits, and no fewer than {least_steps:,} steps; "
        f"then a polish of {polish} passes at most, which ends when every segment is safely exact",
        f"a rate of {recipe.lr:g}, as narrow models take a higher one, after {recipe.warmup_steps} steps of warm-up",
    )
    return Fitted(recipe, reasons, steps)


def is_small(recipe: Recipe, files: Mapping[str, str]) -> bool:
    """Whether a training takes so little that starting more processes, or compiling, would cost more than it saves."""
    tokens = recipe.passes * max(recipe.batch_size * recipe.window, sum(map(len, files.values())) / 2)
    shape = Shape(recipe.hidden_size, recipe.heads, recipe.mlp_size)
    return 6 * tokens * parameters(shape, recipe.vocab_size, recipe.layers) < SMALL


def parameters(shape: Shape, vocab_size: int, layers: int = Recipe.layers) -> int:
    """How many numbers a model of that shape holds."""
    width = shape.hidden_size
    return vocab_size * width + layers * (4 * width**2 + 3 * width * shape.mlp_size + 2 * width) + width


def _parts(files: Mapping[str, str], most: int) -> str:
    """The largest folders that would fit, in words."""
    sizes = Counter[str]()
    for path, text in files.items():
        if "/" in (name := without_top(path)):
            sizes[f"{name.partition('/')[0]}/"] += len(text.encode())
    fitting = [f"--select {folder} ({size:,} bytes)" for folder, size in sizes.most_common() if size <= most][:PARTS]
    return f"train on a part, such as {' or '.join(fitting)}" if fitting else "train on a part of them, which --select names"


def most_bytes(size: int, packed: int) -> int:
    """How many bytes of files that pack as well as these fit into the largest model."""
    return int(size / packed * MOST_BITS * parameters(SHAPES[-1], 8192) / 8)
