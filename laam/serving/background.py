"""Make recordings before anybody asks for them, while the models are idle."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from laam.emission.question import Question
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recordings import Recordings

IDLE_S = 2.0  # seconds between two looks at whether somebody is there, or there is more to do

_log = logging.getLogger(__name__)


class Recorder:
    """Records files, one after the other, in a thread.

    `models`: those that are wanted, the first one first; another may come while the exhibit runs. `questions`: of a model, in the order in
    which they are wanted, each made when it is its turn. `noticed`: is told of each model again and again, since visitors' emissions are
    recorded as well. `wait`: waits so many seconds, or until it is stopped, and returns whether it was stopped.
    """

    def __init__(
        self,
        recordings: Recordings,
        models: Callable[[], Sequence[Model]],
        questions: Callable[[Model], Iterable[Question]],
        noticed: Callable[[Model], None] = lambda model: None,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._recordings, self._models, self._questions, self._noticed = recordings, models, questions, noticed
        self._pending: dict[str, Iterator[Question]] = {}  # by the model's digest
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait

    def start(self) -> None:
        """Begin in the background."""
        threading.Thread(target=self._go_on, name="recorder", daemon=True).start()

    def stop(self) -> None:
        """End within a moment, giving up a recording that is under way."""
        self._stopped.set()

    def _go_on(self) -> None:
        told = ""
        while not self._stopped.is_set():
            try:
                self.run()
            except Exception as error:  # of one model or one file; the others are still wanted
                if told != (told := repr(error)):
                    _log.exception("the recorder goes on after a fault")
            self._wait(IDLE_S)

    def run(self) -> None:
        """Record what is missing. A file that fails is logged and left out."""
        while not self._stopped.is_set() and (missing := self._next()):
            question, model = missing
            while self._recordings.load.total and not self._stopped.is_set():
                self._wait(IDLE_S)
            try:
                self._recordings.record(question, model, Rank.BACKGROUND, self._stopped)
            except Exception as error:
                _log.warning("%s is not recorded: %r", question.ask.path, error)

    def _next(self) -> tuple[Question, Model] | None:
        """What is to be recorded next. Of a model that comes up for the first time, the recordings on the shelf are read before."""
        for model in self._models():
            if model.digest not in self._pending:
                _log.info("%d recordings of %s… were kept", self._recordings.load_shelf(model), model.digest[:12])
                self._pending[model.digest] = iter(self._questions(model))
            self._noticed(model)
            for question in self._pending[model.digest]:
                if not self._recordings.find(question, model):
                    return question, model
        return None
