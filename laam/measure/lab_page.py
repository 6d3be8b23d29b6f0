"""The lab as HTML: archives with files dropped beside a model's weights, and the model as a compressor. A template lays the values out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.measure.archives import PRECISIONS, SOURCES, UNTRAINED, Archives, Coding, ModelInBytes, read_archives, read_models
from laam.measure.atlas import Atlas, read_atlases, still_true, totals
from laam.model.model import Model
from laam.templates import template_environment

POST_PERCENT = 5  # of the files, as the post asks


@dataclass(frozen=True)
class Bar:
    """A size in bytes, and its share of the largest that the lab shows."""

    name: str
    bytes: int
    share: float


@dataclass(frozen=True)
class GivenBack:
    """What comes back exactly: `files` whole, and a `share` of all characters of the release, in lines exact and in order."""

    files: int
    share: float


@dataclass(frozen=True)
class ModelBars:
    """A model's weights in each precision, as they are and as xz packs them. `name`: in words. `given`: what its atlas says, in the
    precision that serves."""

    name: str
    bars: Sequence[Bar]
    given: GivenBack


@dataclass(frozen=True)
class CodedGroup:
    """A group of files as a model codes them, beside what xz makes of them. `bits_per_parameter`: what xz needs more than the model."""

    name: str
    files: int
    exact: int
    bytes: int
    coded: int
    bits_per_byte: float
    xz_bits_per_byte: float
    bits_per_parameter: float


@dataclass(frozen=True)
class Compressor:
    """A model as a compressor of all source files: `coded` bytes of code, of which `residual` are for files that aren't exact without.

    `with_weights`: the code with the int8 weights that a decoder needs, the adjusted size. `xz`: of the same files by xz alone.
    """

    name: str
    groups: Sequence[CodedGroup]
    bytes: int
    coded: int
    residual: int
    not_exact: int
    with_weights: int
    xz: int


def lab_of(manifest: SealedManifest, assets: Path, model: Model) -> str:
    """The lab of a release as HTML; empty if nothing was measured for it. Of `model` only what was measured with the weights that it has.
    Raises ValueError for files that can't be read."""
    models = still_true(read_models(assets, manifest), model)
    return render_lab(read_archives(assets, manifest), models, read_atlases(assets), manifest.release, assets / "measure")


def render_lab(
    archives: Archives | None, models: Sequence[ModelInBytes], atlases: Sequence[Atlas], release: Release, templates: Path
) -> str:
    """The lab, with the models whose atlas is there; empty if no archives were measured. `templates`: the folder that has `lab.html`."""
    if archives is None:
        return ""
    by_weights = {atlas.weights_sha256: atlas for atlas in atlases}
    shown = [model for model in models if model.weights_sha256 in by_weights]
    most = _most(archives, shown)
    columns = attrgetter("percent", "files", "characters", "gz", "xz")  # as lab.js reads them
    template = template_environment(templates).get_template("lab.html")
    return template.render(
        steps=json.dumps({order: list(map(columns, steps)) for order, steps in archives.steps.items()}),
        orders=list(archives.steps),
        archives=archives,
        first=next(step for step in next(iter(archives.steps.values())) if step.percent == POST_PERCENT),
        most=most,
        post_percent=POST_PERCENT,
        models=[_bars(model, most, by_weights[model.weights_sha256]) for model in shown],
        compressors=[_compressor(model, archives) for model in shown],
        release=release,
        percent=wording.percent,
    )


def _most(archives: Archives, models: Sequence[ModelInBytes]) -> int:
    """The largest size that is shown, to which the bars are drawn."""
    sizes = [max(step.gz, step.xz) for steps in archives.steps.values() for step in steps]
    return max([*sizes, *(packed.bytes for model in models for packed in model.weights.values())])


def _bars(model: ModelInBytes, most: int, atlas: Atlas) -> ModelBars:
    bars = []
    for precision in PRECISIONS:
        packed = model.weights[precision]
        bars += [Bar(precision, packed.bytes, packed.bytes / most), Bar(f"{precision}, xz", packed.xz, packed.xz / most)]
    sums = totals(atlas.rows)
    return ModelBars(wording.model_in_words(model.model), bars, GivenBack(sums.identical, sums.reproduced))


def _compressor(model: ModelInBytes, archives: Archives) -> Compressor:
    groups = [_group(name, coding, model.parameters) for name, coding in model.codings.items()]
    sources = _sources(model.codings)
    wrong = [file for coding in sources for file in coding.files if file.wrong]
    coded = sum(coding.coded for coding in sources)
    [xz] = {steps[0].xz for steps in archives.steps.values()}
    return Compressor(
        wording.model_in_words(model.model),
        groups,
        bytes=sum(coding.bytes for coding in sources),
        coded=coded,
        residual=sum(file.coded for file in wrong),
        not_exact=len(wrong),
        with_weights=coded + model.weights["int8"].bytes,
        xz=xz,
    )


def _sources(codings: Mapping[str, Coding]) -> list[Coding]:
    """The codings of the release's source files, each file once."""
    return [codings[name] for name in SOURCES if name in codings]


def _group(name: str, coding: Coding, parameters: int) -> CodedGroup:
    return CodedGroup(
        name if name != UNTRAINED else f"{name}, on {wording.count(len(coding.files), 'file')}",
        len(coding.files),
        coding.exact,
        coding.bytes,
        coding.coded,
        coding.bits / coding.bytes,
        8 * coding.xz / coding.bytes,
        (8 * coding.xz - coding.bits) / parameters,
    )
