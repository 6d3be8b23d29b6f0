"""The field's own reader of licences, where it is installed: scancode-toolkit, the extra `licences`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from laam.corpus.licences import UNREAD, Terms
from laam.corpus.spdx import known_expression

PACKAGE = "scancode-toolkit"


@dataclass(frozen=True)
class Scancode:
    """`name`: with its version; `folder`: where it is given the files, which it reads from a disk."""

    name: str
    folder: Path
    find: Callable[[str], dict[str, Any]]

    @classmethod
    @contextmanager
    def open(cls) -> Iterator["Scancode | None"]:
        """The reader, or None if it isn't installed. Its first answer takes some 20 seconds."""
        try:
            from scancode.api import get_licenses

            name = f"{PACKAGE} {version(PACKAGE)}"
        except (ImportError, ValueError, PackageNotFoundError):  # ValueError: its plug-ins don't fit each other
            yield None
            return
        with TemporaryDirectory(prefix="laam-licences-") as folder:
            yield cls(name, Path(folder), get_licenses)

    def terms(self, name: str, data: bytes) -> Terms | None:
        """The licence that it finds in a file, and the line; None if it finds none. What the SPDX list doesn't have is `UNREAD`."""
        file = self.folder / f"file{PurePosixPath(name).suffix[:20]}"
        file.write_bytes(data)
        found = self.find(str(file))
        expression = found["detected_license_expression_spdx"]
        if not expression:
            return None
        line = min(match["start_line"] for each in found["license_detections"] for match in each["matches"])
        unknown = "LicenseRef-scancode-unknown" in expression
        return Terms(UNREAD if unknown else known_expression(expression) or UNREAD, line)
