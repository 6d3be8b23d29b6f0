"""Releases: one `Release` for each, from which page, commands and cards take its name, its words, addresses and licences.

A sealed manifest says which release it holds. A release that is known here brings all its facts; any other has the title and the source
that were given when it was sealed, and the words of the `exhibit.toml` beside its manifest.

To add one, see *another kernel release* in .github/CONTRIBUTING.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Self
from urllib.parse import urlsplit

from laam.corpus.exhibit_words import ExhibitWords
from laam.corpus.licences import UNREAD, Licence, LicenceTable
from laam.corpus.linux_1_0_licences import TABLE as LINUX_1_0_LICENCES

HEADING_CHARACTERS = 80
ARCHIVE = "tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=644 -c linux"
"""How a release's folder is packed where its size is given: dates, owners and modes would change the size, and here there are none."""
_NO_LICENCES = LicenceTable(Licence(UNREAD, ""))
_TARBALL = re.compile(r".+\.tar(?:\.gz|\.xz)?")


@dataclass(frozen=True)
class Release:
    """A release: what the exhibit says about it, and where to fetch it.

    Raises ValueError for a title or a date that can't be shown, and for a source that is no web address.
    """

    title: str
    """`Linux 2.0`"""
    date: str
    """The day of its release, as people write it; may be empty."""
    source: str
    """The address of the corresponding source, for readers; may be empty."""
    addresses: tuple[str, ...] = ()
    """The addresses of its tarballs, to be tried in turn; if there are none, the text can't be fetched."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """sha256 by the tarball's name, for those that are known. What counts in the end is the digest of each file inside."""
    tree_sha256: str = ""
    """The digest of all its source files; see `tree_digest`. Empty if it isn't pinned."""
    licences: LicenceTable = _NO_LICENCES
    """What is known about its licences outside the heads of its files."""
    credit: str = ""
    """Whose work it is, and under which licence, in words that go on from `The release is`; empty if nobody has written them."""
    unnamed: str = ""
    """What is said of a file that names no holder; may be empty."""
    examples: tuple[str, ...] = ()
    """Files that a visitor may try first, without the top folder."""
    files: int = 0
    """How many files it has, source or not; 0 if that isn't known."""
    gzip_bytes: int = 0
    """The size of the whole release, packed by `ARCHIVE` and `gzip -9`; 0 if that isn't known."""
    xz_bytes: int = 0
    """The same, `xz -9e`."""
    noun: str = "collection"
    """What it is, in the singular, in sentences about the whole of it."""
    exhibit_name: str = ""
    """What its exhibit is called; empty: `TITLE as a Model`."""
    question: str = ""
    """What its exhibit asks first; empty: what follows from the licences."""
    choices: tuple[str, ...] = ()
    """What a visitor may mark of a text; empty: the usual four."""
    about: str = ""
    """A paragraph about it."""
    latin_1: tuple[str, ...] = ()
    """Files, without the top folder, that were in Latin-1 and are sealed as the same text in UTF-8."""
    unseen: tuple[str, ...] = ()
    """Names to try of which no model saw the file."""
    published: bool = False
    """Whether the published models were trained on it; only its exhibit speaks of them, and of the question that they raised."""

    def __post_init__(self) -> None:
        for name, words in (("title", self.title), ("date", self.date or "none")):
            if not 0 < len(words) <= HEADING_CHARACTERS or not words.isprintable() or not words.strip():
                raise ValueError(f"the release's {name} is {words[:HEADING_CHARACTERS]!r}; give words on one line, such as 'Linux 2.0'")
        parts = urlsplit(self.source)
        web = parts.scheme in ("http", "https") and parts.hostname and self.source.isprintable() and " " not in self.source
        if self.source and not web:
            raise ValueError(f"the release's source is {self.source[:200]!r}; give a web address, such as https://www.kernel.org/pub/")
        if not self.name:
            raise ValueError(f"the release's title is {self.title!r}; give one with letters or digits")

    @classmethod
    def described(cls, heading: str, source: str) -> Self:
        """A release about which only its heading, `title, date`, and an address are known. Raises ValueError."""
        title, _, date = heading.partition(",")
        return cls(title.strip(), date.strip(), source, addresses=_tarballs_at(source))

    @property
    def name(self) -> str:
        """Its name in file names and settings: `linux-2.0`."""
        return re.sub(r"[^\w.]+", "-", self.title.lower()).strip("-.")

    @property
    def exhibit(self) -> str:
        """What its exhibit is called: on every page, card and preview."""
        return self.exhibit_name or f"{self.title} as a Model"

    @property
    def heading(self) -> str:
        """Title and date."""
        return f"{self.title}, {self.date}" if self.date else self.title

    @property
    def top_folders(self) -> tuple[str, ...]:
        """The folder names that may stand before one of its paths, in lower case, beside the one that does."""
        return (self.name,)

    @property
    def tarballs(self) -> tuple[str, ...]:
        """The file names of its addresses."""
        return tuple(dict.fromkeys(address.rpartition("/")[2] for address in self.addresses))

    @property
    def source_folder(self) -> str:
        """The address of the folder in which the source lies, for a link; of what is no tarball the address itself."""
        return f"{self.source.rpartition('/')[0]}/" if _TARBALL.fullmatch(self.source) else self.source

    @property
    def source_host(self) -> str:
        """The site of that folder, in a word."""
        return (urlsplit(self.source).hostname or "").removeprefix("www.")


