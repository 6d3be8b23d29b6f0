"""What the page plays by itself for whoever has asked for nothing: the recorded emission of the shortest example."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import question_of
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.services import Services
from laam.serving.updates import Update, stream_updates

NOT_PLAYED = ("address", "announcement")  # nobody asked for it: the address stays, and it isn't read out


class Opening:
    """The opening's updates, once they are made. Safe under several threads."""

    def __init__(self) -> None:
        self._updates: Sequence[dict[str, Any]] = ()

    @property
    def updates(self) -> Sequence[dict[str, Any]]:
        """What the page's script gets, as of a run; empty until it is made."""
        return self._updates

    def make(self, model: Model, services: Services) -> None:
        """Run the model if there is no recording yet, and keep what its replay is. Nothing of it is stored elsewhere."""
        question = question_of(Ask(opening_file(services.originals.manifest).path), model, services.originals)
        services.recordings.record(question, model, Rank.PREVIEW)
        played = stream_updates(question, model, services, threading.Event())
        self._updates = [_for_the_page(update).as_dict() for update in played]


def example_files(manifest: SealedManifest) -> list[SourceFile]:
    """The files that the page offers to try."""
    files = manifest.catalog.files
    return [file for path in manifest.examples if (file := files.get(f"linux/{path}"))] or list(files.values())[:1]


def opening_file(manifest: SealedManifest) -> SourceFile:
    """The file that is played, and that the page's field holds at first: the shortest example."""
    return min(example_files(manifest), key=lambda file: file.lines)


def _for_the_page(update: Update) -> Update:
    fields = {name: text for name, text in update.fields.items() if name not in NOT_PLAYED}
    return replace(update, fields=fields, opening=True, settle="", download="")
