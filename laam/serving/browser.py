"""The sealed originals as one file for the visitor's browser: what it holds an emission against, and what its page says of each file.

The file is safetensors: `digests` (U64) and `lengths` (U16) of all lines, file after file, and `common` (U64), the digests of
boilerplate, in order. In the header's metadata, `laam` holds as JSON: `format`; the name of the `release` and of the `model`, and its
`model_digest` as the page has it; `max_tokens`, the default; the declared `measures`; `whole`, whether these are all files of the release;
`heading`, texts by the names of the page's fields, as far as they are the same for all files, and `unlocated`, the same texts for source
that points to no file; and `files`, in order, each with `path`, `size`, `lines`, `sha256`, `learned` (whether the model was trained on it;
null if nobody knows), `limit` (the most tokens of a strip, see `laam.serving.forgetting`), and its own `heading`.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from safetensors.numpy import save

from laam.compare.lead import Lead
from laam.compare.measures import OF_DIGESTS
from laam.corpus.lines import COMMON_FILES
from laam.corpus.originals import Originals
from laam.emission.ask import Ask
from laam.emission.question import Question, question_of
from laam.emission.transcript import Transcript
from laam.knobs import MAX_TOKENS
from laam.model.model import Model
from laam.serving import fields
from laam.serving.forgetting import limit_of

FORMAT = "laam-sealed-2"


def seal_for_browser(originals: Originals, model: Model, paths: Iterable[str]) -> bytes:
    """The file for some paths of the catalogue; `originals` must be sealed. The same files and model give the same bytes."""
    sealed = [originals.manifest.original(path) for path in paths]
    heading, headings = _apart([_heading(question_of(Ask(one.file.path), model, originals), model, originals) for one in sealed])
    header: dict[str, Any] = {
        "format": FORMAT,
        "release": originals.manifest.release.title,
        "model": model.name,
        "model_digest": f"{model.name} {model.digest[:12]}…",
        "max_tokens": MAX_TOKENS.default,
        "measures": [{name: getattr(measure, name) for name in ("name", "label", "meaning", "unit")} for measure in OF_DIGESTS],
        "whole": len(sealed) == len(originals.manifest.catalog),
        "heading": heading,
        "unlocated": _heading(Question(Ask(source="x"), leads=[Lead("x")]), model, originals),
        "files": [
            {
                **{name: getattr(one.file, name) for name in ("path", "size", "lines", "sha256")},
                "learned": model.learned(one.file) if model.trained_on else None,
                "limit": limit_of(one, model),
                "heading": own_heading,
            }
            for one, own_heading in zip(sealed, headings, strict=True)
        ],
    }
    common = sorted(digest for digest, files in originals.manifest.line_files().items() if files > COMMON_FILES)
    tensors: dict[str, np.ndarray] = {
        "digests": np.array([digest for one in sealed for digest in one.digests], np.uint64),
        "lengths": np.array([length for one in sealed for length in one.lengths], np.uint16),
        "common": np.array(common, np.uint64),
    }
    return save(tensors, {"laam": json.dumps(header, separators=(",", ":"), ensure_ascii=False)})


def _heading(question: Question, model: Model, originals: Originals) -> dict[str, str]:
    heading = fields.heading(Transcript(question, originals), model, None)
    return {**heading, "address": replace(question.ask, model=model.name).to_query()}


def _apart(texts: list[dict[str, str]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What all of them say, and what is each one's own."""
    shared = {name: text for name, text in texts[0].items() if all(other.get(name) == text for other in texts)} if texts else {}
    return shared, [{name: text for name, text in own.items() if name not in shared} for own in texts]
