"""From a source to its manifest: what is in it, which of its files count, and what it is called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from laam.corpus.archive import ArchiveError, Members, read_members
from laam.corpus.declared_licences import table_of
from laam.corpus.exhibit_words import ExhibitWords
from laam.corpus.licences import UNREAD
from laam.corpus.metadata import read_metadata
from laam.corpus.releases import KNOWN, Release, tree_digest
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.corpus.selection import Selection, as_utf8, is_source, select_text, wanted_by

NAMED = 5  # of the files that are left out or made anew, in a sentence
_KNOWN_ROOT = "linux"
_SUFFIX = re.compile(r"(?<=[^.])\.[a-z][a-z0-9]*$", re.IGNORECASE)  # of a single file, which isn't part of its title


@dataclass(frozen=True)
class Source:
    """What a source holds, and which of it counts; both by path below the top folder. `release`: the known one that it is, if it is one."""

    members: Members
    selection: Selection
    release: Release | None

    def is_single(self, name: str) -> bool:
        """Whether it is a single file of that name, and neither an archive nor a folder."""
        return list(self.members.files) == [name]

    def sealed_as(self, release: Release) -> bytes:
        """The manifest of what counts. Raises SealedError."""
        root = root_of(release)
        tree = {f"{root}/{path}": data for path, data in self.tree.items()}
        return seal_tree(tree, release, [f"{root}/{path}" for path in self.selection.files])

    @property
    def tree(self) -> dict[str, bytes]:
        """All of its files; those that count as they are sealed."""
        return {**self.members.files, **self.selection.files}

    @property
    def told(self) -> list[str]:
        """In sentences: how much of it counts, what is left out, and what was made anew."""
        chosen, names = self.selection, self.members.skipped
        left_out = [f"{count:,} {kind}" for kind, count in sorted(chosen.left_out.items(), key=lambda each: (-each[1], each[0]))]
        left_out += [f"{_named([name for name in names if names[name] == why])} ({why})" for why in sorted(set(names.values()))]
        of = len(self.members.files) + sum(not name.endswith("/") for name in names)
        lines = [
            f"{len(chosen.files):,} of {of:,} {'files' if of > 1 else 'file'}, {chosen.bytes:,} of {chosen.text_bytes:,} bytes of text"
            + (f"; left out: {', '.join(left_out)}" if left_out else "")
        ]
        if chosen.from_latin_1:
            lines.append(f"in Latin-1, and sealed as the same text in UTF-8: {_named(chosen.from_latin_1)}")
        return lines


def read_source(source: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Source:
    """Read a source. A known release keeps its own selection, if no pattern is given; of anything else, every text file counts.

    Raises ArchiveError for a source that can't be read, or that holds no text.
    """
    wanted = wanted_by(include, exclude)
    members = read_members(source, wanted)
    release = None if include or exclude else known_release(members.files)
    selection = select_text(members.files, is_source if release else wanted)
    if not selection.files:
        raise ArchiveError(
            f"{source}: none of its {len(members.files):,} files is text that counts; give another source, or other patterns"
        )
    return Source(members, selection, release)


def describe(source: Source, name: str, title: str = "", address: str = "", licence: str = "") -> tuple[Release, ExhibitWords]:
    """The release that a source is to be sealed as, and its exhibit's words: the known one that it is, or one by what is given or else by
    what the source says of itself. `name`: of its file or folder; `licence`: an SPDX expression for all of its files.

    Raises ValueError for what names a known release that it is not, and for words that can't name one.
    """
    if source.release and title in ("", source.release.heading):
        return source.release, ExhibitWords(source.release.title, date=source.release.date, source=source.release.source)
    metadata = read_metadata(source.tree, _SUFFIX.sub("", name) if source.is_single(name) else name)
    release = Release.described(title or metadata.title, address or metadata.source)
    if release.name in KNOWN:
        raise ValueError(f"{title or name!r}: the files are not those of {KNOWN[release.name].title}; give another --title")
    release = replace(release, licences=table_of(source.tree, licence))
    of_all = release.licences.release
    words = ExhibitWords(release.title, date=release.date, source=release.source, people=metadata.people, root=root_of(release))
    words = replace(words, latin_1=tuple(source.selection.from_latin_1), noun="file" if source.is_single(name) else "")
    return release, words if of_all.expression == UNREAD else replace(words, licence=of_all.expression, licence_place=of_all.place)


def root_of(release: Release) -> str:
    """The folder that all paths of a release begin with."""
    return _KNOWN_ROOT if release.name in KNOWN else release.name


def known_release(files: Mapping[str, bytes]) -> Release | None:
    """The known release whose files these are, by path below the top folder."""
    digest = tree_digest((f"{_KNOWN_ROOT}/{path}", sha256(data).hexdigest()) for path, data in sorted(files.items()) if is_source(path))
    return next((release for release in KNOWN.values() if release.tree_sha256 == digest), None)


def read_sealed(source: Path, manifest: SealedManifest) -> dict[str, bytes]:
    """All files of the source of a manifest, by path from its top folder on; each sealed one as it was sealed, if it is the same text.

    Raises ArchiveError for a source that can't be read.
    """
    tree = {f"{manifest.catalog.root}/{path}": data for path, data in read_members(source).files.items()}
    for file in manifest.catalog:
        data = tree.get(file.path)
        if data is not None and sha256(data).hexdigest() != file.sha256:
            tree[file.path] = as_utf8(data) or data
    return tree


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(sorted(names)[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
