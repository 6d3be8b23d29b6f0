"""The lab as HTML: archives with files dropped beside a model's weights, and the model as a compressor. A template lays the values out."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import naming, wording
from laam.measure.archives import UNTRAINED, Archives, ModelInBytes, read_archives, read_models
from laam.measure.atlas import Atlas, read_atlases, still_true, totals
from laam.measure.bits import read_all_bits
from laam.measure.lossy_picture import render_picture
from laam.measure.packed_weights import PRECISIONS, Packed, packed
from laam.model.model import Model
from laam.settings import Settings
from laam.templates import template_environment

POST_PERCENT = 5  # of the files, as the post asks


def lab_of(manifest: SealedManifest, settings: Settings, model: Model) -> str:
    """The lab of a release as HTML; empty if nothing was measured for it. Of `model` only what was measured with the weights that it has.
    Raises ValueError for files that can't be read."""
    folder, release, templates = settings.exhibit_folder, manifest.release, settings.assets / "measure"
    archives, models = read_archives(folder, manifest), still_true(read_models(folder, manifest), model)
    lossy = render_picture(archives, read_all_bits(folder, manifest).get(model.digest), release, templates)
    return render_lab(archives, models, read_atlases(folder), release, templates, {model.digest: _tokenizer(model.folder)}) + lossy


@cache
def _tokenizer(folder: Path) -> Packed:
    return packed((folder / "tokenizer.json").read_bytes())


def render_lab(
    archives: Archives | None,
    models: Sequence[ModelInBytes],
    atlases: Sequence[Atlas],
    release: Release,
    templates: Path,
    tokenizers: Mapping[str, Packed],
) -> str:
    """The lab, with the models whose atlas is there; empty if no archives were measured. `templates`: the folder that has `lab.html`;
    `tokenizers`: by the sha256 of their models' weights, as far as they are known."""
    if archives is None:
        return ""
    given = {atlas.weights_sha256: totals(atlas.rows) for atlas in atlases}
    shown = [model for model in models if model.weights_sha256 in given]
    steps = [step for steps in archives.steps.values() for step in steps]
    sizes = [max(step.gz, step.xz) for step in steps] + [packed.bytes for model in shown for packed in model.weights.values()]
    [xz] = {step.xz for step in steps if not step.percent}
    columns = attrgetter("percent", "files", "characters", "gz", "xz")  # as lab.js reads them
    template = template_environment(templates).get_template("lab.html")
    return template.render(
        steps=json.dumps({order: list(map(columns, steps)) for order, steps in archives.steps.items()}),
        archives=archives,
        first=next(step for step in steps if step.percent == POST_PERCENT),
        most=max(sizes),
        post_percent=POST_PERCENT,
        precisions=PRECISIONS,
        untrained=UNTRAINED,
        models=[(naming.model_in_words(model.model), model, given[model.weights_sha256]) for model in shown],
        xz=xz,
        tokenizers=tokenizers,
        release=release,
        percent=wording.percent,
        count=wording.count,
    )
