from hashlib import sha256

import pytest

from laam.corpus import catalog as catalog_module
from laam.corpus.catalog import Catalog, SourceFile, UnknownFile, catalogue_tree, subsystem_of
from laam.corpus.releases import SHIPPED
from tests.corpus.made_up import SOURCES, TREE


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(catalogue_tree(TREE, SHIPPED.licences), SHIPPED.top_folders)


def test_the_catalogue_holds_the_source_files_in_order(catalog: Catalog) -> None:
    assert [file.path for file in catalog] == list(catalog.files) == SOURCES
    assert len(catalog) == len(SOURCES)


def test_facts_of_a_file(catalog: Catalog) -> None:
    data = TREE["linux/init/hello.c"]
    assert catalog.files["linux/init/hello.c"] == SourceFile(
        path="linux/init/hello.c",
        size=len(data),
        lines=7,
        sha256=sha256(data).hexdigest(),
        licence="GPL-2.0-only",
        licence_place="COPYING",
        unsettled="",
        notices=("© 1999 Ada Example",),
        source_notices=(),
        subsystem="init",
        functions=("4-7 hello_from_the_test_tree",),
    )


def test_an_empty_file_has_no_lines_and_an_unended_line_counts(catalog: Catalog) -> None:
    assert catalog.find("dinner/menu.c").lines == 0
    assert catalog.find("lunch/menu.c").lines == 1


@pytest.mark.parametrize(
    ("path", "subsystem"),
    [
        ("linux/kernel/a.c", "kernel"),
        ("linux/kernel/deep/a.c", "kernel"),
        ("linux/fs/a.c", "fs"),
        ("linux/fs/ext2/a.c", "fs/ext2"),
        ("linux/net/inet/a.c", "net/inet"),
        ("linux/drivers/net/deep/a.c", "drivers/net"),
        ("linux/include/linux/a.h", "include/linux"),
        ("linux/a.c", "linux"),
    ],
)
def test_subsystem(path: str, subsystem: str) -> None:
    assert subsystem_of(path) == subsystem


@pytest.mark.parametrize(
    "query", ["linux/kernel/teapot.c", "kernel/teapot.c", "./linux/kernel/teapot.c", "  kernel//teapot.c\n", "KERNEL/Teapot.C", "teapot.c"]
)
def test_find(catalog: Catalog, query: str) -> None:
    assert catalog.find(query).path == "linux/kernel/teapot.c"


def test_the_end_of_a_path_that_looks_like_the_top_folder(catalog: Catalog) -> None:
    assert catalog.find("linux/teapot.h").path == "linux/include/linux/teapot.h"


def test_case_decides_where_it_must() -> None:
    both = Catalog(catalogue_tree({"linux/boot/a.s": b"1\n", "linux/boot/a.S": b"2\n"}, SHIPPED.licences))
    assert both.find("boot/a.S").path == "linux/boot/a.S"
    assert both.find("a.s").path == "linux/boot/a.s"
    with pytest.raises(UnknownFile, match="2 files"):
        both.find("BOOT/A.S")


def test_an_ambiguous_name_names_its_files(catalog: Catalog) -> None:
    with pytest.raises(UnknownFile, match="is the name of 2 files") as caught:
        catalog.find("menu.c")
    assert caught.value.suggestions == ("linux/fs/dinner/menu.c", "linux/fs/lunch/menu.c")


def test_of_several_files_of_a_name_the_one_of_the_shortest_path_comes_first() -> None:
    names = catalogue_tree({f"linux/fs/{path}": b"" for path in ("ext/menu.c", "menu.c", "msdos/menu.c")}, SHIPPED.licences)
    for query in ("menu.c", "menu", "menu.o"):
        with pytest.raises(UnknownFile, match="is the name of 3 files") as caught:
            Catalog(names).find(query)
        assert caught.value.suggestions[0] == "linux/fs/menu.c"


def test_a_folder_is_not_a_file(catalog: Catalog) -> None:
    with pytest.raises(UnknownFile, match="is a folder with 2 files"):
        catalog.find("linux-1.0/FS/")


@pytest.mark.parametrize("query", ["kernel/teapto.c", "tepot.c", "teapot", "kernl/teapot.c"])
def test_a_miss_suggests_near_names(catalog: Catalog, query: str) -> None:
    with pytest.raises(UnknownFile, match="did you mean") as caught:
        catalog.find(query)
    assert "linux/kernel/teapot.c" in caught.value.suggestions
    assert caught.value.query == query
    assert isinstance(caught.value, ValueError)


def test_at_most_five_suggestions() -> None:
    many = Catalog(catalogue_tree({f"linux/fs/f{number}/menu.c": b"" for number in range(30)}, SHIPPED.licences))
    for query in ["menu.c", "menu.h", "fs"]:
        with pytest.raises(UnknownFile) as caught:
            many.find(query)
        assert len(caught.value.suggestions) == 5


@pytest.mark.parametrize(
    "query", ["", "  ", "/", "./", "\x00", "a\x1b[31m.c", "a\nb", "\u202ecoffee.c", "\ud800", "../../etc/passwd", "${7*7}", "{{7}}"]
)
def test_odd_queries(catalog: Catalog, query: str) -> None:
    with pytest.raises(UnknownFile) as caught:
        catalog.find(query)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(f"; try {catalog.examples[0]} or {catalog.examples[1]}")


@pytest.mark.parametrize("unit", ["a", "/", " ", "\\", "\x00", "\ud800", "☕", "'"])
def test_a_long_query_gives_a_short_error_and_is_compared_with_nothing(
    catalog: Catalog, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_module, "get_close_matches", lambda *_, **__: pytest.fail("which takes it many seconds"))
    with pytest.raises(UnknownFile, match="10,000 characters") as caught:
        catalog.find(unit * 10_000)
    assert len(str(caught.value)) < 250


def test_a_catalogue_offers_files_that_it_has() -> None:
    files = catalogue_tree(TREE, SHIPPED.licences)
    first = files[-1].path.removeprefix("linux/")
    assert Catalog(files, examples=("no/such.c", first)).examples == (first,)
    assert set(Catalog(files, examples=("no/such.c",)).examples) <= {path.removeprefix("linux/") for path in TREE}
