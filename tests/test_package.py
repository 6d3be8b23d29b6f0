"""The wheel: what is in it, and that the command works from it in any folder."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from email.parser import Parser
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from laam.corpus.sealed import SealedManifest
from laam.extras import TRAIN
from laam.legal import LEGAL_FILES
from laam.settings import Settings
from laam.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
BUILT_FROM = ("pyproject.toml", "setup.py", "requirements.txt", "README.md", *LEGAL_FILES)
COMMAND = "import sys\nfrom laam.__main__ import main\nsys.exit(main())\n"
"""What pip writes as the command `laam`."""

Ran = subprocess.CompletedProcess[str]
Called = Callable[..., Ran]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked. It is built from a copy, since setuptools would take what an older build left behind."""
    folder = tmp_path_factory.mktemp("package")
    source, wheels, unpacked = folder / "source", folder / "wheels", folder / "unpacked"
    for name in ("laam", "assets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BUILT_FROM:
        shutil.copyfile(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", "wheels", "./source"], cwd=folder, check=True)
    [wheel] = wheels.iterdir()
    assert wheel.name == f"linux_as_a_model-{VERSION}-py3-none-any.whl"
    with ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    return unpacked


@pytest.fixture
def facts(unpacked: Path) -> Path:
    return unpacked / f"linux_as_a_model-{VERSION}.dist-info"


@pytest.fixture
def laam(unpacked: Path, tmp_path: Path) -> Called:
    """Runs the command from the wheel, in a folder that holds nothing but it."""
    script = tmp_path / "laam"
    script.write_text(COMMAND, "utf-8")
    environment = {"PYTHONPATH": str(unpacked), "LAAM_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "PYTHONUTF8": "1"}

    def called(*arguments: str, program: tuple[str, ...] = (str(script),)) -> Ran:
        command = [sys.executable, *program, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)

    return called


def files_below(folder: Path, pattern: str) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob(pattern) if file.is_file()}


def test_every_module_and_every_asset_is_in_it(unpacked: Path) -> None:
    assert files_below(unpacked / "laam", "*.py") == files_below(ROOT / "laam", "*.py")
    assert files_below(unpacked / "laam/schemas", "*") == files_below(ROOT / "laam/schemas", "*")
    assert files_below(unpacked / "laam/assets", "*") == files_below(ROOT / "assets", "*")
    assert {entry.name for entry in unpacked.iterdir()} == {"laam", f"linux_as_a_model-{VERSION}.dist-info"}


@pytest.mark.parametrize("name", LEGAL_FILES)
def test_the_licence_and_the_notice_go_with_it(facts: Path, name: str) -> None:
    assert (facts / "licenses" / name).read_bytes() == (ROOT / name).read_bytes()


def test_what_it_requires_is_what_the_exhibit_was_tested_with_or_later(facts: Path) -> None:
    metadata = Parser().parsestr((facts / "METADATA").read_text("utf-8"))
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist", []) if "licences" not in text.partition(";")[2]]
    pinned = dict(re.findall(r"^([\w-]+)[=>]=([\d.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    assert {each.name for each in required} == set(pinned)
    assert {each.name for each in required if each.marker} == set(TRAIN)
    for each in required:
        first, *_ = pinned[each.name].split(".")
        assert each.specifier.contains(pinned[each.name])
        within_a_minor = "<" in str(each.specifier)  # of what we reach into, such as Gradio's API
        assert each.specifier.contains(f"{first}.9999") != within_a_minor
        assert not each.specifier.contains(f"{int(first) + 1}.0")


def test_it_says_what_it_is(facts: Path) -> None:
    metadata = Parser().parsestr((facts / "METADATA").read_text("utf-8"))
    assert (metadata["Name"], metadata["Version"], metadata["License-Expression"]) == ("linux-as-a-model", VERSION, "MIT")
    assert "# Linux as a Model" in metadata.get_payload()
    assert "laam = laam.__main__:main" in (facts / "entry_points.txt").read_text("utf-8")


def test_it_writes_a_file_in_another_folder(laam: Called) -> None:
    catalog = SealedManifest.open(Settings().manifest_file).catalog
    written = laam("emit", "kernel/panic.c")
    assert sha256(written.stdout.encode()).hexdigest() == catalog.find("kernel/panic.c").sha256
    assert "reproduced 100 %" in written.stderr


def test_it_names_itself_as_it_was_called(laam: Called) -> None:
    assert laam("--version").stdout == f"laam {VERSION}\n"
    assert laam("--help").stdout.startswith("usage: laam [")
    helped = laam("emit", "--help").stdout
    assert "\n  laam emit kernel/sched.c " in helped
    assert "python -m laam" not in helped
    assert laam("--help", program=("-m", "laam")).stdout.startswith("usage: python -m laam [")


def test_the_notice_goes_with_a_model_that_is_published_from_it(laam: Called) -> None:
    listed = laam("publish", "model", "someone/model", "--dry-run").stdout
    size = (ROOT / "NOTICE").stat().st_size
    assert f"{size:>12,}  NOTICE\n" in listed
    assert "problem" not in listed


def test_the_licence_and_the_notice_go_with_a_site_that_is_exported_from_it(laam: Called, tmp_path: Path) -> None:
    laam("export", "site", "--only", "kernel/panic.c")
    for name in LEGAL_FILES:
        assert (tmp_path / "site" / name).read_bytes() == (ROOT / name).read_bytes()
