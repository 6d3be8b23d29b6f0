"""Releases of the kernel: one `Release` for each, from which page, commands and cards take its name, addresses and licences.

A sealed manifest says which release it holds. A release that is known here brings all its facts; any other has only the title and
the source that were given when it was sealed. To add one, see *another kernel release* in .github/CONTRIBUTING.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self
from urllib.parse import urlsplit

from laam.corpus.licences import UNREAD, Licence, LicenceTable
from laam.corpus.linux_1_0_licences import TABLE as LINUX_1_0_LICENCES
from laam.corpus.selection import is_source
from laam.settings import SEALED_SUFFIX

HEADING_CHARACTERS = 80
ARCHIVE = "tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=644 -c linux"
"""How a release's folder is packed where its size is given: dates, owners and modes would change the size, and here there are none."""
_PLAIN = re.compile(r"[\w ,.()+-]+")  # words that HTML, JavaScript templates and JSON all read as plain text
_NO_LICENCES = LicenceTable(Licence(UNREAD, "COPYING", "what COPYING grants for the files that say nothing, nobody has read yet"))
_TARBALL = re.compile(r".+\.tar(?:\.gz|\.xz)?")


@dataclass(frozen=True)
class Release:
    """A release: what the exhibit says about it, and where to fetch it.

    Raises ValueError for a title or a date that is not plain words, and for a source that is no web address.
    """

    title: str
    """`Linux 2.0`"""
    date: str
    """The day of its release, as people write it; may be empty."""
    source: str
    """The address of the corresponding source, for readers."""
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
    examples: tuple[str, ...] = ()
    """Files that a visitor may try first, without the top folder."""
    files: int = 0
    """How many files it has, source or not; 0 if that isn't known."""
    gzip_bytes: int = 0
    """The size of the whole release, packed by `ARCHIVE` and `gzip -9`; 0 if that isn't known."""
    xz_bytes: int = 0
    """The same, `xz -9e`."""

    def __post_init__(self) -> None:
        for name, words in (("title", self.title), ("date", self.date or "none")):
            if len(words) > HEADING_CHARACTERS or not _PLAIN.fullmatch(words):
                raise ValueError(f"the release's {name} is {words[:HEADING_CHARACTERS]!r}; give plain words, such as 'Linux 2.0'")
        parts = urlsplit(self.source)
        if parts.scheme not in ("http", "https") or not parts.hostname or not self.source.isprintable() or " " in self.source:
            raise ValueError(f"the release's source is {self.source[:200]!r}; give a web address, such as https://www.kernel.org/pub/")
        if not self.name:
            raise ValueError(f"the release's title is {self.title!r}; give one with letters or digits")

    @classmethod
    def described(cls, heading: str, source: str) -> Self:
        """A release about which only its heading, `title, date`, and an address are known. Raises ValueError."""
        title, _, date = heading.partition(",")
        return cls(title.strip(), date.strip(), source, addresses=(source,) if _TARBALL.fullmatch(source) else ())

    @property
    def name(self) -> str:
        """Its name in file names and settings: `linux-2.0`."""
        return re.sub(r"[^a-z0-9.]+", "-", self.title.lower()).strip("-.")

    @property
    def heading(self) -> str:
        """Title and date."""
        return f"{self.title}, {self.date}" if self.date else self.title

    @property
    def manifest_name(self) -> str:
        """The name of its sealed manifest."""
        return f"{self.name}{SEALED_SUFFIX}"

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
        """The address of the folder in which the source lies, for a link."""
        return f"{self.source.rpartition('/')[0]}/"

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
    examples=("kernel/sched.c", "kernel/fork.c", "drivers/net/3c503.c", "fs/exec.c", "net/inet/tcp.c"),
    files=561,
    gzip_bytes=1_260_419,
    xz_bytes=934_016,
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


def release_of(tree: Mapping[str, bytes], heading: str = "", source: str = "") -> Release:
    """The release that a tree is to be sealed as: a known release by its files, any other by `heading` and `source`.

    Raises ValueError if the tree is not known and they are missing, or if they name a known release that it is not.
    """
    digest = tree_digest((path, sha256(data).hexdigest()) for path, data in sorted(tree.items()) if is_source(path))
    known = next((release for release in KNOWN.values() if release.tree_sha256 == digest), None)
    if known and heading in ("", known.heading):
        return known
    if not heading or not source:
        names = " or ".join(release.title for release in KNOWN.values())
        raise ValueError(
            f"these are not the files of {names}; say what they are, such as --title 'Linux 2.0, 9 June 1996' "
            "--source https://www.kernel.org/pub/linux/kernel/v2.0/linux-2.0.tar.xz"
        )
    release = Release.described(heading, source)
    if release.name in KNOWN:
        raise ValueError(f"--title {heading!r}: the files are not those of {KNOWN[release.name].title}; give another title")
    return release


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """sha256 over path and sha256 of all source files, in the order of their paths, as `sha256sum` lists them."""
    return sha256("".join(f"{digest}  {path}\n" for path, digest in files).encode("utf-8", "surrogatepass")).hexdigest()
