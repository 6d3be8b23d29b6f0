"""The CTranslate2 form of a model, made at its first use and kept in the cache folder."""

import shutil
import tempfile
from pathlib import Path


def converted_folder(folder: Path, digest: str, cache: Path, quantization: str) -> Path:
    """The CTranslate2 folder of a model, converted into `cache` the first time; `digest`: the sha256 of its weights."""
    target = cache / "ctranslate2" / f"{digest[:16]}-{quantization}"
    if (target / "model.bin").is_file():
        return target
    from laam.model.llama import convert_llama  # imports PyTorch, which isn't needed once the model is converted

    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        convert_llama(folder, temporary, quantization)
        temporary.replace(target)
    except OSError:
        if not (target / "model.bin").is_file():  # if it is there, another process was quicker
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target
