"""Syntax colours, line by line: a few semantic spans, the same whether a file comes whole or as a stream.

A line's colours depend only on the line and on the state in which the line before ended (inside a comment, a directive, a string). So
the cost is linear, equal lines are remembered, and nothing that a stream has shown changes later.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from pygments.lexer import RegexLexer
from pygments.lexers.asm import GasLexer
from pygments.lexers.c_cpp import CLexer
from pygments.token import Comment, Keyword, Name, _TokenType
from pygments.token import Literal as LiteralToken

from laam.compare.languages import Stack, lex_line, lexer_name

CACHED_LINE = 100  # characters; longer lines are not remembered, or else some requests could fill the memory
ROW_CHARACTERS = 200  # about what a row has around the HTML of its line
LONG_WORD = 64  # characters; a longer word is no keyword
LONG_LINE = 2_000  # characters; a longer line stays uncoloured, since the lexers' patterns are not linear

Language = str
"""`c`, `asm`, `plain`, or else a file's name, for which Pygments has a lexer."""
C_SUFFIXES = frozenset((".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".hxx", ".h++"))
_ESCAPES = {character: f"&#{ord(character)};" for character in "\"'`${}"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they would change the order in which a text is shown
_CONTROLS = (
    {chr(code): chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
    | {"\x7f": "\u2421"}
    | dict.fromkeys(_TURNS, "\u2426")
)
_TEXT_TABLE = str.maketrans(_ESCAPES)
_LINE_TABLE = str.maketrans(_ESCAPES | {character: f'<span class="ctl">{picture}</span>' for character, picture in _CONTROLS.items()})
_SHOWN_TABLE = str.maketrans(_CONTROLS)


def escape(text: str) -> str:
    """Text as HTML, for content and quoted attributes.

    `html.escape` would be enough for HTML alone. This one also escapes `$`, braces and backticks: the page is a `gr.HTML`, whose
    templates interpret `${…}` and `{{…}}`, and no text of a model or a file may become part of one, wherever a row is put.
    """
    return text.translate(_TEXT_TABLE)


def shown(line: str) -> str:
    """The text that a line's HTML shows: without its newline, and with control characters, except the tab, as their pictures (U+2400…)."""
    return line.removesuffix("\n").translate(_SHOWN_TABLE)


class LineHighlighter:
    """Colours the lines of one file as they come. The name in `path` decides the language."""

    def __init__(self, path: str) -> None:
        self._language = language_of(path)
        self.state = State()
        """In which the next line begins."""

    def feed(self, lines: Iterable[str]) -> list[str]:
        """The HTML of the next lines, one string for each, without newlines; unescaped and untagged it is `shown(line)`.

        Comments are `<i>`, keywords and types `<b>`, directives `<u>`, strings and numbers `<span class="st">`, pictures of control
        characters `<span class="ctl">`. Works for any text.
        """
        found = []
        for line in lines:
            highlight = _highlight_line_cached if len(line) <= CACHED_LINE else _highlight_line
            line_html, self.state = highlight(line.removesuffix("\n"), self.state, self._language)
            found.append(line_html)
        return found


def highlight_lines(lines: Iterable[str], path: str) -> list[str]:
    """The HTML of a whole file's lines; see LineHighlighter."""
    return LineHighlighter(path).feed(lines)


def highlight_first(lines: Iterable[str], path: str, characters: int) -> list[str]:
    """The HTML of the first lines, as many as have no more than `characters` characters of it, ROW_CHARACTERS more for each."""
    highlighter, found, left = LineHighlighter(path), list[str](), characters
    for line in lines:
        found += highlighter.feed([line])
        left -= len(found[-1]) + ROW_CHARACTERS
        if left < 0:
            return found[:-1]
    return found


def language_of(path: str) -> Language:
    """The language of a file, by its name."""
    file = PurePosixPath(path)
    suffix = file.suffix.lower()
    if suffix == ".s":
        return "asm"
    if suffix in C_SUFFIXES:
        return "c"
    # All files of a kind are one language, so that their equal lines are remembered together.
    kind = f"x{suffix}" if suffix else file.name
    return "plain" if lexer_name(kind) in ("", "text") else kind


class State(NamedTuple):
    """The state in which the next line begins. A directive can hold an open comment or string. `stack`: of a language of Pygments."""

    comment: bool = False
    directive: bool = False
    string: bool = False
    stack: Stack = ()


# One step of the scan over a line that is not inside a comment. A string that is not closed ends with its line.
_STEP = re.compile(
    r"""(?P<comment>/\*)|(?P<rest>//)|(?P<string>"(?:\\.|[^"\\])*(?:"|\\?\Z)|'(?:\\.|[^'\\])+')|(?P<code>[^/"'\s]+|\s+|.)""", re.DOTALL
)
# The same after a `'` that nothing closes: nothing closes another one either, and to look for its end each time would take for ever.
_STEP_UNCLOSED = re.compile(_STEP.pattern.replace(r"""|'(?:\\.|[^'\\])+'""", ""), re.DOTALL)
_STRING_END = re.compile(r"""(?:\\.|[^"\\])*(?:"|\\?\Z)""", re.DOTALL)
_DIRECTIVE = re.compile(r"[^\S\n]*#")
_WORD = re.compile(r"\w")
_ATOM = re.compile(r"[\w.]+|[^\w.]+")  # what a number or a word is in, or the text between
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]+|[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?:[eE][0-9]+)?)[uUlLfF]*")
_ASM_DIRECTIVE = re.compile(r"[^\S\n]*#\s*(?:define|undef|include|if|ifdef|ifndef|else|elif|endif|error|line|pragma)\b")
_ASM_COMMENT = re.compile(r"(?:^|(?<=\s))[!|#]")  # of as86 and gas


def _highlight_line(line: str, state: State, language: Language) -> tuple[str, State]:
    if language == "plain":
        return line.translate(_LINE_TABLE), State()
    if language not in ("c", "asm"):
        parts, stack = lex_line(line, language, state.stack)
        return "".join(_tag(tag, text) for tag, text in parts), State(stack=stack)
    pieces, after = _scan(line, state, language)
    directive = after.directive or state.directive or _starts_directive(line, state, language)
    html: list[str] = []
    for kind, text in pieces:
        if kind == "code" and not directive and len(line) <= LONG_LINE and _WORD.search(text):
            html.extend(_tag(tag, value) for tag, value in _lex(text, language))
        else:
            html.append(_tag({"comment": "i", "string": "" if directive else "st"}.get(kind, ""), text))
    return (f"<u>{''.join(html)}</u>" if directive and html else "".join(html)), after


_highlight_line_cached = lru_cache(maxsize=16_384)(_highlight_line)


def _starts_directive(line: str, state: State, language: Language) -> bool:
    pattern = _DIRECTIVE if language == "c" else _ASM_DIRECTIVE
    return state == State() and pattern.match(line) is not None


def _scan(line: str, state: State, language: Language) -> tuple[list[tuple[str, str]], State]:
    """The line as code, comments and strings, in order, and the state in which it ends."""
    directive = state.directive or _starts_directive(line, state, language)
    comment = string = False
    pieces: list[tuple[str, str]] = []
    code: list[str] = []

    def close(kind: str, text: str) -> None:
        if code:
            pieces.append(("code", "".join(code)))
            code.clear()
        pieces.append((kind, text))

    at, step = 0, _STEP
    if state.comment:
        at, comment = _comment_end(line, 0)
        close("comment", line[:at])
    elif state.string and (match := _STRING_END.match(line)):
        at = match.end()
        string = _is_open(line[:at])
        close("string", line[:at])
    while at < len(line):
        if language == "asm" and not directive and _ASM_COMMENT.match(line, at):
            close("comment", line[at:])
            break
        match = step.match(line, at)
        assert match is not None  # the last alternative takes any character
        if match["comment"]:
            end, comment = _comment_end(line, at + 2)
            close("comment", line[at:end])
        elif match["rest"]:
            end = len(line)
            close("comment", line[at:])
        elif match["string"]:
            end = match.end()
            string = match["string"][0] == '"' and _is_open(match["string"][1:])
            close("string", match["string"])
        else:
            end = match.end()
            code.append(match["code"])
            if match["code"] == "'" and line[end : end + 1] != "'":
                step = _STEP_UNCLOSED
        at = end
    if code:
        pieces.append(("code", "".join(code)))
    goes_on = line.endswith("\\") or comment
    return pieces, State(comment, directive and goes_on, string)


def _comment_end(line: str, at: int) -> tuple[int, bool]:
    """Where a comment's text ends in the line, and whether the comment is still open there."""
    end = line.find("*/", at)
    return (len(line), True) if end < 0 else (end + 2, False)


def _is_open(string: str) -> bool:
    """Whether the text of a string, without its opening quote, runs on into the next line: its last character escapes the newline."""
    return (len(string) - len(string.rstrip("\\"))) % 2 == 1


def _tag(tag: str, text: str) -> str:
    html = text.translate(_LINE_TABLE)
    if not tag or not text.strip():
        return html
    return f'<span class="st">{html}</span>' if tag == "st" else f"<{tag}>{html}</{tag}>"


@lru_cache(maxsize=2)
def _lexer(language: Language) -> tuple[RegexLexer, tuple[str, ...]]:
    """A lexer and its first state; for C that is among statements, since the patterns for whole functions are slow and not needed."""
    return (CLexer(), ("statement",)) if language == "c" else (GasLexer(), ("root",))


@lru_cache(maxsize=16_384)
def _word_tag(word: str) -> str:
    return next(_lexer_tags(word, "c"))[0]


def _atom_tags(atom: str) -> Iterator[tuple[str, str]]:
    """A number of C, which Pygments knows but for some suffixes; then words, each of them as Pygments has it."""
    number = match[0] if (match := _NUMBER.match(atom)) else ""
    yield "st", number
    for word in re.findall(r"\.+|[^.]+", atom[len(number) :]):
        yield _word_tag(word) if len(word) <= LONG_WORD and (word[0].isalpha() or word[0] == "_") else "", word


def _lexer_tags(text: str, language: Language) -> Iterator[tuple[str, str]]:
    lexer, stack = _lexer(language)
    return ((_tag_of(token), value) for _, token, value in lexer.get_tokens_unprocessed(text, stack))


def _lex(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """Code without comments and strings, as tags and text; neighbours with the same tag are joined, and no text is lost or added.

    Outside comments, strings and directives a word of C means the same anywhere, so C is lexed word by word, and words are remembered.
    """
    in_c = (pair for atom in _ATOM.findall(text) for pair in _atom_tags(atom))
    tags: Iterable[tuple[str, str]] = in_c if language == "c" else _lexer_tags(text, language)
    tag, joined = "", ""
    for own, value in tags:
        if own != tag and value:
            if joined:
                yield tag, joined
            tag, joined = own, ""
        joined += value
    if joined:
        yield tag, joined


@lru_cache(maxsize=256)
def _tag_of(token: _TokenType) -> str:
    if token in Keyword or token in Name.Attribute:
        return "b"
    if token in LiteralToken:
        return "st"
    return "u" if token in Comment.Preproc else ""
