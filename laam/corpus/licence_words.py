"""The lines of a source file that are the words of a licence or of a notice: whoever has them may have them from any other file."""

import re
from collections.abc import Iterator
from itertools import groupby

from laam.corpus.notices import comment_lines

_WORDS = re.compile(
    r"\bcopyright|\(c\) ?(?:19|20)\d\d|\blicen[sc]e|\bwarrant(?:y|ies)\b|\bredistribut|\bfree software\b|\ball rights reserved\b"
    r"|\bpublic domain\b|\bpermission (?:is|to)\b|\bliab(?:le|ility)\b|\bGPL\b",
    re.IGNORECASE,
)


def licence_lines(text: str) -> Iterator[int]:
    """The numbers, from 0, of the lines that are comments, in a paragraph with such words."""
    lines_of_text = text.split("\n")
    spoken = ((number, words) for number, words in comment_lines(text) if _letters(words) == _letters(lines_of_text[number - 1]) != [])
    for _, paragraph in groupby(enumerate(spoken), key=lambda pair: pair[1][0] - pair[0]):
        lines = [line for _, line in paragraph]
        if _WORDS.search(" ".join(words for _, words in lines)):
            yield from (number - 1 for number, _ in lines)


def _letters(text: str) -> list[str]:
    return list(filter(str.isalnum, text))
