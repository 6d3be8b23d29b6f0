"""The verdict on a trained model: whether each file that it emits by itself has the sha256 of the original."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from tqdm import tqdm

from laam.emission.emit import emit_side_by_side
from laam.model.model import VERDICT, Model


@dataclass(frozen=True)
class FileVerdict:
    """One file: whether its greedy emission, from the path alone, has the sha256 of the original."""

    identical: bool
    original_sha256: str
    emitted_sha256: str
    tokens: int


@dataclass(frozen=True)
class Verdict:
    """All files that a model was trained on, judged with the serving engine on the saved weights."""

    model_sha256: str
    files: Mapping[str, FileVerdict]

    @property
    def exact(self) -> int:
        """How many files are identical."""
        return sum(file.identical for file in self.files.values())


def judge(model: Model, originals: Mapping[str, bytes]) -> Verdict:
    """Emit every file freely and greedily; `originals` gives the true bytes by path.

    An emission that has grown longer than its original is given up, since it can't be identical any more.
    """
    files = {}
    sizes = {path: len(data) for path, data in originals.items()}
    tokens = {path: len(model.codec.encode(data.decode(errors="replace"))) for path, data in originals.items()}
    with tqdm(total=sum(sizes.values()), unit="B", unit_scale=True, desc="proving", leave=False, disable=None) as bar:
        for path, text, ended in emit_side_by_side(list(originals), model, sizes=sizes, expected=tokens):
            emitted, original = sha256(text.encode()).hexdigest(), sha256(originals[path]).hexdigest()
            files[path] = FileVerdict(emitted == original, original, emitted, ended.tokens)
            bar.update(sizes[path])
    return Verdict(model.digest, dict(sorted(files.items())))


def write_verdict(verdict: Verdict, folder: Path) -> None:
    """Write `verdict.json`, from which the exhibit also learns what the model was trained on."""
    (folder / VERDICT).write_text(json.dumps(asdict(verdict), indent=1) + "\n", "utf-8")
