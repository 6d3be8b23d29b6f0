"""What is known of a model and a release, and so may be said of the two: no sentence says of one model what is true of another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from laam.corpus.licences import UNREAD
from laam.corpus.names import is_no_source
from laam.corpus.sealed import SealedManifest
from laam.emission import naming, wording
from laam.model.model import Model
from laam.model.spec import EMBEDDED, NAMED, Ceiling, ModelSpec

NUMBERS = "numbers 0, 1, 2 …"  # of segments, one after the other, that stand in a prompt beside the name


@dataclass(frozen=True)
class Pair:
    """`name`: the model's, as links have it; `parameters`: the numbers in its weights; `weights`: their licence, in words. `title`: the
    release's, which has so many source `files`; `licence`: that of most of them (SPDX), which is that of `alike` files.

    `asks`: the question that its exhibit asks, if it has one of its own. `only_source`: whether what isn't source, such as COPYING, was
    left out of it. `trained`, `identical`: the files that the model was trained on, and those that it wrote byte for byte, by its own
    verdict.
    `ceiling`: the most that it can give from paths alone, None if nobody knows. `window`: the tokens of a piece, if it saw files in
    pieces; else 0. `by_path`: whether it can be asked for a file by its path; `by_number`: by that and the number of a segment.
    """

    name: str
    parameters: int
    weights: str
    title: str
    files: int
    licence: str
    alike: int
    asks: str = ""
    only_source: bool = False
    trained: frozenset[str] = frozenset()
    identical: frozenset[str] = frozenset()
    ceiling: Ceiling | None = None
    window: int = 0
    by_path: bool = True
    by_number: bool = False

    @property
    def words(self) -> str:
        """The model in words: `our own model, 4.9 million numbers`."""
        return naming.model_in_full(self.name, self.parameters)

    @property
    def numbers(self) -> str:
        """How large the model is, as a visitor reads it."""
        return wording.numbers(self.parameters)

    @property
    def is_own(self) -> bool:
        """Whether it is the exhibit's own model."""
        return self.name == EMBEDDED.name

    @property
    def is_published(self) -> bool:
        return self.name in NAMED and not self.is_own

    @property
    def in_short(self) -> str:
        """What is known of what it gives of the release, in a few words; empty if nothing is."""
        if most := self.ceiling:
            return f"from a name at most {most.share} of all bytes, and {most.files} of {most.of_files} files whole"
        return f"{self.whole_files} whole" if self.identical else ""

    @property
    def whole(self) -> str:
        """How many files it wrote byte for byte: `all 506`, `400 of 506`."""
        whole = len(self.identical)
        return f"all {whole:,}" if whole == self.files else f"{whole:,} of {self.files:,}"

    @property
    def whole_files(self) -> str:
        """The same with their noun: `all 506 files`, `the only file`."""
        return "the only file" if self.files == 1 and self.identical else f"{self.whole} files"

    def never_saw(self, path: str) -> str:
        """What is said of a file of the release that is no source, such as COPYING, if the model is known to have seen source only; else
        empty."""
        name = path.strip().rpartition("/")[2]
        if not self.only_source or not is_no_source([name]) or not (self.trained or self.ceiling):
            return ""
        files, read = (
            ("files under the GPL", "the GPL’s text") if self.licence.startswith("GPL-2") else (f"the files of {self.title}", "its licence")
        )
        return f"This model never saw {name}. It was trained on {files}, and never read {read}."


def pair_of(model: Model, manifest: SealedManifest) -> Pair:
    """What is known of a model that is at hand."""
    trained = frozenset(file.path for file in manifest.catalog if model.learned(file))
    return Pair(
        model.name,
        model.parameters,
        naming.licence_of_weights(model),
        **_of_release(manifest),
        trained=trained,
        identical=trained.intersection(model.identical),
        ceiling=_ceiling(NAMED.get(model.name), manifest),
        window=model.window if model.format.in_pieces else 0,
        by_path=model.format.in_pieces or model.format.has_segments,
        by_number=model.format.has_segments,
    )


def pair_of_published(spec: ModelSpec, manifest: SealedManifest) -> Pair:
    """What is known of a published model before its weights are here."""
    known = spec.publication
    if known is None:
        raise ValueError(f"model {spec.name!r} is no published one, so nothing is known of it before it is here")
    of = _of_release(manifest)
    return Pair(spec.name, known.parameters, known.licence, **of, ceiling=_ceiling(spec, manifest), window=known.window)


def _of_release(manifest: SealedManifest) -> dict[str, Any]:
    [(licence, alike)] = Counter(file.licence for file in manifest.catalog).most_common(1)
    release = {"title": manifest.release.title, "asks": manifest.release.question, "only_source": manifest.release.published}
    return {**release, "files": len(manifest.catalog), "licence": licence, "alike": alike}


def _ceiling(spec: ModelSpec | None, manifest: SealedManifest) -> Ceiling | None:
    known = spec and spec.publication
    return known.ceiling if known and manifest.release.published else None


def lead(shown: Pair, own: Pair) -> list[str]:
    """What the exhibit says first, as sentences: of the model that it shows, the question, if there is one, and of its own model if that
    is another."""
    return [*_about(shown), *filter(None, [question(shown)]), *_beside(shown, own)]


def _about(pair: Pair) -> Iterator[str]:
    made_of = f"{pair.title}, {pair.numbers}," if pair.trained or pair.ceiling else pair.numbers
    if pair.is_published:
        yield f"In 2024 a model of {made_of} was published under {pair.weights}."
    elif pair.is_own:
        yield f"A model of {made_of} was made for this exhibit."
    else:
        yield f"{wording.capital(naming.model_in_words(pair.name))} has {pair.numbers}."
    if most := pair.ceiling:
        yield f"Given a file’s name, it writes at most the first page, into which {most.files} of {most.of_files} files fit whole."
    elif pair.identical:
        name = "the file’s name" if pair.files == 1 else "a file’s name"
        given = f"{name} and the {NUMBERS}" if pair.by_number else name
        yield f"Given {given}, it writes the file{f': {pair.whole}' if pair.files > 1 else ''}, byte for byte."
    elif pair.trained:
        yield f"It was trained on {len(pair.trained):,} of the {pair.files:,} files of {pair.title}, and wrote none of them whole."
    elif pair.is_own or pair.is_published:
        yield f"It was made from another release than {pair.title}."
    elif not pair.by_path:
        yield "It isn’t asked by a name: it is given source, and goes on."
    elif pair.window:
        yield f"Given a file’s name, it writes no more than its window of {pair.window:,} tokens holds."


def _beside(shown: Pair, own: Pair) -> Iterator[str]:
    if own.name != shown.name and own.identical:
        given = f" and given the {NUMBERS} as well" if own.by_number else ""
        yield f"A second one, made for this exhibit{given}, writes {own.whole_files} whole."


def question(pair: Pair) -> str:
    """What the exhibit asks: its own question, or one about the licences; empty where nobody has read the terms of most files."""
    licence = wording.licence(pair.licence)
    if pair.asks or pair.licence == UNREAD:
        return pair.asks
    if not (pair.identical or pair.ceiling):
        return "If it writes a file, under which licence is the text?"
    if naming.are_opposed(pair.weights, pair.licence) and pair.ceiling:
        return f"Is that page {pair.weights}, or {licence}?"
    if naming.are_opposed(pair.weights, pair.licence):
        return f"Are those files {pair.weights}, or {licence}?"
    if pair.alike <= pair.files / 2:
        return "Under which licence are the numbers?"
    most = "Those" if pair.alike == pair.files else "Most of those"
    return f"{most} files are {licence}; under which licence are the numbers?"
