"""What the page plays by itself for whoever has asked for nothing: the recorded emission of a file that a model knows."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
        self._making = threading.Lock()
        self._made: tuple[str, ...] = ()
        self._updates: Sequence[dict[str, Any]] = ()

    @property
    def updates(self) -> Sequence[dict[str, Any]]:
        """What the page's script gets, as of a run; empty until it is made."""
        return self._updates

    def make(self, path: str, model: Model, services: Services, note: str = "") -> None:
        """Run the model if there is no recording yet, and keep what its replay is, unless that is kept already. Nothing of it is stored
        elsewhere. `note`: what is said of it, if it isn't of the model that answers."""
        wanted = (path, model.digest, note)
        with self._making:
            if wanted == self._made:
                return
            question = question_of(Ask(path), model, services.originals)
            services.recordings.record(question, model, Rank.PREVIEW)
            played = stream_updates(question, model, services, threading.Event())
            self._updates = [_for_the_page(update, note).as_dict() for update in played]
            self._made = wanted


def _for_the_page(update: Update, note: str) -> Update:
    fields = {name: text for name, text in update.fields.items() if name not in NOT_PLAYED}
    if note and "mode_note" in fields:
        fields["mode_note"] = note
    return replace(update, fields=fields, opening=True, settle="", download="")
