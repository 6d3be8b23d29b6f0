"""The story of a model: how it was trained. From the model's own folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from laam.corpus.names import without_top
from laam.corpus.sealed import SealedManifest
from laam.emission import naming, wording
from laam.faults import brief
from laam.measure.learned import LearnedFile, learned_files
from laam.measure.treemap import HEIGHT, WIDTH
from laam.model.model import Model
from laam.templates import template_environment


@dataclass(frozen=True)
class Story:
    """What a model's folder and the catalogue tell about its training.

    `curve`: exact segments after each pass, from the first on; `polish` of them, mostly the last, dwelt on what wasn't sure yet.
    `float32_from`: the first pass in float32, 0 if there was none; the polish is computed as the last pass before it. `exact_files` of
    `files`: by free-running decoding, from the verdict; `tokens`: what they took there. `size` is of those files, `whole_size` of all, in
    bytes. `learned`: when each file came, if the run wrote that down.
    """

    name: str
    parameters: int
    curve: Sequence[int]
    polish: int
    segments: int
    minutes: float
    float32_from: int
    files: int
    exact_files: int
    tokens: int
    size: int
    whole_size: int
    learned: Sequence[LearnedFile] = ()


def read_story(model: Model, manifest: SealedManifest) -> Story | None:
    """The story of a model that `laam train` made on the release that is shown; None for any other.

    Raises ValueError for a folder that can't be read.
    """
    training, catalog = model.folder / "training.json", manifest.catalog
    if not (training.is_file() and any(map(model.learned, catalog))):
        return None
    try:
        record = json.loads(training.read_text("utf-8"))
        passes, recipe = record["passes"], record["recipe"]
        polish = _polish(passes, recipe)
        return Story(
            name=model.name,
            parameters=model.parameters,
            curve=[int(entry["exact_segments"]) for entry in passes],
            segments=int(passes[-1]["segments"]) if passes else 0,
            minutes=sum(float(entry["seconds"]) for entry in passes) / 60,
            polish=polish,
            float32_from=_float32_from(passes, recipe, len(passes) - polish),
            files=len(model.trained_on),
            exact_files=len(model.identical),
            tokens=sum(model.trained_tokens.values()),
            size=sum(file.size for file in catalog if file.path in model.trained_on),
            whole_size=sum(file.size for file in catalog),
            learned=learned_files(passes, [file.path for file in catalog if model.learned(file)], catalog),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{model.folder}: training.json can't be read ({brief(error)}); train it again") from error


def _polish(passes: Sequence[Mapping[str, Any]], recipe: Mapping[str, Any]) -> int:
    """How many of the passes were of a polish; an older run says it by its recipe."""
    by_recipe = max(0, len(passes) - int(recipe.get("passes", len(passes))))
    return sum(bool(entry["polish"]) for entry in passes) if all("polish" in entry for entry in passes) else by_recipe


def _float32_from(passes: Sequence[Mapping[str, Any]], recipe: Mapping[str, Any], whole: int) -> int:
    """The first pass in float32 after which none was in bfloat16; 0 if there is none. `whole`: passes before the polish."""
    if not all("precision" in entry for entry in passes):  # an older run says it by its recipe; the oldest ones were in float32 all along
        in_bf16 = ceil(float(recipe.get("bf16_share", 0)) * whole)
        return in_bf16 + 1 if in_bf16 < whole else 0
    last = max((number for number, entry in enumerate(passes, 1) if entry["precision"] != "float32"), default=0)
    return last + 1 if last < len(passes) else 0


def render_story(story: Story, templates: Path) -> str:
    """The story as a section of the page. `templates`: the folder that has `story.html`."""
    template = template_environment(templates).get_template("story.html")
    half = next((number for number, exact in enumerate(story.curve, start=1) if 2 * exact >= story.segments), None)
    return template.render(story=story, training=_training_words(story), half=half, width=WIDTH, height=HEIGHT, name_of=without_top)


def _training_words(story: Story) -> str:
    last, name = story.curve[-1] if story.curve else 0, naming.model_in_words(story.name)
    polish = f" and {story.polish:,} of a polish, in which those that weren’t sure yet came more often" if story.polish else ""
    return (
        f"{wording.capital(name)} has {story.parameters:,} parameters. In {len(story.curve) - story.polish:,} passes over "
        f"{wording.count(story.files, 'file')} ({story.size:,} of its files’ {story.whole_size:,} bytes){polish}, "
        f"{story.minutes:,.0f} minutes, it came to write {last:,} of {wording.count(story.segments, 'segment')} without a wrong token, "
        f"given the true ones before each. Then it was let go by itself, given paths and numbers alone: {story.exact_files:,} of "
        f"{wording.count(story.files, 'file')} came back byte for byte."
    )
