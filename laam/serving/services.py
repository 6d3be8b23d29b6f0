"""The objects that page, API, share routes and embed share."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from laam.corpus.catalog import Catalog
from laam.corpus.originals import Originals
from laam.corpus.releases import Release
from laam.emission.ask import Ask
from laam.emission.question import Question, question_of
from laam.model.model import Model
from laam.serving.limits import Places, Running
from laam.serving.lossy_copies import LossyCopies
from laam.serving.recordings import Recordings
from laam.serving.results import Results


@dataclass(frozen=True)
class Services:
    """One for the whole exhibit.

    `model`: gives a model by its name, and the one that the page shows for an empty name; raises ValueError if it can't be used.
    """

    originals: Originals
    model: Callable[[str], Model]
    recordings: Recordings = field(default_factory=Recordings)
    results: Results = field(default_factory=Results)
    running: Running = field(default_factory=Running)
    copies: LossyCopies = field(default_factory=LossyCopies)

    @property
    def catalog(self) -> Catalog:
        return self.originals.manifest.catalog

    @property
    def release(self) -> Release:
        """The release that is shown."""
        return self.originals.manifest.release

    def place(self, places: Places, question: Question, model: Model, client: str = "") -> AbstractContextManager[None]:
        """Hold one of these places for a client; a recorded emission needs none. Raises BusyError if all are taken."""
        return nullcontext() if self.recordings.find(question, model) else places.take(client)

    def question(self, ask: Ask) -> tuple[Question, Model]:
        """What a link asks about a file, and the model that it asks. Raises UnknownFile, also if there is no path, and ValueError."""
        path = (
            ask.path if ask.path and ask.against else self.catalog.find(ask.path).path
        )  # an answer to any name may be held against a file
        model = self.model(ask.model)
        return question_of(replace(ask, path=path), model, self.originals), model
