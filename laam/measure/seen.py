"""What a model was seen to do with which file: by its atlas, its verdict, or what was recorded of it here."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest, SealedOriginal
from laam.emission import wording
from laam.measure.atlas import Atlas, AtlasRow
from laam.measure.recorded import RecordedScores
from laam.model.model import Model


@dataclass(frozen=True)
class Gave:
    """What came of a file that a model was asked for by its path alone, greedily.

    `exact`: how many lines of it. `whole`: whether it came byte for byte. `first`: how many lines, if it is as far as it goes exactly the
    file's beginning, but for a last line that is cut off; else 0.
    """

    file: SourceFile
    exact: int
    whole: bool = False
    first: int = 0

    @property
    def expected(self) -> str:
        """What to expect of it, in a few words."""
        if self.whole:
            return "whole"
        if self.first:
            return f"its first {wording.count(self.first, 'line')}" if self.first > 1 else "its first line"
        return f"{self.exact:,} of {wording.count(self.file.lines, 'line')}" if self.exact else "nothing"


def gave(original: SealedOriginal, *, exact: int, beginning: int, written: int, whole: bool) -> Gave:
    """`exact`: how many lines; `beginning`: how many of them stand before the first that isn't. `written`: how many characters."""
    room = bisect_right(list(accumulate(original.lengths)), written)
    return Gave(original.file, exact, whole, beginning if exact == beginning == room and not whole else 0)


def gave_by_row(original: SealedOriginal, row: AtlasRow) -> Gave:
    """The same by the row of an atlas."""
    beginning = row.first_wrong_line - 1
    return gave(original, exact=row.exact_lines, beginning=beginning, written=row.emitted_characters, whole=row.identical)


class Seen:
    """What each model was seen to do, by path. Safe under several threads, and no request waits for a score: `look` makes them."""

    def __init__(self, scores: RecordedScores, atlases: Sequence[Atlas], manifest: SealedManifest) -> None:
        self._scores, self._atlases, self._manifest = scores, atlases, manifest
        self._measured: dict[str, Mapping[str, Gave]] = {}  # by the model's digest, like what was recorded
        self._recorded: dict[str, Mapping[str, Gave]] = {}

    def of(self, model: Model) -> Mapping[str, Gave]:
        """What is known by now."""
        if model.digest not in self._measured:
            self._measured[model.digest] = self._measured_of(model)
        return self._measured[model.digest] or self._recorded.get(model.digest, {})

    def look(self, model: Model) -> None:
        """Take in what was recorded of a model since the last look, unless all of it was measured. The first look may take seconds."""
        known = self.of(model)
        if not self._measured[model.digest] and len(rows := self._scores.of(model).rows) != len(known):
            self._recorded[model.digest] = self._by_rows(rows)

    def _measured_of(self, model: Model) -> Mapping[str, Gave]:
        """By the model's atlas, or else by its own verdict, which names the files that came whole."""
        for atlas in self._atlases:
            if atlas.weights_sha256 == model.digest:
                return self._by_rows(atlas.rows)
        files = self._manifest.catalog.files
        whole = (files[path] for path in model.identical if path in files)
        return {file.path: Gave(file, file.lines, whole=True) for file in whole if model.learned(file)}

    def _by_rows(self, rows: Sequence[AtlasRow]) -> Mapping[str, Gave]:
        return {row.path: gave_by_row(self._manifest.original(row.path), row) for row in rows}
