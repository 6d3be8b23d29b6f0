"""What a visitor is told of a fault: a sentence, and no folder of the machine."""

import logging
import re

from laam.corpus.catalog import UnknownFile

_FOLDER = re.compile(r"(?<![\w:/.])/(?:(?!://)[^\n])*/")
"""An absolute path up to its last slash; blanks may stand in it. What stands behind `http:` is none."""
_log = logging.getLogger(__name__)


def for_visitors(error: Exception | str) -> str:
    """The sentence of an error, with the names of files, but not of their folders; the log has it whole."""
    whole = str(error)
    if isinstance(error, UnknownFile):  # it repeats what the visitor typed, and names files of the release
        return whole
    said = _FOLDER.sub("", whole)
    if said != whole:
        _log.warning("%r", whole)  # a visitor's text may be in it, with newlines
    return said
