"""What the exhibit shows to whoever has asked for nothing, by what its models were seen to do; and what is recorded for that."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from laam.corpus.catalog import SourceFile
from laam.emission.ask import Ask
from laam.emission.naming import model_in_words
from laam.emission.question import Question, question_of
from laam.measure.offers import Offers, inviting
from laam.measure.seen import Seen
from laam.model.chooser import ModelChooser
from laam.model.model import Model
from laam.model.spec import EMBEDDED
from laam.serving.forgetting import BITS, steps_of
from laam.serving.opening import Opening
from laam.serving.services import Services

_log = logging.getLogger(__name__)
BYTES_A_TOKEN = 2.5  # of C, about: the files that may fit into a window are recorded first


@dataclass(frozen=True)
class First:
    """`played`: the opening, which follows what is known."""

    chooser: ModelChooser
    services: Services
    seen: Seen
    played: Opening

    def offers(self, model: Model) -> Offers:
        """The files to try with a model."""
        return Offers(self.seen.of(model).values(), self.services.release, self.services.catalog.files)

    def file(self, model: Model) -> SourceFile:
        """The file of a model that is asked for nothing."""
        return self.offers(model).first

    def opening(self) -> tuple[Model, SourceFile]:
        """The model that is played, and what: the one that answers, or the exhibit's own until something is known of that one."""
        shown, own = self.chooser.current().model, self.chooser.get(EMBEDDED.name).model
        for model in (shown, own):
            if file := self.offers(model).opening:
                return model, file
        return shown, self.file(shown)

    def look(self, model: Model) -> None:
        """Take in what was recorded of a model, and let the opening follow."""
        self.seen.look(model)
        played, file = self.opening()
        shown = self.chooser.current().model
        names = [model_in_words(each.name) for each in (played, shown)]
        note = "" if played == shown else "of {}: nothing to show is known of {} yet".format(*names)
        self.played.make(file.path, played, self.services, note)

    def questions(self, model: Model) -> Iterator[Question]:
        """One for each file that the model may know, in the order in which they are wanted: what may fit into its window and so come whole,
        the release's examples, the opening's with fewer bits, and, unless nothing has come of all those, the rest."""
        room = 0 if model.format.has_segments else model.window * BYTES_A_TOKEN
        known = [file for file in self.services.catalog if model.learned(file) or not model.trained_on]
        short = sorted((file for file in known if file.size <= room), key=inviting)
        wanted = dict.fromkeys([*short, *(file for file in self.offers(model).examples if file in known)])
        yield from self._questions_of(wanted, model)
        played, opening = self.opening()
        if played == model:
            yield from (step.question for step in steps_of(BITS, question_of(Ask(opening.path), model, self.services.originals), model))
        if self.offers(model).opening:
            yield from self._questions_of((file for file in known if file not in wanted), model)

    def _questions_of(self, files: Iterable[SourceFile], model: Model) -> Iterator[Question]:
        """One for each file for which the model can be asked."""
        for file in files:
            try:
                yield question_of(Ask(file.path), model, self.services.originals)
            except ValueError as error:
                _log.warning("%s is not recorded: %s", file.path, error)
