"""The atlases of the published models, which go up with a Space: those that hold, and making those that are missing."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from laam.corpus.sealed import SealedManifest
from laam.emission import wording
from laam.measure.arguments import SEED
from laam.measure.atlas import atlas_file, read_atlas
from laam.model.obtain import obtain_model
from laam.model.spec import PUBLISHED, ModelSpec
from laam.settings import Settings


def published_atlases(settings: Settings, manifest: SealedManifest) -> Mapping[str, Path]:
    """The atlases of published models that are in `settings.assets`, by their path in a Space. One of other weights, or of another
    release, is left out: nothing in it holds."""
    files = {spec: atlas_file(settings.exhibit_folder, spec.name) for spec in PUBLISHED}
    return {f"assets/atlas/{file.name}": file for spec, file in files.items() if _holds(file, spec, manifest)}


def make_missing(settings: Settings, manifest: SealedManifest, agreed: Callable[[str], bool]) -> None:
    """Make the atlas of each published model that has none, if `agreed` says yes to the sentence; the model is fetched if it must be.

    Raises ValueError if it can't be.
    """
    from laam.measure.survey import make_atlas

    catalog = manifest.catalog
    for spec in PUBLISHED:
        file = atlas_file(settings.exhibit_folder, spec.name)
        if _holds(file, spec, manifest):
            continue
        work = f"the model is fetched and asked for {wording.count(len(catalog), 'file')}: minutes on two cores, more for a larger model"
        if not agreed(f"{spec.name} has no atlas. To make it, {work}."):
            continue
        make_atlas(obtain_model(spec.name, settings), manifest, list(catalog), file, seed=SEED)
        print(file, file=sys.stderr)


def _holds(file: Path, spec: ModelSpec, manifest: SealedManifest) -> bool:
    """Whether it is the whole atlas of these very weights and of this release. Raises ValueError for one that can't be read."""
    if not file.is_file():
        return False
    atlas = read_atlas(file)
    return (atlas.weights_sha256, atlas.tree, len(atlas.rows)) == (spec.weights_sha256, manifest.tree_sha256, len(manifest.catalog))
