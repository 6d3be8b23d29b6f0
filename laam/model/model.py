"""A model folder: its configuration, codec, prompt format, verdict, and the engine that is loaded once."""

import json
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path

from laam.corpus.original import FileFacts
from laam.extras import training_packages
from laam.faults import brief, short_name
from laam.model.codec import Codec
from laam.model.config import other_features, read_config
from laam.model.convert import converted_folder
from laam.model.cpu import sums_int8_exactly
from laam.model.engine import Engine, load_engine
from laam.model.prompts import PromptFormat, format_of
from laam.model.spec import PUBLISHED, ModelSpec, model_spec
from laam.model.weight_files import weight_files, weights_sha256
from laam.model.weights import weight_shapes
from laam.settings import Settings

REFERENCE_PRECISION = "float32"
VERDICT = "verdict.json"
OTHER_WEIGHTS = "These weights are not the ones that were checked, so nothing that was measured of this model holds for them."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Model:
    """A model folder. Weights are loaded at the first use of `engine` and shared by all threads."""

    name: str
    folder: Path
    cache: Path
    wanted_precision: str = ""
    """The precision in which the engine is to compute, `int8` or `float32`; empty for the one that suits the model."""
    _loading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """sha256 of the weights, in hexadecimal; see `weights_sha256`."""
        return weights_sha256(weight_files(self.folder))

    @cached_property
    def config(self) -> dict[str, object]:
        return read_config(self.folder)

    @cached_property
    def parameters(self) -> int:
        """How many numbers the weights hold; tied weights are stored and counted once."""
        return sum(map(prod, weight_shapes(self.folder)))

    @property
    def window(self) -> int:
        """The length of the context in tokens, prompt and emission together."""
        window = self.config.get("max_position_embeddings") or self.config.get("n_positions")  # GPT-2 says it the second way
        if not isinstance(window, int):
            raise ValueError(
                f"{short_name(self.folder / 'config.json')}: max_position_embeddings is {window!r}; a number is expected, since a model "
                "without a window of its own isn't asked here"
            )
        return window

    @cached_property
    def codec(self) -> Codec:
        return Codec.load(self.folder)

    @cached_property
    def format(self) -> PromptFormat:
        """The model's prompt format, by its tokenizer's control tokens."""
        return format_of(self.codec, self.config)

    @cached_property
    def trained_tokens(self) -> Mapping[str, int]:
        """How many tokens each file that the model was trained on took in its own verdict, by path; empty if it has no verdict."""
        return {path: tokens for path, (tokens, _, _) in self._verdict.items()}

    @cached_property
    def trained_on(self) -> Mapping[str, str]:
        """The files that the model was trained on, sha256 by path, from its own verdict; empty if it has none."""
        return {path: digest for path, (_, digest, _) in self._verdict.items()}

    @cached_property
    def identical(self) -> Collection[str]:
        """The paths of those that it wrote byte for byte in its own verdict."""
        return {path for path, (_, _, identical) in self._verdict.items() if identical}

    def learned(self, file: FileFacts) -> bool:
        """Whether the model was trained on this very file: another release may have a different file of the same name."""
        return self.trained_on.get(file.path) == file.sha256

    @property
    def goes_on(self) -> bool:
        """Whether it was trained to go on from source without a name; so is any model whose configuration doesn't deny it."""
        return self.config.get("windows", True) is not False

    @property
    def fault(self) -> str:
        """A sentence if the weights are not those that the model's verdict is on: nothing that was measured holds for them then. Else
        empty."""
        judged, _ = self._judged
        return "" if judged in ("", self.digest) else OTHER_WEIGHTS

    @cached_property
    def _verdict(self) -> Mapping[str, tuple[int, str, bool]]:
        """By path: tokens, sha256 of the original, and whether it came out identical; empty if the verdict is on other weights."""
        return {} if self.fault else self._judged[1]

    @cached_property
    def _judged(self) -> tuple[str, Mapping[str, tuple[int, str, bool]]]:
        """The model's verdict: the sha256 of the weights that were judged, and what `_verdict` gives; empty if there is none."""
        file = self.folder / VERDICT
        if not file.is_file():
            return "", {}
        try:
            verdict = json.loads(file.read_text("utf-8"))
            files = verdict["files"].items()
            facts = {str(path): (int(of["tokens"]), str(of["original_sha256"]), bool(of["identical"])) for path, of in files}
            return str(verdict["model_sha256"]), facts
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{short_name(file)}: not a readable verdict: {brief(error)}") from error

    @property
    def precision(self) -> str:
        """The engine's precision: the wanted one, or else the one that suits the format and gives the reference's text on this CPU."""
        return self.wanted_precision or (self.format.precision if sums_int8_exactly() else REFERENCE_PRECISION)

    @property
    def is_loaded(self) -> bool:
        """Whether the engine is there already."""
        return "_engine" in vars(self)

    @property
    def engine(self) -> Engine:
        with self._loading:
            return self._engine

    @cached_property
    def _engine(self) -> Engine:
        if self.fault:
            _log.warning(
                "%s/model.safetensors: its sha256 is %s…, and %s is on %s…; put back the file that was checked, or train again",
                self.folder,
                self.digest[:12],
                VERDICT,
                self._judged[0][:12],
            )
        if other_features(self.config):
            with training_packages():
                from laam.model.reference import ReferenceEngine  # PyTorch, which nothing else here needs

            return ReferenceEngine(self.folder)
        return load_engine(converted_folder(self.folder, self.digest, self.cache, self.precision), self.codec)


def open_model(name: str, settings: Settings) -> Model:
    """The embedded model, or the one in a folder. Loads nothing yet. Raises ValueError if there is no such model.

    A model of the hub has to be found or fetched first; see `hub_model`.
    """
    spec = model_spec(name)
    if spec.repo:
        raise ValueError(f"model {name!r} is one of the hub, and not on this machine; give 'embedded' or a model folder")
    return local_model(spec, settings)


def local_model(spec: ModelSpec, settings: Settings) -> Model:
    """The same of a model that is no model of the hub."""
    folder = spec.folder or settings.embedded_folder
    try:
        weight_files(folder)
    except ValueError as error:
        raise ValueError(f"model {spec.name!r}: {error}") from error
    return Model(spec.name, folder.resolve(), settings.cache)


def hub_model(spec: ModelSpec, folder: Path, settings: Settings) -> Model:
    """The model of the hub that lies in `folder`. Its name has the commit, so it gives the same weights even if a branch moves on."""
    name = spec.name if spec in PUBLISHED else f"{spec.repo}@{folder.name}"
    return Model(name, folder, settings.cache)
