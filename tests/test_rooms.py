"""The rooms of `laam/`, and the order in which they may use each other."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from laam.extras import TRAIN

LAAM = Path(__file__).resolve().parents[1] / "laam"
SHELF = "shelf"  # the modules beside the rooms, which know of no room
ORDER = (
    SHELF, "corpus", "model", "compare", "emission", "endpoint", "serving", "measure",
    "share", "survey", "exhibit", "train", "twin", "publish", "make",
)  # fmt: skip
"""A room may import the rooms before it."""
NOT_EACH_OTHER = ("exhibit", "train", "twin", "publish")
FILES = sorted(file for file in LAAM.rglob("*.py") if file.name != "__main__.py")


def room_of(module: str) -> str:
    """The room of a module such as `laam.compare.align`."""
    _, *rest = module.split(".")
    return rest[0] if rest and (LAAM / rest[0]).is_dir() else SHELF


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, also inside functions; of `from laam import x`, `laam.x`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            module = node.module or ""
            yield from (f"laam.{alias.name}" for alias in node.names) if module == "laam" else (module,)


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {file.parent.name for file in LAAM.glob("*/__init__.py")}
    assert rooms == set(ORDER) - {SHELF}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LAAM)))
def test_imports_point_down_the_order_only(file: Path) -> None:
    room = room_of(".".join(["laam", *file.relative_to(LAAM).with_suffix("").parts]))
    used = {room_of(module) for module in imports(file) if module.partition(".")[0] == "laam"} - {room}
    before = ORDER[: ORDER.index(room)]
    allowed = set(before) - (set(NOT_EACH_OTHER) if room in NOT_EACH_OTHER else set())
    assert used <= allowed, f"{file.name} of {room} imports {sorted(used - allowed)}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LAAM)))
def test_only_the_exhibit_imports_gradio(file: Path) -> None:
    roots = {module.partition(".")[0] for module in imports(file)}
    if file.parent.name != "exhibit":
        assert not roots & {"gradio", "gradio_client"}
    if file.parent.name in ("corpus", "model", "compare", "emission", "endpoint", "serving"):
        assert not roots & {"fastapi", "starlette"}


def test_the_reader_of_imports_sees_all_kinds(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("import a.b\nfrom c.d import e\nfrom laam import model\ndef f():\n    import g as h\n", "utf-8")
    assert sorted(imports(file)) == ["a.b", "c.d", "g", "laam.model"]


def test_the_server_does_without_pytorch() -> None:
    """It would hold 180 MB for good; and who only serves needn't install it."""
    script = f"import sys; sys.modules.update(dict.fromkeys({TRAIN})); import laam.exhibit.server; print(sys.modules['torch'])"
    done = subprocess.run([sys.executable, "-c", script], cwd=LAAM.parent, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "None\n"
