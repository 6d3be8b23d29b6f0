"""What the help of commands names as examples: files and a source of the exhibit that is shown."""

import shlex
from pathlib import Path, PurePosixPath

from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import example_patterns


def example_names(manifest: SealedManifest, folder: Path) -> dict[str, str]:
    """The values of the help's placeholders, as a shell takes them; see `laam.commands.CommandParser`. `folder`: the exhibit's."""
    file = manifest.catalog.examples[0]
    patterns = example_patterns(file)
    names = {"file": file, "name": PurePosixPath(file).name, "folder": patterns[0], "files": patterns[-1], "exhibit": str(folder)}
    names |= {"source": (manifest.release.tarballs or ("SRC",))[-1]}
    if manifest.release.published:
        names |= {"published": "published-5m", "copying": names["source"]}
    return {name: shlex.quote(value) for name, value in names.items()}