_MIRRORS = ("https://mirrors.edge.kernel.org", "https://cdn.kernel.org", "https://www.kernel.org")

LINUX_1_0 = Release(
    title="Linux 1.0",
    date="14 March 1994",
    source="https://www.kernel.org/pub/linux/kernel/v1.0/linux-1.0.tar.xz",
    addresses=tuple(f"{mirror}/pub/linux/kernel/v1.0/linux-1.0.tar.{packing}" for packing in ("gz", "xz") for mirror in _MIRRORS),
    digests={"linux-1.0.tar.gz": "014cc3ea69a3db6a483eb743e3140e0e45a4a8c168c59f8c3b090cd72ab01802"},
    tree_sha256="49083d3a3250618ea5ec287e87478e649bbaf3752246ac9d8aad3c40597804fc",
    licences=LINUX_1_0_LICENCES,
    credit="the work of Linus Torvalds and of the authors whose names stand in the files and in its CREDITS, mostly under the "
    "GNU General Public License, version 2",
    unnamed="© its authors",
    examples=("kernel/sched.c", "kernel/fork.c", "drivers/net/3c503.c", "fs/exec.c", "net/inet/tcp.c"),
    files=561,
    gzip_bytes=1_260_419,
    xz_bytes=934_016,
    noun="kernel",
    exhibit_name="Linux as a Model",
    unseen=("COPYING", "Makefile", "fs/ext4/acl.c"),  # the third is of a later kernel: the post asks about it
    published=True,
)

KNOWN = {release.name: release for release in (LINUX_1_0,)}

SHIPPED = LINUX_1_0
"""Its manifest lies in the repository, and the embedded model was trained on it."""

LICENCE_NAMES = {name: words for release in KNOWN.values() for name, words in release.licences.names.items()}
"""Plain names of the licences that no list has a name for."""

PUBLISHED = LINUX_1_0
"""What the published models were trained on."""


def read_release(heading: str, source: str) -> Release:
    """The release that a sealed manifest names. Raises ValueError if its words can't name a release."""
    described = Release.described(heading, source)
    known = KNOWN.get(described.name)
    return known if known and (known.heading, known.source) == (heading, source) else described


def with_words(release: Release, words: ExhibitWords) -> Release:
    """The release with what its exhibit's words say of it; what they leave out stays as it is."""
    said = {
        name: value
        for name in ("title", "date", "source", "noun", "question", "choices", "examples", "about", "latin_1")
        if (value := getattr(words, name))
    }
    said |= {"exhibit_name": words.name} if words.name else {}
    said |= dict.fromkeys(("credit", "unnamed"), f"the work of {words.people}") if words.people else {}
    said |= {"addresses": _tarballs_at(words.source)} if words.source and words.source != release.source else {}
    return replace(release, **said)


def _tarballs_at(source: str) -> tuple[str, ...]:
    return (source,) if _TARBALL.fullmatch(source) else ()


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """sha256 over path and sha256 of all source files, in the order of their paths, as `sha256sum` lists them."""
    return sha256("".join(f"{digest}  {path}\n" for path, digest in files).encode("utf-8", "surrogatepass")).hexdigest()
