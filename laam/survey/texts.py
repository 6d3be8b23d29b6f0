"""The files of a survey, with their text if it is at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

from laam.compare.given import GivenOriginal
from laam.corpus.lines import source_text
from laam.corpus.names import without_top
from laam.corpus.original import Original
from laam.corpus.sealed import SealedManifest
from laam.corpus.sealing import read_sealed, read_source
from laam.corpus.selection import wanted_by
from laam.settings import MANIFEST, SEALED_SUFFIX, Settings
from laam.survey.plan import EXHIBIT, FileChoice


@dataclass(frozen=True)
class SurveyFile:
    """One file. `path`: as a model is asked for it; `text`: None if it is sealed; `size`: in bytes."""

    path: str
    sha256: str
    size: int
    original: Original
    text: str | None = None


@dataclass(frozen=True)
class Corpus:
    """The files that were chosen, by path. `manifest`: whose they are, if a manifest was given."""

    files: Sequence[SurveyFile]
    manifest: SealedManifest | None = None

    @property
    def line_files(self) -> Mapping[int, int] | None:
        """In how many files of the manifest a line occurs, by its digest; None without a manifest."""
        return self.manifest.line_files() if self.manifest else None


def read_corpus(choice: FileChoice, settings: Settings) -> Corpus:
    """The files that a plan chooses. Raises ValueError if there are none, or if the source isn't the manifest's."""
    manifest = SealedManifest.open(manifest_file(choice.manifest, settings)) if choice.manifest else None
    files = _of_manifest(choice, manifest) if manifest else _of_source(choice)
    taken = _taken(sorted(files, key=lambda file: file.path), choice)
    if not taken:
        raise ValueError("files: none is left; give other patterns")
    return Corpus(taken, manifest)


def manifest_file(manifest: str, settings: Settings) -> Path:
    """The file of a plan's manifest."""
    if manifest == EXHIBIT:
        return settings.manifest_file
    return Path(manifest) if manifest.endswith(SEALED_SUFFIX) else Path(manifest) / MANIFEST


def _of_manifest(choice: FileChoice, manifest: SealedManifest) -> list[SurveyFile]:
    wanted = wanted_by(choice.include, choice.exclude)
    facts = [file for file in manifest.catalog if wanted(without_top(file.path))]
    if choice.source is None:
        return [SurveyFile(file.path, file.sha256, file.size, manifest.original(file.path)) for file in facts]
    tree = read_sealed(choice.source, manifest)
    for file in facts:
        if sha256(tree.get(file.path, b"")).hexdigest() != file.sha256:
            title = manifest.release.title
            raise ValueError(f"files, source: {choice.source} has no {file.path}, or another one; give {title} as it was sealed")
    return [_readable(file.path, tree[file.path]) for file in facts]


def _of_source(choice: FileChoice) -> list[SurveyFile]:
    assert choice.source is not None  # or the plan would have been refused
    wanted = wanted_by(choice.include, choice.exclude)  # afterwards: what a file is called must not depend on which others are chosen
    return [_readable(path, data) for path, data in read_source(choice.source).selection.files.items() if wanted(path)]


def _readable(path: str, data: bytes) -> SurveyFile:
    text = source_text(data)
    return SurveyFile(path, sha256(data).hexdigest(), len(data), GivenOriginal(path, text), text)


def _taken(files: Sequence[SurveyFile], choice: FileChoice) -> list[SurveyFile]:
    if choice.rule == "first":
        return list(files[: choice.count])
    if choice.rule == "every":
        return list(files[:: choice.count])
    if choice.rule == "random":
        chosen = Random(choice.seed).sample(range(len(files)), min(choice.count, len(files)))
        return [files[number] for number in sorted(chosen)]
    return list(files)
