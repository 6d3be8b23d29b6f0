from laam.corpus.catalog import catalogue_tree
from laam.corpus.licence_list import count_licences, licence_list, licence_table
from laam.corpus.linux_1_0_licences import TABLE

TREE = {
    "linux/pot.c": b"int pot;\n",
    "linux/lid.c": b"int lid;\n",
    "linux/tea/a.c": b"/* Poured under the GPL. */\n",
    "linux/tea/b.c": b"/* Poured under the GPL. */\n",
    "linux/tools/version.c": b"int pot;\n",
}

FILES = catalogue_tree(TREE, TABLE)


def test_licences_are_counted_the_most_frequent_first() -> None:
    assert count_licences(FILES) == [("GPL-1.0-or-later", 2), ("GPL-2.0-only", 2), ("LicenseRef-as-part-of-Linux", 1)]


def test_the_list_names_all_files_but_those_of_the_release_s_own_licence() -> None:
    assert licence_list(FILES, TABLE) == (
        "    2  GPL-1.0-or-later: GPL, no version named\n       tea/{a.c, b.c}\n"
        "    2  GPL-2.0-only: GPL-2\n       all others\n"
        "    1  LicenseRef-as-part-of-Linux: own terms (distributed as part of Linux)\n       tools/version.c\n"
        "\nNot settled:\n\n"
        "  the 2 files whose GPL-2.0-only is the release's own: COPYING has version 2 of\n"
        "    the GPL, and no word on whether later versions may be chosen; by section 9\n"
        "    the recipient may choose any if a program names no version, and whether\n"
        "    COPYING names one for these files is not settled\n"
        "  tools/version.c: the file may be distributed as part of Linux; whether\n    COPYING covers it beside that, it doesn't say"
    )


def test_the_table_is_markdown() -> None:
    assert "\n| `GPL-2.0-only` | GPL-2 | 2 |\n" in licence_table(FILES, TABLE)
