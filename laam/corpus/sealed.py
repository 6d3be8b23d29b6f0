"""Sealed originals: the catalogue, and for each line a digest and a length. It proves a line and shows none.

A manifest is one file, all numbers little-endian:

    8 bytes   magic
    4 bytes   format version
    4 bytes   length of the catalogue in bytes
    …         the catalogue: JSON with `title` and `source` of the release; `files`, in the order of their paths; and `licence_words`,
              the digests in hexadecimal of the lines that are the words of a licence or a notice
    8 × n     the digest of each line, file after file
    2 × n     the length of each line in characters, with its newline
    32 bytes  sha256 of everything before it
"""

import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Self, get_origin

import numpy as np

from laam.corpus.catalog import Catalog, SourceFile, catalogue_tree
from laam.corpus.exhibit_words import WORDS_FILE, ExhibitWords, WordsError, read_words
from laam.corpus.licence_words import licence_lines
from laam.corpus.licences import UNREAD, Licence, LicenceTable
from laam.corpus.lines import COMMON_FILES, LINE_LIMIT, line_digest, source_text, split_lines
from laam.corpus.names import without_top
from laam.corpus.releases import Release, read_release, tree_digest, with_words
from laam.faults import brief
from laam.settings import SEALED_SUFFIX

MAGIC = b"LAAMSEAL"
FORMAT_VERSION = 3
MANIFEST_LIMIT = 64 * 2**20  # bytes; the shipped one has under 2 million

_HEAD = struct.Struct("<8sII")
_SUM_BYTES = 32
_REMEDY = "write it again with `python -m laam seal SOURCE`"


class SealedError(ValueError):
    """A manifest that can't be read, or a tree that can't be sealed. The message says what to do."""


@dataclass(frozen=True)
class SealedOriginal:
    """One file of the manifest: its facts, and a digest and a length in characters for each line (newline included)."""

    file: SourceFile
    digests: Sequence[int]
    lengths: Sequence[int]
    has_text = False

    @property
    def numbers(self) -> Sequence[int]:
        """All of them: it is the whole file."""
        return range(len(self.digests))

    def line(self, number: int) -> str | None:
        """The text of line `number`, counted from 0: always None, for a sealed original has no text."""
        return None


class SealedManifest:
    """A sealed tree. The whole manifest is checked at once, and each file is read when it is asked for.

    `release`: the release whose tree it is; `digest`: the sha256 of the manifest, in hexadecimal; `digests`: of all lines, file after file,
    uint64 of shape (lines,); `licence_words`: of the lines that are the words of a licence or a notice.
    """

    def __init__(self, data: bytes, name: str = "manifest", words: ExhibitWords | None = None) -> None:
        """Read a manifest's bytes; errors call it `name`. `words`: of its exhibit. Raises SealedError, and WordsError for words that
        aren't of these files."""
        contents, body = _check_parts(data, name)
        self.release, self.catalog, self.licence_words = _read_catalogue(contents, name, words)
        self.digest = sha256(data).hexdigest()
        counts = [file.lines for file in self.catalog]
        total = sum(counts)
        if len(body) != total * 10:
            raise SealedError(f"{name}: damaged: the catalogue counts {total:,} lines, {len(body):,} bytes are not as many; {_REMEDY}")
        self.digests, self._lengths = np.frombuffer(body[: total * 8], "<u8"), np.frombuffer(body[total * 8 :], "<u2")
        self._starts = dict(zip(self.catalog.files, accumulate(counts, initial=0), strict=False))
        self._line_files: dict[int, int] | None = None

    @classmethod
    def open(cls, file: Path) -> Self:
        """Read and check a manifest file, and the words of the exhibit in whose folder it lies.

        Raises SealedError for one that is missing, damaged or newer, and WordsError.
        """
        try:
            if file.stat().st_size > MANIFEST_LIMIT:
                raise SealedError(f"{file}: over {MANIFEST_LIMIT:,} bytes, so it is not a sealed manifest; {_REMEDY}")
            data = file.read_bytes()
        except FileNotFoundError:
            folders = (file.parent, file.parent / "sealed")
            others = ", ".join(sorted(other.stem for folder in folders for other in folder.glob(f"*{SEALED_SUFFIX}")))
            choice = f"LAAM_RELEASE may be {others}; or " if others else ""
            raise SealedError(f"{file}: there is no sealed manifest here; {choice}{_REMEDY}") from None
        except OSError as error:
            raise SealedError(f"{file}: can't be read: {error.strerror}; check the path and its permissions") from error
        words = file.with_name(WORDS_FILE)
        return cls(data, str(file), read_words(words) if words.is_file() else None)

    def original(self, path: str) -> SealedOriginal:
        """The sealed original of a file, named as `Catalog.find` takes it. Raises UnknownFile."""
        file = self.catalog.find(path)
        start = self._starts[file.path]
        part = slice(start, start + file.lines)
        return SealedOriginal(file, tuple(self.digests[part].tolist()), tuple(self._lengths[part].tolist()))

    @cached_property
    def tree_sha256(self) -> str:
        """The digest of the source files, see `tree_digest`: what was measured on them stays true if only their facts are told better."""
        return tree_digest((file.path, file.sha256) for file in self.catalog)

    @cached_property
    def asks(self) -> bool:
        """Whether the exhibit asks anything of these files: not if nobody has read the terms of most of them."""
        [(licence, _)] = Counter(file.licence for file in self.catalog).most_common(1)
        return bool(self.release.question) or licence != UNREAD

    @property
    def examples(self) -> tuple[str, ...]:
        """Files to try first, without the top folder."""
        return self.catalog.examples

    def line_files(self) -> dict[int, int]:
        """The number of files in which a line occurs, by the line's digest. A line of `licence_words` counts as one that occurs in more
        than COMMON_FILES. Computed once; don't change it."""
        if self._line_files is None:
            counter: Counter[int] = Counter()
            for path, start in self._starts.items():
                counter.update(set(self.digests[start : start + self.catalog.files[path].lines].tolist()))
            self._line_files = dict(counter) | {digest: max(counter[digest], COMMON_FILES + 1) for digest in self.licence_words}
        return self._line_files


