import sys

import pytest

from laam.__main__ import main
from laam.extras import TRAIN, MissingExtraError, training_packages
from laam.settings import Settings


@pytest.mark.parametrize("package", TRAIN)
def test_a_missing_package_is_said_with_the_ways_to_install_it(package: str) -> None:
    with pytest.raises(MissingExtraError, match=f"^this needs {package}, ") as caught, training_packages():
        raise ModuleNotFoundError(name=f"{package}.utils")
    assert 'pip install "linux-as-a-model[train]"' in str(caught.value)
    assert "pip install -r requirements.txt" in str(caught.value)


@pytest.mark.parametrize("name", ["laam.nothing", "torchvision", None])
def test_any_other_missing_module_is_a_fault_of_the_program(name: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), training_packages():
        raise ModuleNotFoundError(name=name)


def test_a_command_that_needs_one_says_so_in_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "accelerate", None)
    assert main(["atlas"], settings) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("error: this needs accelerate, ")
