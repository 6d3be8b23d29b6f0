"""A survey that is open: its rows and its table as they are now, and its files' originals."""

import threading
from pathlib import Path

from laam.measure.arguments import SEED
from laam.settings import SURVEY_FILE, Settings
from laam.survey.asked import ROWS, Survey, read_survey
from laam.survey.plan import EXHIBIT, FileChoice
from laam.survey.table import Table, table_of
from laam.survey.texts import Corpus, SurveyFile, read_corpus


class OpenSurvey:
    """A survey's folder that is shown, read again when a run has written to it. Safe under several threads."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._lock = threading.Lock()
        self._state: tuple[int, ...] = ()
        self._now: tuple[Survey, Table] | None = None
        self._corpus: Corpus | None = None
        self.now()

    def now(self) -> tuple[Survey, Table]:
        """The survey as it is now, and its table. Raises ValueError if it can't be read."""
        with self._lock:
            files = [file for name in (SURVEY_FILE, ROWS) if (file := self._folder / name).exists()]
            state = tuple(number for file in files for number in (file.stat().st_mtime_ns, file.stat().st_size))
            if self._now is None or state != self._state:
                survey = read_survey(self._folder)
                self._now, self._corpus, self._state = (survey, table_of(survey)), None, state
            return self._now

    def file(self, path: str, sha256: str) -> SurveyFile:
        """A file of the survey. Raises ValueError, which says why, if its original isn't at hand."""
        asked = self.now()[0].asked
        with self._lock:
            if self._corpus is None:
                self._corpus = read_corpus(self._choice(asked.source, asked.manifest), self._settings)
            found = next((file for file in self._corpus.files if (file.path, file.sha256) == (path, sha256)), None)
        if found is None:
            raise ValueError(f"{path} isn’t there any more, or is another file by now")
        return found

    def _choice(self, source: str, manifest: str) -> FileChoice:
        where = manifest if manifest in ("", EXHIBIT) else str(self._folder / manifest)
        return FileChoice(self._folder / source if source else None, where, (), (), "", 0, SEED)