def seal_tree(tree: Mapping[str, bytes], release: Release, paths: Iterable[str] | None = None) -> bytes:
    """The manifest of a release's source files (bytes by path from its top folder on), see `catalogue_tree`. The same tree gives the same
    bytes.

    Raises SealedError for a tree without source files, and for a line of more than 65,535 characters.
    """
    files = catalogue_tree(tree, release.licences, paths)
    if not files:
        raise SealedError("the tree holds no source files, so there is nothing to seal; give a release tarball or the unpacked tree")
    facts = [_line_facts(file.path, tree[file.path]) for file in files]
    digests = np.array([digest for digests, _ in facts for digest in digests], "<u8")
    lengths = np.array([length for _, lengths in facts for length in lengths], "<u2")
    words = [f"{digest:016x}" for digest in sorted(_licence_words(tree[file.path] for file in files))]
    contents = {"title": release.heading, "source": release.source, "files": [asdict(file) for file in files], "licence_words": words}
    catalogue = json.dumps(contents, separators=(",", ":"), sort_keys=True).encode("ascii")
    head = _HEAD.pack(MAGIC, FORMAT_VERSION, len(catalogue))
    content = b"".join([head, catalogue, digests.tobytes(), lengths.tobytes()])
    return content + sha256(content).digest()


def check_manifest(manifest: SealedManifest, tree: Mapping[str, bytes]) -> list[str]:
    """How a manifest differs from a tree, a sentence for each file. An empty list proves that it is the tree's own.

    Of a known release, all source files are looked at; of any other, those that were sealed.
    """
    paths = None if manifest.release.tree_sha256 else [path for path in manifest.catalog.files if path in tree]
    actual = {file.path: file for file in catalogue_tree(tree, manifest.release.licences, paths)}
    differences = []
    for path in sorted(actual.keys() | manifest.catalog.files.keys()):
        if path not in manifest.catalog.files:
            differences.append(f"{path}: in the tree, not in the manifest")
        elif path not in actual:
            differences.append(f"{path}: in the manifest, not in the tree")
        elif reason := _difference(manifest.original(path), actual[path], tree[path]):
            differences.append(f"{path}: {reason}")
    if not differences and manifest.licence_words != _licence_words(tree[path] for path in actual):
        differences.append("the words of licences are others in the tree than in the manifest")
    return differences


def _licence_words(files: Iterable[bytes]) -> frozenset[int]:
    found = set()
    for text in map(source_text, files):
        lines = split_lines(text)
        found |= {line_digest(lines[number]) for number in licence_lines(text)}
    return frozenset(found)


def _difference(sealed: SealedOriginal, actual: SourceFile, data: bytes) -> str:
    if sealed.file.sha256 != actual.sha256:
        return f"sha256 {actual.sha256} in the tree, {sealed.file.sha256} in the manifest"
    for field in fields(SourceFile):
        ours, theirs = getattr(sealed.file, field.name), getattr(actual, field.name)
        if ours != theirs:
            return f"{field.name} {theirs!r} in the tree, {ours!r} in the manifest"
    facts = zip(*_line_facts(actual.path, data), strict=True)
    for number, (of_tree, of_manifest) in enumerate(zip(facts, zip(sealed.digests, sealed.lengths, strict=True), strict=True), start=1):
        if of_tree != of_manifest:
            return f"line {number} differs"
    return ""


