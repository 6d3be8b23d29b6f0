"""Where the weights of a model folder lie: in one file, or in shards that an index names."""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from laam.faults import brief, short_name
from laam.files import file_sha256

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
REQUIRED = ("config.json", "tokenizer.json")
"""What a model takes beside its weights."""


def weight_files(folder: Path) -> list[Path]:
    """The files with the weights of a model folder, in the order of their names. Raises ValueError if there are none, or one is missing."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        raise ValueError(f"{short_name(folder / WEIGHTS)}: there is no such file{_instead(folder)}")
    files = [folder / name for name in shard_names(folder / INDEX)]
    for file in files:
        if not file.is_file():
            raise ValueError(f"{short_name(folder)} lacks {file.name}, which {INDEX} names; fetch it again")
    return files


def shard_names(index: Path) -> list[str]:
    """The files that an index of shards names. Raises ValueError for an index that can't be read, or that names a file elsewhere."""
    try:
        names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{short_name(index)}: not a readable index of shards: {brief(error)}") from error
    if not names or not all(isinstance(name, str) and name.endswith(".safetensors") and Path(name).name == name for name in names):
        raise ValueError(f"{short_name(index)}: names of .safetensors files beside it are expected")
    return names


def weights_sha256(files: Iterable[Path]) -> str:
    """The sha256 of weights, in hexadecimal: of the file; of shards, of their sha256s in the order of their names, a line each."""
    digests = [file_sha256(file) for file in files]
    return digests[0] if len(digests) == 1 else sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def _instead(folder: Path) -> str:
    """What there is instead, and what to do."""
    if any(folder.glob("*.gguf")):
        return ": GGUF is not read; take the repository that it was made from"
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        return (
            ": weights in pickle files are not read, since they may run code; write them anew with Transformers, "
            "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(OTHER)"
        )
    return "; give 'embedded', a folder with safetensors weights, or the --out folder of 'python -m laam train'"
