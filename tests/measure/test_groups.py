import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from laam.measure import groups
from laam.measure.atlas import AtlasRow
from laam.measure.groups import Done, Group, by_size, keep_finished, work_through
from tests.measure.test_atlas import row

SIZES = {"linux/a.c": 10, "linux/b.c": 30, "linux/c.c": 20, "linux/d.c": 5, "linux/e.c": 1}
HEAD = {"weights_sha256": "ab", "tree": "cd"}


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUP_FILES", 2)


def worked(out: Path, *, most: int = 9, head: dict[str, str] = HEAD, planned: Sequence[Group] | None = None) -> list[str]:
    """Work through all groups, but be stopped after so many. Gives the paths that were surveyed now; what is made has all."""
    surveyed: list[str] = []
    planned = by_size(SIZES) if planned is None else planned

    def survey(group: Group) -> list[AtlasRow]:
        nonlocal most
        if not most:
            raise KeyboardInterrupt
        most -= 1
        surveyed.extend(path for path, _ in group.asked)
        return [row(path) for path, _ in group.asked]

    def finish(done: Done, processes: int) -> int:
        out.write_text(" ".join(row.path for number in range(len(planned)) for row in done[number]), "utf-8")
        return processes

    with suppress(KeyboardInterrupt):
        assert work_through(planned, survey, finish, out, head=head, name="toy", sizes=SIZES) == 1
    return surveyed


def test_the_longest_files_come_first() -> None:
    asked = [[path for path, original in group.asked if path == original] for group in by_size(SIZES, 5)]
    assert asked == [["linux/b.c", "linux/c.c"], ["linux/a.c", "linux/d.c"], ["linux/e.c"]]
    assert {group.bits for group in by_size(SIZES, 5)} == {5}


@pytest.mark.parametrize("torn", ["", '{"group": 3, "ro'])
def test_a_killed_run_goes_on(torn: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "toy.json"
    assert worked(out, most=2) == ["linux/b.c", "linux/c.c", "linux/a.c", "linux/d.c"]
    assert not out.exists()
    with (partial := out.with_name("toy.json.partial-0")).open("a", encoding="utf-8") as lines:
        lines.write(torn)
    assert keep_finished(out) == [partial]
    assert worked(out) == ["linux/e.c"]
    assert out.read_text("utf-8").split() == ["linux/b.c", "linux/c.c", "linux/a.c", "linux/d.c", "linux/e.c"]
    assert [file.name for file in out.parent.iterdir()] == ["toy.json"]


def test_a_run_that_finished_nothing_leaves_nothing(tmp_path: Path) -> None:
    worked(tmp_path / "toy.json", most=0)
    assert keep_finished(tmp_path / "toy.json") == list(tmp_path.iterdir()) == []


def test_groups_that_another_process_finished_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "toy.json"
    worked(out, most=1)
    (tmp_path / "toy.json.partial-0").rename(tmp_path / "toy.json.partial-7")
    assert worked(out) == ["linux/a.c", "linux/d.c", "linux/e.c"]
    assert len(out.read_text("utf-8").split()) == len(SIZES)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"head": HEAD | {"weights_sha256": "other"}}, "weights_sha256"),
        ({"head": HEAD | {"tree": "other"}}, "tree"),
        ({"planned": by_size(SIZES, 6)}, "plan"),
    ],
)
def test_the_partial_file_of_another_run_is_refused(other: dict[str, object], named: str, tmp_path: Path) -> None:
    out = tmp_path / "toy.json"
    worked(out, most=1)
    before = (tmp_path / "toy.json.partial-0").read_text("utf-8")
    with pytest.raises(ValueError, match=f"toy.json.partial-0: was begun with another {named}; give another --out, or delete it"):
        worked(out, **other)  # type: ignore[arg-type]
    assert (tmp_path / "toy.json.partial-0").read_text("utf-8") == before


def test_a_partial_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "toy.json"
    worked(out, most=1)
    with (tmp_path / "toy.json.partial-0").open("a", encoding="utf-8") as partial:
        partial.write(json.dumps({"group": 1, "rows": [["linux/a.c"]]}) + "\n")
    with pytest.raises(ValueError, match="not what a run left"):
        worked(out)
