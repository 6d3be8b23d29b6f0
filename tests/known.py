"""Files that the shipped model gives exactly."""

import json

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.settings import Settings


def exact_files(number: int | None = None) -> list[SourceFile]:
    """All of them by size, or so many, spread over all."""
    settings = Settings()
    catalog = SealedManifest.open(settings.manifest_file).catalog
    verdict = json.loads((settings.embedded_folder / "verdict.json").read_text("utf-8"))["files"]
    files = sorted((catalog.find(path) for path, file in verdict.items() if file["identical"]), key=lambda file: file.size)
    return files[:: max(1, len(files) // (number or len(files)))][:number]


def smaller_exact_files(number: int) -> list[SourceFile]:
    """So many of the smaller half, from the smallest to one of middle size."""
    files = exact_files()
    smaller = files[: len(files) // 2]
    return smaller[:: len(smaller) // (number - 1)][:number]
