"""Make recordings before anybody asks for them, while the model is idle."""

import logging
import threading
from collections.abc import Callable, Sequence

from laam.emission.question import Question
from laam.model.model import Model
from laam.serving.jobs import Rank
from laam.serving.recordings import Recordings

IDLE_S = 2.0  # seconds between two looks at whether somebody is there

_log = logging.getLogger(__name__)


class Recorder:
    """Records the files that a model was trained on, one after the other, in a thread that ends when all are there.

    `questions`: one for each file, in the order in which the files are wanted. `wait`: waits so many seconds, or until it is stopped,
    and returns whether it was stopped.
    """

    def __init__(
        self,
        recordings: Recordings,
        model: Model,
        questions: Callable[[], Sequence[Question]],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._recordings, self._model, self._questions = recordings, model, questions
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait

    def start(self) -> None:
        """Begin in the background."""
        threading.Thread(target=self.run, name="recorder", daemon=True).start()

    def stop(self) -> None:
        """End within a moment, giving up a recording that is under way."""
        self._stopped.set()

    def run(self) -> None:
        """Read the recordings on the shelf, then record the missing files. A file that fails is logged and left out."""
        found = self._recordings.load_shelf(self._model)
        missing = [question for question in self._questions() if not self._recordings.find(question, self._model)]
        _log.info("%d recordings were kept; %d are to be made", found, len(missing))
        for question in missing:
            while self._recordings.load.total and not self._stopped.is_set():
                self._wait(IDLE_S)
            if self._stopped.is_set():
                return
            try:
                self._recordings.record(question, self._model, Rank.BACKGROUND, self._stopped)
            except Exception as error:
                _log.warning("%s is not recorded: %r", question.ask.path, error)
