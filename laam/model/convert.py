"""The CTranslate2 form of a model, made at its first use and kept in the cache folder."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache as once
from pathlib import Path

from laam.faults import TOO_LITTLE_MEMORY, lacks_memory, shortened
from laam.files import file_sha256

SUMS = "sha256sums"
"""Beside a converted model: the sha256 of each of its files, by which it is proven before it is used."""

_CONVERT = "import sys; sys.modules['torch'] = None; from laam.model.llama import main; sys.exit(main(*sys.argv[1:]))"

_log = logging.getLogger(__name__)


def converted_folder(folder: Path, digest: str, cache: Path, quantization: str) -> Path:
    """The CTranslate2 folder of a model, converted into `cache` the first time; `digest`: the sha256 of its weights.

    What lies there and isn't whole is made anew. If nothing can be kept in `cache`, the model is converted into a temporary folder,
    and the log says so. Raises ValueError, for the page, if there is no room for it anywhere.
    """
    target = cache / "ctranslate2" / f"{digest[:16]}-{quantization}"
    try:
        return target if _is_whole(target) else _convert(folder, target, quantization)
    except OSError as error:
        if lacks_memory(error):
            raise ValueError(TOO_LITTLE_MEMORY) from error
        _log.warning("the converted model is not kept (%s): LAAM_CACHE names another folder for it", _reason(error))
    try:
        return _convert(folder, Path(_temporary().name) / target.name, quantization)
    except OSError as error:
        raise ValueError(
            f"the model can't be converted, since there is no folder to write it to ({_reason(error)}): "
            "point LAAM_CACHE to one with some room"
        ) from error


def remove_temporary() -> None:
    """Remove what could not be kept in a cache folder."""
    if _temporary.cache_info().currsize:
        _temporary().cleanup()
        _temporary.cache_clear()


def _convert(folder: Path, target: Path, quantization: str) -> Path:
    """Convert into `target`, which appears whole or not at all. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        if "torch" in sys.modules:
            from laam.model.llama import convert_llama

            convert_llama(folder, temporary, quantization)
        else:
            convert_apart(folder, temporary, quantization)
        (temporary / SUMS).write_text("".join(f"{file_sha256(file)}  {file.name}\n" for file in sorted(temporary.iterdir())), "utf-8")
        if target.exists() and not _is_whole(target):
            _log.warning("a converted model in the cache was not whole: it is made anew")
            shutil.rmtree(target)
        temporary.replace(target)
    except OSError:
        if not _is_whole(target):  # if it is, another process was quicker
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def convert_apart(folder: Path, target: Path, quantization: str) -> None:
    """Do what `convert_llama` does in a process of its own, which hides PyTorch: CTranslate2's specifications import it if it is there, and
    with it they take 1.9 s and 265 MB instead of 0.3 s and 77 MB, of which 180 MB would stay in this process for good.

    Raises as it does, and ValueError if the process ends without a word, or has too little memory.
    """
    command = [sys.executable, "-c", _CONVERT, str(folder.resolve()), str(target.resolve()), quantization]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        command, env={**os.environ, **paths}, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode == 0:
        return
    try:
        number, reason = json.loads(done.stdout)
    except ValueError:
        said = shortened(done.stderr.strip().rpartition("\n")[2]) or f"its process ended with {done.returncode}"
        raise ValueError(TOO_LITTLE_MEMORY if lacks_memory(said) else f"the model can't be converted: {said}") from None
    raise OSError(number, reason) if number else ValueError(reason)


def _is_whole(folder: Path) -> bool:
    """Whether all files of a converted model are there, with the bytes that were written."""
    try:
        if not all(file.is_file() for file in folder.iterdir()):  # a pipe would keep whoever reads it waiting
            return False
        sums = dict(line.split("  ", 1)[::-1] for line in (folder / SUMS).read_text("utf-8").splitlines())
        return "model.bin" in sums and all(file_sha256(folder / name) == sha256 for name, sha256 in sums.items())
    except (OSError, ValueError):
        return False


@once
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="laam-")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
