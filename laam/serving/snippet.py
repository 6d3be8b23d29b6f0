"""Source to try the continuation with, taken from what the model itself wrote when it was asked for a file: no text is stored for it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from laam.corpus.lines import split_lines
from laam.emission.ask import Ask
from laam.emission.emit import Emitted
from laam.emission.question import question_of
from laam.knobs import SOURCE
from laam.model.model import Model
from laam.serving.services import Services

LINES = 14  # some 130 tokens, of which the embedded model reads 128


@dataclass(frozen=True)
class Snippet:
    """Some lines of the file at `path`, from its beginning or from its middle."""

    path: str
    from_middle: bool = False

    @property
    def label(self) -> str:
        name = self.path.rpartition("/")[2]
        return f"from the middle of {name}" if self.from_middle else f"the first lines of {name}"

    @property
    def query(self) -> str:
        """The query that names it."""
        return urlencode({"path": self.path} | ({"middle": 1} if self.from_middle else {}), safe="/")


def snippet_text(snippet: Snippet, model: Model, services: Services, client: str = "") -> str:
    """The snippet as the model writes it: from the recording of its file, which is made now if there is none. Raises BusyError, and
    ValueError for a model that can't be asked for it."""
    question = question_of(Ask(snippet.path), model, services.originals)
    with services.place(services.running.emissions, question, model, client):
        events = services.recordings.play(question, model).events
        text = "".join(event.text for event in events if isinstance(event, Emitted))
    lines = split_lines(text)
    start = len(lines) // 2 if snippet.from_middle else 0
    return "".join(lines[start : start + LINES])[: SOURCE.limit]
