"""The lab as HTML: archives with files dropped beside a model's weights, and the model as a compressor. A template lays the values out."""

import json
import lzma
from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import naming, wording
from laam.measure.archives import PRECISIONS, UNTRAINED, Archives, ModelInBytes, Packed, read_archives, read_models
from laam.measure.atlas import Atlas, read_atlases, still_true, totals
from laam.model.model import Model
from laam.settings import Settings
from laam.templates import template_environment

POST_PERCENT = 5  # of the files, as the post asks


def lab_of(manifest: SealedManifest, settings: Settings, model: Model) -> str:
    """The lab of a release as HTML; empty if nothing was measured for it. Of `model` only what was measured with the weights that it has.
    Raises ValueError for files that can't be read."""
    folder = settings.exhibit_folder
    models = still_true(read_models(folder, manifest), model)
    tokenizers = {model.digest: _tokenizer(model.folder)}
    templates = settings.assets / "measure"
    return render_lab(read_archives(folder, manifest), models, read_atlases(folder), manifest.release, templates, tokenizers)


@cache
def _tokenizer(folder: Path) -> Packed:
    data = (folder / "tokenizer.json").read_bytes()
    return Packed(len(data), len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)))


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
