"""The sealed originals as one file for the visitor's browser: what it holds an emission against, and what its page says of each file.

The file is safetensors: `digests` (U64) and `lengths` (U16) of all lines, file after file, and `common` (U64), the digests of
boilerplate, in order. In the header's metadata, `laam` holds as JSON: `format`; `heading` and `receipts`, texts by the names of the
page's fields, as far as they are the same for all files; and `files`, in order, each with `path`, `size`, `lines`, `sha256`, `learned`
(whether the model was trained on it; null if nobody knows), and its own `heading` and `receipts`.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from safetensors.numpy import save

from laam.corpus.lines import COMMON_FILES
from laam.corpus.originals import Originals
from laam.emission import wording
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.emission.receipts import replay_command
from laam.emission.transcript import Transcript
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.serving import fields

FORMAT = "laam-sealed-1"


def seal_for_browser(originals: Originals, model: Model, paths: Iterable[str]) -> bytes:
    """The file for some paths of the catalogue; `originals` must be sealed. The same files and model give the same bytes."""
    sealed = [originals.manifest.original(path) for path in paths]
    headings = [_heading(Ask(one.file.path), model, originals) for one in sealed]
    receipts = [
        {
            "given": wording.given([]),
            "settings": wording.decoding(Decoding()),
            "model_digest": f"{model.name} {model.digest[:12]}…",
            "original_sha256": one.file.sha256,
            "replay": replay_command(Ask(one.file.path, model=model.name)),
        }
        for one in sealed
    ]
    heading, headings = _apart(headings)
    receipt, receipts = _apart(receipts)
    header: dict[str, Any] = {
        "format": FORMAT,
        "heading": heading,
        "receipts": receipt,
        "files": [
            {
                "path": one.file.path,
                "size": one.file.size,
                "lines": one.file.lines,
                "sha256": one.file.sha256,
                "learned": model.learned(one.file) if model.trained_on else None,
                "heading": own_heading,
                "receipts": own_receipts,
            }
            for one, own_heading, own_receipts in zip(sealed, headings, receipts, strict=True)
        ],
    }
    common = sorted(digest for digest, files in originals.manifest.line_files().items() if files > COMMON_FILES)
    tensors: dict[str, np.ndarray] = {
        "digests": np.array([digest for one in sealed for digest in one.digests], np.uint64),
        "lengths": np.array([length for one in sealed for length in one.lengths], np.uint16),
        "common": np.array(common, np.uint64),
    }
    return save(tensors, {"laam": json.dumps(header, separators=(",", ":"), ensure_ascii=False)})


def _heading(ask: Ask, model: Model, originals: Originals) -> dict[str, str]:
    heading = fields.heading(Transcript(question_of(ask, model, originals), originals), model, None)
    return {**heading, "address": replace(ask, model=model.name).to_query()}


def _apart(texts: list[dict[str, str]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What all of them say, and what is each one's own."""
    shared = {name: text for name, text in texts[0].items() if all(other.get(name) == text for other in texts)} if texts else {}
    return shared, [{name: text for name, text in own.items() if name not in shared} for own in texts]
