"""The files of a site: what its map, its cards and its offers say of each, by a recording or by a row of the model's atlas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from laam.corpus.catalog import SourceFile
from laam.corpus.releases import Release
from laam.corpus.sealed import SealedManifest, SealedOriginal
from laam.emission import conditions, wording
from laam.emission.ask import Ask
from laam.measure.atlas import AtlasRow
from laam.measure.seen import Gave, gave, gave_by_row
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving.summary import Summary, summary_of_whole
from laam.twin.record import Replay


@dataclass(frozen=True)
class Entry:
    """A file as the map shows it.

    `share`: how much of it is reproduced, None if that isn't known. `summary`: the content of its card, None if it has none.
    `decoding`: how its text was written, as a sentence. `recorded`: when it was recorded; empty if it wasn't. `gave`: what to expect of it,
    if that is known.
    """

    file: SourceFile
    share: float | None = None
    identical: bool = False
    exact_characters: int = 0
    characters: int = 0
    summary: Summary | None = None
    decoding: str = ""
    recorded: str = ""
    gave: Gave | None = None

    @property
    def percent(self) -> str:
        return "" if self.share is None else wording.percent(self.share)

    @property
    def shade(self) -> int:
        """0 to 5: how dark it is on the map; only a whole file is 5."""
        return 5 if self.identical else int(min(0.999, self.share or 0.0) * 5)


def entries_of(
    manifest: SealedManifest, model: Model, paths: Iterable[str], known: Mapping[str, Replay] | Mapping[str, AtlasRow]
) -> list[Entry]:
    """Some files, by subsystem and path. `known`: recordings of the model, or rows of its atlas, by path."""
    entries = [_entry(manifest.original(path), manifest.release, model, known.get(path)) for path in paths]
    return sorted(entries, key=lambda entry: (entry.file.subsystem, entry.file.path))


def _entry(original: SealedOriginal, release: Release, model: Model, known: Replay | AtlasRow | None) -> Entry:
    file = original.file
    if known is None:
        return Entry(file)
    whole = summary_of_whole(Ask(file.path), file, release, model, original.lengths)
    if isinstance(known, AtlasRow):
        characters = known.exact_characters, known.original_characters
        summary = whole if known.identical else None
        greedy, came = conditions.decoding(Decoding()), gave_by_row(original, known)
        return Entry(file, known.reproduced, known.identical, *characters, summary, greedy, gave=came)
    share = known.exact_characters / max(1, known.characters)
    how = f"Greedy, at most {known.max_tokens:,} tokens; recorded on {known.recorded}."
    characters, summary = (known.exact_characters, known.characters), replace(whole, **known.card)
    beginning = len(summary.marks) - len(summary.marks.lstrip("="))
    came = gave(original, exact=summary.marks.count("="), beginning=beginning, written=len(known.text), whole=known.identical)
    return Entry(file, share, known.identical, *characters, summary, how, known.recorded, came)
