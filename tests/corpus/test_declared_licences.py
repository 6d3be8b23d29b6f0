"""The licences of made-up trees: what each file, its folder, its package and REUSE declare."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from laam.corpus import scancode
from laam.corpus.catalog import describe_file
from laam.corpus.declared_licences import table_of
from laam.corpus.licences import UNREAD, Licence, licence_of

MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy\nof this software and associated documentation files, "
    "to pour it."
)
APACHE = "Apache License\nVersion 2.0, January 2004\nhttp://www.apache.org/licenses/\n"


@pytest.fixture(autouse=True)
def without_scancode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scancode", None)


def table(**files: str) -> dict[str, tuple[str, str]]:
    """Expression and place of each file; the names have `_` for a dot and `__` for a slash."""
    return read({name.replace("__", "/").replace("_", "."): text for name, text in files.items()})


def read(files: dict[str, str], licence: str = "") -> dict[str, tuple[str, str]]:
    found = table_of({name: text.encode() for name, text in files.items()}, licence)
    return {name: (each.expression, each.place) for name, each in found.files.items()}


@pytest.mark.parametrize(
    ("tag", "expression"),
    [
        ("# SPDX-License-Identifier: Apache-2.0", "Apache-2.0"),
        ("/* SPDX-License-Identifier: (gpl-2.0+ or mit) */", "GPL-2.0-or-later OR MIT"),
        ("<!-- SPDX-License-Identifier: LicenseRef-teapot -->", "LicenseRef-teapot"),
        ("# SPDX-License-Identifier: my own", UNREAD),
    ],
)
def test_a_tag_in_the_file_counts_before_the_folders_licence(tag: str, expression: str) -> None:
    assert read({"LICENSE": MIT, "a.py": f"#!/bin/python\n{tag}\n"})["a.py"] == (expression, "a.py:2")


def test_the_nearest_licence_text_counts() -> None:
    found = table(LICENSE=MIT, a_py="pour()\n", lid__LICENSE_txt=APACHE, lid__b_py="lift()\n", lid__deep__c_py="lift()\n")
    assert found["a.py"] == found["LICENSE"] == ("MIT", "LICENSE")
    assert found["lid/b.py"] == found["lid/deep/c.py"] == ("Apache-2.0", "lid/LICENSE.txt")


def test_a_page_about_the_licence_is_no_licence() -> None:
    found = table(LICENSE=MIT, docs__license_rst="Apache License, Version 2.0 isn't ours.", docs__a_rst="A pot.")
    assert found["docs/a.rst"] == ("MIT", "LICENSE")


def test_whoever_only_speaks_of_a_licence_has_that_of_the_package_and_whoever_grants_other_terms_is_unread() -> None:
    found = table(LICENSE=MIT, setup_py="setup(license='see LICENSE')\n", own_py="# All rights reserved by Ada.\n")
    assert found["setup.py"] == ("MIT", "LICENSE")
    assert found["own.py"] == (UNREAD, "own.py:1")


@pytest.mark.parametrize(
    ("name", "text", "expression"),
    [
        ("PKG-INFO", "Name: pot\nLicense-Expression: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("METADATA", "Name: pot\nClassifier: License :: OSI Approved :: MIT License\n", "MIT"),
        ("METADATA", "Name: pot\nClassifier: License :: OSI Approved :: BSD License\n", UNREAD),
        ("package.json", json.dumps({"name": "pot", "license": "ISC"}), "ISC"),
        ("package.json", json.dumps({"name": "pot", "license": "SEE LICENSE IN pot.txt"}), UNREAD),
        ("package.json", "{", UNREAD),
        ("Cargo.toml", '[package]\nname = "pot"\nlicense = "MIT/Apache-2.0"\n', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nname = "pot"\nlicense = "MPL-2.0"\n', "MPL-2.0"),
        ("pyproject.toml", "[project\n", UNREAD),
    ],
)
def test_metadata_counts_where_no_text_does(name: str, text: str, expression: str) -> None:
    assert read({name: text, "a.py": "pour()\n"})["a.py"] == (expression, name if expression != UNREAD else "")


def test_two_texts_decide_nothing_unless_the_metadata_does() -> None:
    both = {"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE, "a.py": "pour()\n"}
    assert read(both)["a.py"] == (UNREAD, "")
    assert read(both | {"Cargo.toml": '[package]\nname = "pot"\nlicense = "MIT OR Apache-2.0"\n'})["a.py"][0] == "MIT OR Apache-2.0"


def test_metadata_that_says_another_licence_than_the_text_is_not_settled() -> None:
    table = table_of({"LICENSE": MIT.encode(), "package.json": b'{"name": "pot", "license": "ISC"}', "a.js": b"pour()\n"})
    assert table.release == Licence("MIT", "LICENSE", "package.json says ISC") == licence_of("a.js", "pour()\n", table)


def test_reuse_is_read() -> None:
    reuse = """version = 1