def _line_facts(path: str, data: bytes) -> tuple[list[int], list[int]]:
    lines = split_lines(source_text(data))
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_LIMIT:
            raise SealedError(f"{path}: line {number} has {len(line):,} characters, over the limit of {LINE_LIMIT:,}: it can't be sealed")
    return [line_digest(line) for line in lines], [len(line) for line in lines]


def _check_parts(data: bytes, name: str) -> tuple[bytes, memoryview]:
    """The catalogue and the two blocks of numbers, once magic, version and checksum are known to be right."""
    if not data.startswith(MAGIC):
        raise SealedError(f"{name}: not a sealed manifest (it doesn't begin with {MAGIC.decode()}); {_REMEDY}")
    if len(data) < _HEAD.size + _SUM_BYTES:
        raise SealedError(f"{name}: damaged: cut short after {len(data)} bytes; {_REMEDY}")
    _, version, catalogue_bytes = _HEAD.unpack_from(data)
    # Before the checksum: a newer format may close in another way.
    if version > FORMAT_VERSION:
        raise SealedError(
            f"{name}: format version {version} is newer than {FORMAT_VERSION}, the newest this program reads; update it, or {_REMEDY}"
        )
    if version < FORMAT_VERSION:
        raise SealedError(f"{name}: format version {version} is older than {FORMAT_VERSION}, the one this program reads; {_REMEDY}")
    content = memoryview(data)[:-_SUM_BYTES]
    if sha256(content).digest() != data[-_SUM_BYTES:]:
        raise SealedError(f"{name}: damaged: the checksum doesn't agree with the content ({len(data):,} bytes); {_REMEDY}")
    if _HEAD.size + catalogue_bytes > len(content):
        raise SealedError(f"{name}: damaged: a catalogue of {catalogue_bytes:,} bytes can't be in it; {_REMEDY}")
    start = _HEAD.size + catalogue_bytes
    return bytes(content[_HEAD.size : start]), content[start:]


def _read_catalogue(data: bytes, name: str, exhibit: ExhibitWords | None) -> tuple[Release, Catalog, frozenset[int]]:
    try:
        contents = json.loads(data)
        files = [_source_file(entry) for entry in contents["files"]]
        title, source = contents["title"], contents["source"]
        words = frozenset(int(digest, 16) for digest in contents["licence_words"])
        if not (isinstance(title, str) and isinstance(source, str)):
            raise TypeError("title and source must be text")
        release = read_release(title, source)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SealedError(f"{name}: damaged: its catalogue can't be read ({brief(error)}); {_REMEDY}") from error
    if not release.licences.files:  # nobody has read them: they are as the manifest has them
        release = replace(release, licences=_table_of(files, exhibit))
    if exhibit:
        release = with_words(release, exhibit)
        _check_words(exhibit, {file.path for file in files})
    catalog = Catalog(files, release.top_folders, release.title, release.examples, only_source=release.published)
    if list(catalog.files) != sorted(file.path for file in files):
        raise SealedError(f"{name}: damaged: its catalogue names a file twice, or is out of order; {_REMEDY}")
    return release, catalog, words


def _table_of(files: Iterable[SourceFile], exhibit: ExhibitWords | None) -> LicenceTable:
    release = Licence(exhibit.licence, exhibit.licence_place) if exhibit and exhibit.licence else Licence(UNREAD, "")
    return LicenceTable(
        release, files={without_top(file.path): Licence(file.licence, file.licence_place, file.unsettled) for file in files}
    )


def _check_words(exhibit: ExhibitWords, paths: Collection[str]) -> None:
    """Raises WordsError for words that name files or folders which aren't there."""
    root = next(iter(paths), "").partition("/")[0]
    if exhibit.root not in ("", root):
        raise WordsError(f"{WORDS_FILE}: root is {exhibit.root!r}, but the manifest's paths begin with {root!r}; give that or none")
    for example in exhibit.examples:
        if f"{root}/{example}" not in paths:
            raise WordsError(f"{WORDS_FILE}: examples has {example!r}, which is no file of the manifest; give a path without {root!r}")


def _source_file(entry: object) -> SourceFile:
    if not isinstance(entry, dict):
        raise TypeError(f"{entry!r} is no file of a catalogue")
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    for field in fields(SourceFile):
        value = facts[field.name]
        whole = all(type(part) is str for part in value) if isinstance(value, tuple) else True
        if not whole or type(value) is not (get_origin(field.type) or field.type):
            raise TypeError(f"{field.name}: {value!r}")
    file = SourceFile(**facts)  # type: ignore[arg-type]  # each was just held against its field
    if min(file.size, file.lines) < 0:
        raise ValueError(f"{file.path}: a negative number")
    return file
