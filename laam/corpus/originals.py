"""The originals that the page shows: readable if the text of the release is at hand and proven, else sealed."""

import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Self

from laam.corpus.archive import ArchiveError
from laam.corpus.fetch import ReleaseError, cached_release, fetch_release
from laam.corpus.lines import source_text
from laam.corpus.readable import ReadableOriginal
from laam.corpus.sealed import SealedManifest, SealedOriginal
from laam.corpus.sealing import read_sealed
from laam.settings import Settings

AUTO, SEALED = "auto", "sealed"

Tree = dict[str, bytes]


Fetch = Callable[..., Tree]
"""`fetch_release`, with its limits already chosen."""


class Originals:
    """Gives each original in the best form that there is at that moment. Safe to use from any thread.

    `choice`: `auto` (the release, downloaded once into `cache`), `sealed`, or a tarball or folder. `offline`: `auto` takes the
    release from the cache or not at all. A text is shown only if every source file of its tree has the sha256 of the manifest;
    else all originals stay sealed. `line`: a sentence for the page, which says which originals are shown, and why. `manifest`: all files
    as digests, by which texts are proven. Nothing is read before `start`.
    """

    def __init__(self, manifest: SealedManifest, choice: str, cache: Path, *, offline: bool = False, fetch: Fetch = fetch_release) -> None:
        self.manifest = manifest
        self._title = manifest.release.title
        self._choice = choice
        self._folder = cache / "release"
        self._offline = offline
        self._fetch = fetch
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._tree: Tree = {}
        self.line = "The originals are sealed."

    @classmethod
    def from_settings(cls, manifest: SealedManifest, settings: Settings) -> Self:
        """The originals that the environment asks for."""
        return cls(manifest, settings.originals, settings.cache, offline=settings.offline)

    def original(self, path: str) -> ReadableOriginal | SealedOriginal:
        """The original of a file, named as `Catalog.find` takes it: readable if its text is at hand. Raises UnknownFile."""
        file = self.manifest.catalog.find(path)
        tree = self._tree  # filled at one stroke, after it is proven
        return ReadableOriginal(file, source_text(tree[file.path])) if tree else self.manifest.original(file.path)

    @property
    def has_text(self) -> bool:
        """Whether originals are readable now."""
        return bool(self._tree)

    def start(self) -> None:
        """Look for the text. With `auto` this returns at once, and a thread downloads; a tarball or a folder is read before it returns.

        Raises nothing: `line` says what went wrong. After a failure it may be called again; while a download runs, or once the text
        is there, it does nothing.
        """
        with self._lock:
            if self._tree or (self._thread is not None and self._thread.is_alive()):
                return
            if self._choice == SEALED:
                self.line = "The originals are sealed, as LAAM_ORIGINALS asks."
            elif self._choice == AUTO:
                self._stop = threading.Event()
                self.line = f"The text of {self._title} is being looked for; until it is here, the originals are sealed."
                self._thread = threading.Thread(target=self._load_release, args=(self._stop,), name="originals", daemon=True)
                self._thread.start()
            else:
                self._load_local(Path(self._choice))

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait at most `timeout_s` seconds for the work that `start` began; return whether originals are readable now."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return self.has_text

    def stop(self) -> None:
        """Ask a running download to end."""
        self._stop.set()

    def _load_release(self, stop: threading.Event) -> None:
        try:
            if self._offline:
                tree = cached_release(self.manifest.release, self._folder, self._read_proven)
                if tree is None:
                    raise ReleaseError(f"This server is offline, and the text of {self._title} is not in its cache.")
            else:
                tree = self._fetch(self.manifest.release, self._folder, self._read_proven, progress=self._show_progress, stop=stop)
        except ReleaseError as error:
            self.line = _sealed_because(str(error))
        except Exception as error:  # a thread that dies would leave a line that is no longer true
            self.line = _sealed_because(f"{self._title} can't be read ({getattr(error, 'strerror', None) or type(error).__name__})")
        else:
            self._show(tree, "its release")

    def _load_local(self, source: Path) -> None:
        name = source.name or str(source)
        try:
            tree = self._read_proven(source)
        except ValueError as error:
            reason = str(error).replace(str(source), name)  # no local path is published
            self.line = _sealed_because(f"LAAM_ORIGINALS can't be used: {reason}")
        else:
            self._show(tree, name)

    def _show(self, tree: Tree, source: str) -> None:
        self._tree = tree
        self.line = f"The originals are the text of {self._title}, from {source}; all {len(tree):,} files agree with the sealed manifest."

    def _show_progress(self, done: int, total: int | None) -> None:
        of = f" of {total / 1000:,.0f}" if total else ""
        self.line = f"The text of {self._title} is on its way ({done / 1000:,.0f}{of} KB); until it is here, the originals are sealed."

    def _read_proven(self, source: Path) -> Tree:
        """The source files of a tree. Raises ValueError if one of the manifest's is missing in it, or differs."""
        files = self.manifest.catalog.files
        tree = {path: data for path, data in read_sealed(source, self.manifest).items() if path in files}
        missing = [path for path in files if path not in tree]
        differing = [path for path in tree if sha256(tree[path]).hexdigest() != files[path].sha256]
        found = [f"{kind}: {len(paths):,}, first {paths[0]!r}" for kind, paths in (("missing", missing), ("different", differing)) if paths]
        if found:
            said = f"its source files are not those of the sealed manifest ({'; '.join(found)})"
            raise ArchiveError(f"{source}: {said}; give {self._title} as it was released")
        return tree


def _sealed_because(reason: str) -> str:
    return f"{reason.rstrip('.')}; the originals are sealed."
