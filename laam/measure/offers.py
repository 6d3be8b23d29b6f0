"""What a page offers first of a model: files of which something was seen to come, each with what to expect of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from laam.corpus.catalog import SourceFile
from laam.corpus.names import without_top
from laam.corpus.releases import Release
from laam.emission import wording
from laam.measure.seen import Gave
from laam.serving.snippet import LINES, Snippet

CHIPS, PARTS, MISSES = 5, 2, 1  # files that are offered; how many of them come in part, or hardly, if there are such
LOOK_LINES = 30  # of a file that takes long enough to look at


@dataclass(frozen=True)
class Chip:
    """A name to try. `expected`: what is known to come of it; empty if nothing is. `anyway`: whether no file has the name."""

    path: str
    expected: str = ""
    anyway: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def query(self) -> str:
        return urlencode({"path": self.path} | ({"anyway": 1} if self.anyway else {}), safe="/")


@dataclass(frozen=True)
class Group:
    """Chips, and the words before them."""

    words: str
    chips: Sequence[Chip]

    def name(self, chip: Chip) -> str:
        """What one of them is called: the file's name, or its path where another has the same name."""
        return chip.path if [other.name for other in self.chips].count(chip.name) > 1 else chip.name


class Offers:
    """What to offer, by what a model gave. Of several files that would do, the release's own examples go first.

    `files`: those that can be asked for, by path; at least one.
    """

    def __init__(self, gave: Collection[Gave], release: Release, files: Mapping[str, SourceFile]) -> None:
        self._gave = gave
        by_name = {without_top(path): file for path, file in files.items()}
        self._famous = [file for path in release.examples if (file := by_name.get(path))]
        whole = sorted((one.file for one in gave if one.whole), key=lambda file: file.size)
        self.examples = self._famous or whole[:CHIPS] or list(files.values())[:CHIPS]
        """The release's examples, or else the smallest files that come whole, or else the first."""
        self._whole = sorted((one for one in gave if one.whole), key=lambda one: self._order(one.file))
        self._parts = sorted((one for one in gave if one.first >= LINES), key=lambda one: (one.file not in self._famous, -one.first))

    @property
    def tried(self) -> Group:
        """Files that come whole, some of which the beginning comes, and one of which less does; no promise where nothing comes."""
        if not self._whole and not self._parts:
            asked = wording.count(len(self._gave), "file")
            words = f"Of {asked} asked for here, none came back. Try" if self._gave else "What it gives isn’t known yet. Try"
            return Group(words, [chip(file) for file in self.examples])
        parts = self._parts[:PARTS]
        rest = [one for one in self._gave if not one.whole and one.first < LINES]
        misses = sorted(rest, key=lambda one: (one.file not in self._famous, one.exact / max(1, one.file.lines)))[:MISSES]
        whole = sorted(self._whole, key=lambda one: self._place(one.file))[: CHIPS - len(parts) - len(misses)]
        if not parts and not misses:
            return Group("Each comes whole:" if len(whole) > 1 else "It comes whole:", [chip(one.file) for one in whole])
        return Group("Try", [chip(one.file, one.expected) for one in (*whole, *parts, *misses)])

    @property
    def opening(self) -> SourceFile | None:
        """The file to open with: one that comes whole, or else one of which the beginning comes; None if there is neither."""
        return next((one.file for one in (*self._whole, *self._parts)), None)

    @property
    def first(self) -> SourceFile:
        """The same, or else the shortest example."""
        return self.opening or min(self.examples, key=lambda file: file.lines)

    @property
    def snippets(self) -> list[Snippet]:
        """Lines from the beginning of one file and from the middle of another, each of which came exactly; not of the one to open with,
        after whose first lines the shipped model closes the file at once."""
        known = [one for one in (*self._whole, *self._parts) if one.file.lines > LINES]
        begun = known[1:2] or known[:1]
        middle = [one for one in (*known[2:], *known[:2]) if one.whole and one.file.lines >= 2 * LINES][:1]
        return [*(Snippet(one.file.path) for one in begun), *(Snippet(one.file.path, from_middle=True) for one in middle)]

    def _order(self, file: SourceFile) -> tuple[bool, tuple[bool, bool, int]]:
        return file not in self._famous, inviting(file)

    def _place(self, file: SourceFile) -> int:
        """Among the examples, which stand as the release has them."""
        return self._famous.index(file) if file in self._famous else len(self._famous)


def chip(file: SourceFile, expected: str = "") -> Chip:
    """The chip of a file."""
    return Chip(without_top(file.path), expected)


def inviting(file: SourceFile) -> tuple[bool, bool, int]:
    """The key by which files are sorted that would all do: what is C and long enough to look at, the shortest first."""
    return file.lines < LOOK_LINES, not file.path.endswith(".c"), file.lines
