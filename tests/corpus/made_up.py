"""A small made-up source tree; not a line of it is from any kernel."""

from collections.abc import Mapping
from pathlib import Path

TREE = {
    "linux/COPYING": b"Made-up terms for a made-up tree.\n",
    "linux/init/hello.c": (
        b"/* hello.c\n * Copyright (C) 1999 Ada Example (ada@example.org)\n */\nint hello_from_the_test_tree(void)\n{\n\treturn 41;\n}\n"
    ),
    "linux/kernel/teapot.c": b"#include <teapot/spout.h>\n\n\fstatic int teapots_on_the_stove = 7;\nint pour(void)\n{\n\treturn 41;\n}\n",
    "linux/fs/lunch/menu.c": b"int menu_of_the_day(void) { return 3; }",
    "linux/fs/dinner/menu.c": b"",
    "linux/include/linux/teapot.h": b"#define TEAPOT_SPOUTS_IN_STOCK 12\r\n",
}
SOURCES = sorted(path for path in TREE if path != "linux/COPYING")


def write_tree(folder: Path, tree: Mapping[str, bytes] = TREE) -> Path:
    """Write the files of a tree below a folder; gives the folder."""
    for name, data in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
