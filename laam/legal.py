"""LICENSE and NOTICE, which go with every copy of the code, the model or the site."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

LEGAL_FILES = ("LICENSE", "NOTICE")
_PACKAGE = "linux-as-a-model"


def legal_file(name: str, root: Path) -> Path:
    """Where one of LEGAL_FILES lies: in `root` in a checkout, or in the installed package's metadata, where its wheel keeps it.

    If it is in neither, `root / name`, which doesn't exist.
    """
    if not (root / name).is_file():
        try:
            installed = distribution(_PACKAGE)
        except PackageNotFoundError:
            return root / name
        for file in installed.files or ():
            if file.name == name and file.parent.name == "licenses":
                return Path(str(installed.locate_file(file)))
    return root / name
