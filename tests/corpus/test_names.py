"""What people paste for a file's name."""

import pytest

from laam.corpus.catalog import Catalog, UnknownFile, catalogue_tree
from laam.corpus.names import kernel_folders, path_parts
from laam.corpus.releases import SHIPPED

TREE = ("kernel/teapot.c", "kernel/irq.c", "include/linux/teapot.h", "fs/ext2/acl.c", "fs/ext2/inode.c", "fs/inode.c", "mm/memory.c")
FILE = "linux/kernel/teapot.c"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    files = catalogue_tree({f"linux/{path}": b"" for path in TREE}, SHIPPED.licences)
    return Catalog(files, SHIPPED.top_folders, "Toy 1.0")


@pytest.mark.parametrize(
    "pasted",
    [
        "https://github.com/torvalds/linux/blob/v1.0/kernel/teapot.c",
        "https://github.com/torvalds/linux/blob/v1.0/kernel/teapot.c#L120-L140",
        "github.com/torvalds/linux/blob/v1.0/kernel/teapot.c",
        "https://raw.githubusercontent.com/torvalds/linux/v1.0/kernel/teapot.c",
        "https://git.kernel.org/pub/scm/linux/kernel/git/history/history.git/tree/kernel/teapot.c?id=12#n120",
        "https://elixir.bootlin.com/linux/1.0/source/kernel/teapot.c#L120",
        "see https://elixir.bootlin.com/linux/1.0/source/kernel/teapot.c#L120.",
        "https://laam.example.org/?path=kernel/teapot.c&t=0.5",
        "http://127.0.0.1:7860/share/linux/kernel/teapot.c",
        "https://example.org/laam/card/linux/kernel/teapot.c.png",
        "file:///usr/src/linux/kernel/teapot.c",
        "/usr/src/linux-1.0/kernel/teapot.c",
        "/home/me/kernel/linux-1.0/kernel/teapot.c",
        "C:\\src\\linux\\kernel\\teapot.c",
        "linux\u2044kernel\u2215teapot.c",
        "\\\\server\\share\\linux\\kernel\\teapot.c",
        "~/linux/kernel/teapot.c",
        "$HOME/linux/kernel/teapot.c",
        "../linux/kernel/teapot.c",
        "a/kernel/teapot.c",
        "--- a/kernel/teapot.c",
        "+++ b/kernel/teapot.c\t1994-03-14",
        "diff --git a/kernel/teapot.c b/kernel/teapot.c",
        "kernel/teapot.c:120",
        "kernel/teapot.c:120:5",
        "kernel/teapot.c:120: warning: unused",
        "In file included from kernel/teapot.c:12:",
        "kernel/teapot.c#L120",
        "kernel/teapot.c(120)",
        "kernel/teapot.c, line 120",
        "kernel/teapot.c +120",
        "vim +120 kernel/teapot.c",
        "git show v1.0:kernel/teapot.c",
        "kernel/teapot.c@v1.0",
        "kernel/teapot.c?plain=1",
        '"kernel/teapot.c"',
        "`kernel/teapot.c`",
        "“kernel/teapot.c”,",
        "«kernel/teapot.c».",
        "<kernel/teapot.c>",
        "[kernel/teapot.c](https://example.org/kernel/teapot.c)",
        "kernel/teapot.c ●",
        "kernel/\u200bteapot.c\u200b",
        "\ufeffkernel/teapot.c",
        "kernel\u00a0/ teapot.c",
        "ｋｅｒｎｅｌ／ｔｅａｐｏｔ．ｃ",
        "kernel%2Fteapot.c",
        "kernel/teapot",
        "kernel/teapot.o",
    ],
)
def test_what_stands_around_a_name_does_not_matter(catalog: Catalog, pasted: str) -> None:
    assert catalog.find(pasted).path == FILE


@pytest.mark.parametrize("pasted", ["<linux/teapot.h>", "#include <linux/teapot.h>", "/usr/include/linux/teapot.h", "linux/teapot.h"])
def test_an_include_is_found_where_it_is(catalog: Catalog, pasted: str) -> None:
    assert catalog.find(pasted).path == "linux/include/linux/teapot.h"


def test_a_whole_path_wins_over_the_end_of_another(catalog: Catalog) -> None:
    assert catalog.find("fs/inode.c").path == "linux/fs/inode.c"
    assert catalog.find("linux/mm/memory.c").path == "linux/mm/memory.c"


@pytest.mark.parametrize(
    ("pasted", "missing", "offered"),
    [
        ("fs/ext4/acl.c", "Toy 1.0 has no fs/ext4", "linux/fs/ext2/acl.c"),
        ("https://github.com/torvalds/linux/blob/master/fs/ext4/acl.c", "Toy 1.0 has no fs/ext4", "linux/fs/ext2/acl.c"),
        ("arch/x86/kernel/irq.c", "Toy 1.0 has no arch", "linux/kernel/irq.c"),
        ("/tmp/teapot.c", "names no file of Toy 1.0", FILE),
        ("kernel/taepot.c", "names no file of Toy 1.0", FILE),
    ],
)
def test_a_file_of_another_kernel_is_told_apart(catalog: Catalog, pasted: str, missing: str, offered: str) -> None:
    with pytest.raises(UnknownFile, match=missing) as caught:
        catalog.find(pasted)
    assert caught.value.suggestions[0] == offered


@pytest.mark.parametrize("pasted", ["COPYING", "linux/Makefile", "drivers/sound/README", "README.legal", "Documentation/x.rst"])
def test_what_holds_no_source_is_said_to_be_that(catalog: Catalog, pasted: str) -> None:
    with pytest.raises(UnknownFile, match="is no source file of Toy") as caught:
        catalog.find(pasted)
    assert caught.value.suggestions == ()


def test_parts_and_folders() -> None:
    assert path_parts("  ") == path_parts("\u200b") == path_parts("./") == []
    assert kernel_folders(["pub", "linux.git", "tree", "fs", "ext4", "x.c"]) == ["fs", "ext4"]
    assert kernel_folders(["x.c"]) == []
