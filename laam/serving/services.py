"""What page, API, share routes and embed work on together."""

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
from laam.serving.recordings import Recordings
from laam.serving.results import Results


@dataclass(frozen=True)
class Services:
    """One for the whole exhibit.

    `model`: a model by its name, the one that the page shows for an empty name; raises ValueError for one that can't be had.
    """

    originals: Originals
    model: Callable[[str], Model]
    recordings: Recordings = field(default_factory=Recordings)
    results: Results = field(default_factory=Results)
    running: Running = field(default_factory=Running)

    @property
    def catalog(self) -> Catalog:
        return self.originals.manifest.catalog

    @property
    def release(self) -> Release:
        """The release that is shown."""
        return self.originals.manifest.release

    def place(self, places: Places, question: Question, model: Model) -> AbstractContextManager[None]:
        """One of these places, for as long as it is held; none is needed for what was recorded. Raises BusyError where all are taken."""
        return nullcontext() if self.recordings.find(question, model) else places.take()

    def question(self, ask: Ask) -> tuple[Question, Model]:
        """What a link asks about a file, and of which model. Raises UnknownFile, also without a path, and ValueError."""
        path = self.catalog.find(ask.path).path
        model = self.model(ask.model)
        return question_of(replace(ask, path=path), model, self.originals), model
