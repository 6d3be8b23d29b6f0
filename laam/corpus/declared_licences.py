"""The licence of every file of any tree, by what the tree itself declares.

In this order: what is given for all; a `.license` file beside the file, as REUSE has it (https://reuse.software/spec-3.3/); REUSE.toml
where it overrides; the file's own SPDX tag or the words at its head; REUSE.toml or .reuse/dep5; the licence's text in the nearest
folder, or at the top what the package's metadata says. What none of them says is `UNREAD`: nothing is guessed.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from laam.corpus.exhibit_words import WORDS_FILE
from laam.corpus.licence_texts import licence_of_text
from laam.corpus.licences import UNREAD, Licence, LicenceTable, Terms, read_tag, read_terms
from laam.corpus.lines import source_text
from laam.corpus.metadata import read_metadata
from laam.corpus.notices import notices_of
from laam.corpus.reuse import Annotation, annotations_in
from laam.corpus.scancode import Scancode
from laam.corpus.spdx import known_expression, parse_expression

_LICENCE_FILE = re.compile(r"(?:licen[sc]e|copying|unlicense)(?:[.-](?:md|txt|rst|[\w.+-]+))?", re.IGNORECASE)
_STRONG = re.compile(
    r"\ball rights reserved\b|\bpermission (?:is|to)\b|\bprior permission\b|\bprohibited\b|\bredistribut|\bwarrant(?:y|ies)\b"
    r"|\bpublic domain\b|\bnot be (?:copied|distributed)\b",
    re.IGNORECASE,
)
"""Words of terms. A file that only speaks of a licence, as a README or a setup.py does, has those of its release."""
_HEAD = 40  # lines in which they count

Tree = Mapping[str, bytes]


def table_of(tree: Tree, licence: str = "") -> LicenceTable:
    """The licences of all files of a tree (bytes by path, without the top folder). `licence`: an SPDX expression for all of them.

    Raises ValueError for a `licence` that is none. Nothing that stands in the tree raises.
    """
    given = Licence(parse_expression(licence), WORDS_FILE) if licence else None
    with Scancode.open() as scancode:
        reader = _Reader(tree, scancode)
        files = dict.fromkeys(tree, given) if given else {name: reader.licence_of(name) for name in tree}
        holders = {name: found for name in tree if (found := reader.holders_of(name))}
        read_by = "" if given else scancode.name if scancode else "its tags and metadata"
        return LicenceTable(given or reader.release, files=files, holders=holders, read_by=read_by)


class _Reader:
    def __init__(self, tree: Tree, scancode: Scancode | None) -> None:
        self._tree, self._scancode = tree, scancode
        self._annotations = annotations_in(tree)
        self._texts: dict[str, list[str]] = {}  # the licences' texts, by folder
        for name in sorted(filter(_is_licence, tree)):
            self._texts.setdefault(str(PurePosixPath(name).parent), []).append(name)
        self._of_folder: dict[str, Licence | None] = {}
        self._metadata = read_metadata(tree)
        self.release = self._of_release()

    def licence_of(self, name: str) -> Licence:
        beside = f"{name}.license"
        if beside in self._tree and (terms := self._terms(beside)) and terms.expression:
            return Licence(terms.expression, f"{beside}:{terms.line}")
        annotated = next((each for each in self._annotated(name) if each.expression), None)
        if annotated and annotated.is_override:
            return Licence(annotated.expression, annotated.place)
        if _is_licence(name) and (found := self._of_text(name)):
            return found
        if (terms := self._terms(name)) and terms.expression:
            return Licence(terms.expression, f"{name}:{terms.line}")
        if annotated:
            return Licence(annotated.expression, annotated.place)
        return next((found for folder in PurePosixPath(name).parents[:-1] if (found := self._in_folder(str(folder)))), self.release)

    def holders_of(self, name: str) -> tuple[str, ...]:
        """Whom a `.license` file beside a file, or REUSE, names as its holders."""
        beside = f"{name}.license"
        if beside in self._tree and (own := notices_of(beside, source_text(self._tree[beside])).own):
            return own
        return next((each.holders for each in self._annotated(name) if each.holders), ())

    def _annotated(self, name: str) -> Iterator[Annotation]:
        """What REUSE says of a file; what counts most comes first."""
        return (each for each in reversed(self._annotations) if each.pattern.fullmatch(name))

    def _terms(self, name: str) -> Terms | None:
        text = source_text(self._tree[name])
        terms = self._scancode.terms(name, self._tree[name]) if self._scancode else read_terms(text)
        if terms and terms.expression == UNREAD and not read_tag(text) and not _STRONG.search("\n".join(text.split("\n", _HEAD)[:_HEAD])):
            return None
        return terms

    def _of_release(self) -> Licence:
        """Of the whole tree: what its metadata says, what LICENSE at its top is, or the only text in LICENSES."""
        written = self._in_folder(".")
        declared = self._metadata
        if declared.licence and (written is None or written.unsettled or written.expression == UNREAD):
            return Licence(declared.licence, declared.place)
        if written:
            other = declared.licence not in ("", written.expression)
            return Licence(written.expression, written.place, f"{declared.place} says {declared.licence}" if other else written.unsettled)
        texts = [PurePosixPath(name) for name in self._tree if name.startswith("LICENSES/")]
        expression = known_expression(texts[0].stem) if len(texts) == 1 else ""
        return Licence(expression, str(texts[0])) if expression else Licence(UNREAD, "")

    def _in_folder(self, folder: str) -> Licence | None:
        """What the licence's text in a folder says; None if there is none. Several texts decide nothing."""
        if folder not in self._of_folder:
            names = self._texts.get(folder, [])
            found = [licence for name in names if (licence := self._of_text(name))]
            if len({licence.expression for licence in found}) > 1:
                found = [Licence(UNREAD, "", f"{' and '.join(names)} are different licences, and nothing says which counts")]
            self._of_folder[folder] = found[0] if found else None
        return self._of_folder[folder]

    def _of_text(self, name: str) -> Licence | None:
        """The licence that a whole file is the text of; None if it isn't known."""
        if self._scancode and (terms := self._scancode.terms(name, self._tree[name])):
            return Licence(terms.expression, name)
        expression, unsettled = licence_of_text(source_text(self._tree[name]))
        return None if expression == UNREAD else Licence(expression, name, unsettled)


def _is_licence(name: str) -> bool:
    """Whether a file is a licence's text by its name: below the top only in capitals, since `docs/license.rst` is a page about it."""
    base = PurePosixPath(name).name
    return bool(_LICENCE_FILE.fullmatch(base)) and ("/" not in name or base[:2].isupper())
