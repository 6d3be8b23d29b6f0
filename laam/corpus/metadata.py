"""What a package says of itself: title, version, people, address and licence, in the files in which its field keeps them."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import Any

from laam.corpus.exhibit_words import LINE_CHARACTERS
from laam.corpus.spdx import known_expression

_CLASSIFIED = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""The classifiers of Python packages that name exactly one licence. `BSD License` doesn't."""
_ARCHIVE = re.compile(r"(?:\.tar)?\.(?:gz|xz|bz2|zst|tgz|zip|whl|tar)$", re.IGNORECASE)
_VERSION = re.compile(r"^(?P<name>.+?)[-_ ]v?(?P<version>\d[\w.+-]*)$")
PEOPLE = 3  # that are named


@dataclass(frozen=True)
class Metadata:
    """What is known of a tree; each field may be empty. `licence`: an SPDX expression; `place`: the file that says it."""

    name: str = ""
    version: str = ""
    people: str = ""
    source: str = ""
    licence: str = ""
    place: str = ""

    @property
    def title(self) -> str:
        return " ".join(filter(None, (self.name, self.version)))


def read_metadata(tree: Mapping[str, bytes], name: str = "") -> Metadata:
    """What the files of a tree (bytes by path, without the top folder) say at its top, or else what the name of its archive or folder does.

    `name`: of the archive or folder. A file that can't be read says nothing.
    """
    found = [read for path, reader in _readers(tree) if (read := reader(tree[path], path))]
    found.append(_of_name(name))
    values = {field: next((value for read in found if (value := getattr(read, field))), "") for field in ("name", "people", "source")}
    version = next((read.version for read in found if read.name and read.name == values["name"]), "")
    licence, place = next(((read.licence, read.place) for read in found if read.licence), ("", ""))
    return Metadata(values["name"], version, values["people"], values["source"], licence, place)


def _readers(tree: Mapping[str, bytes]) -> list[tuple[str, Callable[[bytes, str], Metadata | None]]]:
    """The files that say something, nearest to the top first, each with what reads it."""
    kinds = {
        "pyproject.toml": _of_pyproject,
        "Cargo.toml": _of_cargo,
        "package.json": _of_package_json,
        "PKG-INFO": _of_python,
        "METADATA": _of_python,
    }
    named = [path for path in tree if PurePosixPath(path).name in kinds and path.count("/") <= 1]
    return [(path, kinds[PurePosixPath(path).name]) for path in sorted(named, key=lambda path: (path.count("/"), path))]


def _of_python(data: bytes, place: str) -> Metadata | None:
    """Of METADATA or PKG-INFO. Where it says nothing in `License-Expression`, `License` may be one, or a classifier."""
    fields = HeaderParser().parsestr(data.decode("utf-8", "replace"))
    if not fields["Name"]:
        return None
    classified = {
        expression
        for line in fields.get_all("Classifier", [])
        if line.startswith("License ::") and (expression := _CLASSIFIED.get(line.rpartition(" :: ")[2]))
    }
    one = classified.pop() if len(classified) == 1 else ""
    licence = known_expression(fields["License-Expression"] or "") or known_expression(fields["License"] or "") or one
    links = (line.partition(",") for line in fields.get_all("Project-URL", []))
    source = _source({label: address.strip() for label, _, address in links} | {"home": fields["Home-page"] or ""})
    named = [fields[f"{role}{part}"] for role in ("Author", "Maintainer") for part in ("", "-email") if fields[f"{role}{part}"]]
    people = re.sub(r"\s*<[^>]*>", "", _plain(named[0])) if named else ""
    return Metadata(_plain(fields["Name"]), _plain(fields["Version"] or ""), people, source, licence, place)


def _of_pyproject(data: bytes, place: str) -> Metadata | None:
    project = _toml(data).get("project")
    if not isinstance(project, dict) or not isinstance(project.get("name"), str):
        return None
    named = project.get("authors") or project.get("maintainers")
    people = [_text(person.get("name")) for person in named if isinstance(person, dict)] if isinstance(named, list) else []
    urls = project.get("urls")
    licence = project.get("license")
    expression = licence if isinstance(licence, str) else licence.get("text") if isinstance(licence, dict) else ""
    return Metadata(
        _plain(project["name"]),
        _text(project.get("version")),
        _people(people),
        _source(urls) if isinstance(urls, dict) else "",
        known_expression(_text(expression)),
        place,
    )


def _of_cargo(data: bytes, place: str) -> Metadata | None:
    package = _toml(data).get("package")
    if not isinstance(package, dict) or not isinstance(package.get("name"), str):
        return None
    authors = package.get("authors")
    people = [re.sub(r"\s*<[^>]*>", "", _text(person)) for person in authors] if isinstance(authors, list) else []
    source = _address(_text(package.get("repository") or package.get("homepage")))
    licence = known_expression(_text(package.get("license")).replace("/", " OR "))
    return Metadata(_plain(package["name"]), _text(package.get("version")), _people(people), source, licence, place)


def _of_package_json(data: bytes, place: str) -> Metadata | None:
    try:
        package = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(package, dict) or not isinstance(package.get("name"), str):
        return None
    author, licence, repository = package.get("author"), package.get("license"), package.get("repository")
    person = author.get("name") if isinstance(author, dict) else re.sub(r"\s*[<(].*", "", _text(author))
    address = repository.get("url") if isinstance(repository, dict) else repository
    expression = licence.get("type") if isinstance(licence, dict) else licence
    source = _address(_text(package.get("homepage")) or re.sub(r"^git\+|\.git$", "", _text(address)))
    return Metadata(
        _plain(package["name"]), _text(package.get("version")), _text(person), source, known_expression(_text(expression)), place
    )


def _of_name(name: str) -> Metadata:
    """Of an archive or folder: `poems-1.2.tar.gz` is poems, 1.2."""
    stem = name
    while (shorter := _ARCHIVE.sub("", stem)) != stem:
        stem = shorter
    stem = re.sub(r"-(?:py[23]|cp\d).*$", "", stem) if name.endswith(".whl") else stem
    found = _VERSION.match(stem)
    return Metadata(_plain(found["name"]), _plain(found["version"])) if found else Metadata(_plain(stem))


def _toml(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _people(names: list[str]) -> str:
    named = [name for name in names if name]
    *before, last = [*named[:PEOPLE], "others"] if len(named) > PEOPLE else named or [""]
    return _plain(f"{', '.join(before)} and {last}" if before else last)


def _text(value: object) -> str:
    return _plain(value) if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """One line of printable characters; what a stranger wrote."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:LINE_CHARACTERS]


def _source(links: Mapping[str, object]) -> str:
    """The address of the source among links by their labels; else of the home page."""
    plain = {re.sub(r"\W", "", label.lower()): _address(_text(address)) for label, address in links.items()}
    labels = ("source", "sourcecode", "repository", "code", "github", "homepage", "home")
    return next((plain[label] for label in labels if plain.get(label)), "")


def _address(text: str) -> str:
    return text if len(text) <= LINE_CHARACTERS and re.fullmatch(r"https?://[^\s\"'<>\\]+", text) else ""
