"""Write every file that a model knows into a folder, each only if it has the sha256 of the original."""

import glob
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from laam.corpus.catalog import SourceFile
from laam.corpus.lines import source_bytes
from laam.emission.emit import emit_side_by_side
from laam.files import atomic_write
from laam.model.model import Model


@dataclass(frozen=True)
class Written:
    """A file that the model emitted. It was written only if it is `identical`: if its bytes have the sha256 of the original."""

    path: str
    identical: bool


def files_there(files: Sequence[SourceFile], folder: Path) -> list[SourceFile]:
    """The files that lie in `folder` already, below their path from its top folder on, with the sha256 of the original."""
    return [file for file in files if _has(folder / file.path, file)]


def write_files(model: Model, files: Sequence[SourceFile], folder: Path) -> Generator[Written, None, None]:
    """Emit files side by side, greedily, from their paths alone, and write each into `folder` as it closes; see Written.

    A file appears whole or not at all, so a killed run goes on with the files that are not there yet. An emission that has grown
    longer than its original is given up. What a killed run had begun to write is cleared away.
    """
    for file in files:
        _clear(folder / file.path)
    ordered = {file.path: file for file in sorted(files, key=lambda file: (-file.size, file.path))}
    for path, text, _ in emit_side_by_side(list(ordered), model, sizes={path: file.size for path, file in ordered.items()}):
        data, target = source_bytes(text), folder / path
        identical = sha256(data).hexdigest() == ordered[path].sha256
        if identical:
            target.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(target) as temporary:
                temporary.write_bytes(data)
        yield Written(path, identical)


def _has(target: Path, file: SourceFile) -> bool:
    return target.is_file() and target.stat().st_size == file.size and sha256(target.read_bytes()).hexdigest() == file.sha256


def _clear(target: Path) -> None:
    """Delete the temporary files of `atomic_write` that a killed run left beside a file."""
    for left in target.parent.glob(f"{glob.escape(target.name)}.*.tmp"):
        left.unlink()
