import json
from pathlib import Path

import pytest

from laam.rows import Rows
from laam.version import VERSION


def test_each_row_is_a_line_that_says_its_format_and_version(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "new" / "rows.jsonl", "laam-x-1")
    assert not rows.file.parent.exists()
    assert rows.read() == []
    rows.add({"file": "a.c"})
    rows.add({"file": "b.c"})
    lines = [json.loads(line) for line in rows.file.read_text("utf-8").splitlines()]
    assert lines == rows.read() == [{"format": "laam-x-1", "laam": VERSION, "file": name} for name in ("a.c", "b.c")]


def test_half_a_row_is_passed_over_and_the_next_is_whole(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "rows.jsonl", "laam-x-1")
    rows.add({"number": 1})
    with rows.file.open("ab") as file:
        file.write(b'{"format": "laam-x-1", "numb')
    rows.add({"number": 2})
    assert [row["number"] for row in Rows(rows.file, "laam-x-1").read()] == [1, 2]
    rows.file.write_bytes(b'{"for')
    Rows(rows.file, "laam-x-1").add({"number": 3})
    assert [row["number"] for row in rows.read()] == [3]


def test_rows_of_another_format_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    Rows(file, "laam-x-1").add({"number": 1})
    Rows(file, "laam-y-1").add({"number": 2})
    assert [row["number"] for row in Rows(file, "laam-y-1").read()] == [2]
    assert len(file.read_text("utf-8").splitlines()) == 2


def test_a_file_of_something_else_is_refused_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("# read me\n", "utf-8")
    with pytest.raises(ValueError, match=r"--rows .*README\.md: is something else than JSON lines"):
        Rows(file, "laam-x-1")
    with pytest.raises(ValueError, match=r"--out .*: is a folder"):
        Rows(tmp_path, "laam-x-1", "--out")
    assert file.read_text("utf-8") == "# read me\n"
    file.write_bytes(b"")
    Rows(file, "laam-x-1").add({"number": 1})
    assert len(Rows(file, "laam-x-1").read()) == 1