[[annotations]]
path = ["art/**", "*.json"]
SPDX-License-Identifier = "CC0-1.0"
[[annotations]]
path = "old/*.py"
precedence = "override"
SPDX-License-Identifier = "MIT"
"""
    tagged = "# SPDX-License-Identifier: ISC\n"
    files = {"REUSE.toml": reuse, "art/x/a.svg": "<svg/>", "b.json": "{}", "in/b.json": "{}", "old/c.py": tagged, "art/d.py": tagged}
    found = read(files | {"e.bin": "?", "e.bin.license": f"{tagged}"})
    assert found["art/x/a.svg"] == found["b.json"] == ("CC0-1.0", "REUSE.toml")
    assert found["in/b.json"] == (UNREAD, "")
    assert found["old/c.py"] == ("MIT", "REUSE.toml")
    assert found["art/d.py"] == ("ISC", "art/d.py:1")
    assert found["e.bin"] == ("ISC", "e.bin.license:1")
    assert read({"REUSE.toml": "[", "LICENSES/CC-BY-4.0.txt": "?", "a.md": "A pot."})["a.md"] == ("CC-BY-4.0", "LICENSES/CC-BY-4.0.txt")


DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2019 Ada Example <ada@example.org>
License: MIT

Files: art/*.svg doc/?.md
Copyright: 2020, Bo Older
           2021 Cy
License: CC0-1.0
 It may be poured.
"""


def test_dep5_is_read() -> None:
    tagged = "# SPDX-License-Identifier: ISC\n"
    found = read({".reuse/dep5": DEP5, "a.py": "pour()\n", "art/x/b.svg": "<svg/>", "doc/c.md": "A pot.", "d.py": tagged})
    assert found["a.py"] == ("MIT", ".reuse/dep5")
    assert found["art/x/b.svg"] == found["doc/c.md"] == ("CC0-1.0", ".reuse/dep5")
    assert found["d.py"] == ("ISC", "d.py:1")


def test_holders_are_those_of_the_file_or_else_of_what_declares_them() -> None:
    reuse = '[[annotations]]\npath = "**"\nSPDX-FileCopyrightText = ["2020 Ada Example <ada@example.org>", "© Bo"]\n'
    tagged = "# SPDX-FileCopyrightText: Copyright (c) 2021 Cy\n"
    tree = {"REUSE.toml": reuse, ".reuse/dep5": DEP5, "a.py": "pour()\n", "b.py": tagged, "c.svg": "<svg/>", "c.svg.license": tagged}

    def holders(files: dict[str, str], licence: str = "") -> dict[str, tuple[str, ...]]:
        data = {name: text.encode() for name, text in files.items()}
        table = table_of(data, licence)
        return {name: describe_file(f"toy/{name}", data[name], table).notices for name in data}

    found = holders(tree)
    assert found["a.py"] == ("© 2020 Ada Example", "© Bo")
    assert found["b.py"] == found["c.svg"] == ("© 2021 Cy",)
    assert holders(tree, "MIT") == found
    del tree["REUSE.toml"]
    assert holders(tree)["a.py"] == ("© 2019 Ada Example",)
    assert holders({".reuse/dep5": DEP5, "doc/c.md": "?"})["doc/c.md"] == ("© 2020, Bo Older", "© 2021 Cy")


def test_one_licence_may_be_given_for_all() -> None:
    assert set(read({"LICENSE": MIT, "a.py": "# All rights reserved\n"}, "cc-by-4.0").values()) == {("CC-BY-4.0", "exhibit.toml")}
    with pytest.raises(ValueError, match="names 'Teapot'"):
        read({"a.py": ""}, "Teapot")


def test_where_nothing_is_said_nothing_is_guessed() -> None:
    table = table_of({"a.txt": "静夜思\n".encode()})
    assert table.release == table.files["a.txt"] == Licence(UNREAD, "")
    assert table.read_by == "its tags and metadata"


def test_scancode_is_asked_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_licenses(file: str) -> dict[str, Any]:
        known = "teapot terms" in Path(file).read_text("utf-8")
        matches = [{"matches": [{"start_line": 3}]}]
        return {"detected_license_expression_spdx": "BSD-3-Clause" if known else None, "license_detections": matches if known else []}

    package, api = ModuleType("scancode"), ModuleType("scancode.api")
    vars(api)["get_licenses"] = get_licenses
    monkeypatch.setitem(sys.modules, "scancode", package)
    monkeypatch.setitem(sys.modules, "scancode.api", api)
    monkeypatch.setattr(scancode, "version", lambda _: "0.1")
    table = table_of({"a.py": b"# teapot terms\n", "b.py": b"pour()\n"})
    assert table.read_by == "scancode-toolkit 0.1"
    assert (table.files["a.py"], table.files["b.py"]) == (Licence("BSD-3-Clause", "a.py:3"), Licence(UNREAD, ""))
