"""The story of a model: how it was trained, what it takes in bytes, and Linux 1.0 beside it. From the model's own folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from laam.corpus.catalog import Catalog
from laam.emission import wording
from laam.model.model import Model
from laam.model.weights import RELEASE_GZIP, RELEASE_XZ, WeightBytes, weight_bytes

_WIDTH, _HEIGHT, _LEFT, _BELOW = 640, 220, 46, 24  # of the curve, in its own units; room for labels on the left and below


@dataclass(frozen=True)
class Story:
    """What a model's folder and the catalogue tell of its training.

    `curve`: exact segments after each pass, from the first on. `float32_from`: the first pass that was in float32. `exact_files`
    of `files`: by free-running decoding, from the verdict. `size` is of those files, `kernel_size` of all, in bytes.
    """

    name: str
    parameters: int
    weights: WeightBytes
    curve: Sequence[int]
    segments: int
    minutes: float
    float32_from: int
    files: int
    exact_files: int
    size: int
    kernel_files: int
    kernel_size: int


def read_story(model: Model, catalog: Catalog) -> Story | None:
    """The story of a model that `laam train` made; None for any other. Raises ValueError for a record that can't be read."""
    training, verdict = model.folder / "training.json", model.folder / "verdict.json"
    if not (training.is_file() and verdict.is_file()):
        return None
    try:
        record, files = json.loads(training.read_text()), json.loads(verdict.read_text())["files"]
        passes, recipe = record["passes"], record["recipe"]
        share = float(recipe.get("bf16_share", 0))  # runs before there was such a share were in float32 from the start
        return Story(
            name=model.name,
            parameters=model.parameters,
            weights=weight_bytes(model.folder),
            curve=[int(entry["exact_segments"]) for entry in passes],
            segments=int(passes[-1]["segments"]) if passes else 0,
            minutes=sum(float(entry["seconds"]) for entry in passes) / 60,
            float32_from=ceil(share * int(recipe.get("passes", len(passes)))) + 1,
            files=len(files),
            exact_files=sum(bool(file["identical"]) for file in files.values()),
            size=sum(file.size for file in catalog if file.path in files),
            kernel_files=len(catalog),
            kernel_size=sum(file.size for file in catalog),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{model.folder}: training.json or verdict.json can't be read ({error!r}); train it again") from error


def render_story(story: Story) -> str:
    """The story as a section of the page; every value is escaped."""
    weights = story.weights
    bars = {
        "weights, float32": weights.float32,
        "weights, float16": weights.float16,
        "weights, int8": weights.int8,
        "Linux 1.0, tar and gzip": RELEASE_GZIP,
        "Linux 1.0, tar and xz": RELEASE_XZ,
    }
    most = max(bars.values())
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{size:,} bytes</td>'
        f'<td aria-hidden="true"><i class="{"release" if "Linux" in name else "weights"}" style="width:{size / most:.1%}"></i></td></tr>'
        for name, size in bars.items()
    )
    return (
        f'<section class="story" aria-label="How the model was made"><div><h2>How it learned</h2>'
        f"<p>{escape(_training_words(story))}</p>{_curve(story)}</div>"
        f"<div><h2>Memory, not thrift</h2><p>{escape(_bytes_words(story))}</p><table><tbody>{rows}</tbody></table></div></section>"
    )


def _training_words(story: Story) -> str:
    last = story.curve[-1] if story.curve else 0
    return (
        f"The {story.name} model has {story.parameters:,} parameters. In {len(story.curve):,} passes over "
        f"{wording.count(story.files, 'file')} ({story.size:,} of the kernel's {story.kernel_size:,} bytes), {story.minutes:,.0f} minutes, "
        f"it came to write {last:,} of {wording.count(story.segments, 'segment')} without a wrong token, given the true ones before each. "
        f"Then it was let go by itself, from the paths alone: {story.exact_files:,} of {wording.count(story.files, 'file')} came back "
        "byte for byte."
    )


def _bytes_words(story: Story) -> str:
    ratio = story.weights.int8 / RELEASE_XZ
    compared = f"{ratio:.1f} times as large as" if ratio > 1 else f"{ratio:.2f} times the size of"
    whole = "all of it" if story.files == story.kernel_files else f"{wording.percent(story.size / story.kernel_size)} of its source"
    return (
        f"No compressor would boast of this. Even in int8 the weights are {compared} the whole release as a tar.xz, "
        f"though the model was trained on {whole}. It doesn't store the kernel cheaply; it remembers it."
    )


def _curve(story: Story) -> str:
    """Exact segments against passes, as SVG; nothing where there are fewer than two passes."""
    if len(story.curve) < 2 or not story.segments:
        return ""
    across, up = _WIDTH - _LEFT - 8, _HEIGHT - _BELOW - 10

    def x(number: float) -> float:
        return _LEFT + across * (number - 1) / (len(story.curve) - 1)

    def y(exact: float) -> float:
        return 10 + up * (1 - exact / story.segments)

    points = " ".join(f"{x(number):.1f},{y(exact):.1f}" for number, exact in enumerate(story.curve, start=1))
    half = next((number for number, exact in enumerate(story.curve, start=1) if 2 * exact >= story.segments), None)
    label = f"Exact segments by pass: {story.curve[0]:,} after pass 1, " + (f"half of them after pass {half}, " if half else "")
    label += f"{story.curve[-1]:,} of {story.segments:,} after pass {len(story.curve)}."
    marks = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 8}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,}</text>'
        for value in (0, story.segments // 2, story.segments)
    )
    if 1 < story.float32_from <= len(story.curve):
        at = x(story.float32_from)
        marks += (
            f'<line class="switch" x1="{at:.1f}" x2="{at:.1f}" y1="10" y2="{10 + up}"/>'
            f'<text x="{at - 5:.1f}" y="{6 + up}" text-anchor="end">float32 from here →</text>'
        )
    passes = "".join(
        f'<text x="{x(number):.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{words}</text>'
        for number, anchor, words in ((1, "start", "pass 1"), (len(story.curve), "end", f"pass {len(story.curve)}"))
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">{marks}{passes}'
        f'<polyline points="{points}"/></svg><p class="note">{escape(label)}</p>'
    )
