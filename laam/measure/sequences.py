"""The sequences that a model read in training, from whose beginnings the memorisation score's own paper takes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from laam.model.codec import END_FILE
from laam.model.model import Model
from laam.model.prompts import AddressedFormat, PublishedFormat
from laam.model.segments import segment_samples


@dataclass(frozen=True)
class Sequences:
    """Token ids of each sequence, and the text it is of, by number. `what`: a sequence, in words."""

    what: str
    ids: list[list[int]]
    texts: list[int]


def training_sequences(model: Model, texts: Mapping[str, str]) -> Sequences:
    """The sequences of some files, by path. Of a model whose training isn't known, each file is one, from its beginning on."""
    format_ = model.format
    if isinstance(format_, AddressedFormat):
        found = {path: [sample.ids[:-1] for sample in segment_samples(format_, {path: text}, model.window)] for path, text in texts.items()}
        what = "a segment of a file, with its address, which is among the tokens that are given"
    elif isinstance(format_, PublishedFormat):
        found = {path: _pieces(format_, path, text, model.window) for path, text in texts.items()}
        what = f"a piece of {model.window} tokens of a file; the path stands before the first one, and is given with it"
    else:
        found = {path: [model.codec.encode(text)] for path, text in texts.items()}
        what = "a file, since it isn't known how the model was trained"
    numbered = [(number, ids) for number, of_text in enumerate(found.values()) for ids in of_text]
    return Sequences(what, [ids for _, ids in numbered], [number for number, _ in numbered])


def _pieces(format_: PublishedFormat, path: str, text: str, window: int) -> list[list[int]]:
    ids = [*format_.header_ids(path), *format_.codec.encode(text), format_.codec.control[END_FILE]]
    return [ids[first : first + window] for first in range(0, len(ids), window)]
