"""Syntax colours of any language but C and assembler: Pygments' lexer for a file's name, fed line by line."""

from collections.abc import Iterator
from functools import lru_cache

from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, RegexLexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.token import Comment, Keyword, Name, _TokenType
from pygments.token import Literal as LiteralToken

LINE_CHARACTERS = 400  # of a line that is coloured: not every pattern of every lexer is linear
DEPTH = 20  # states that are remembered from line to line

Stack = tuple[str, ...]
"""The states in which a lexer is, the innermost last; empty: at its root."""


@lru_cache(maxsize=256)
def lexer_name(file_name: str) -> str:
    """The name of the lexer for a file by its own name, without folders; empty if there is none."""
    lexer = find_lexer_class_for_filename(file_name)
    return str(lexer.aliases[0]) if lexer and lexer.aliases else ""


def lex_line(line: str, file_name: str, stack: Stack) -> tuple[list[tuple[str, str]], Stack]:
    """The line, without its newline, as tags and text, and the state after it; no text is lost or added.

    Tags are those of `laam.compare.highlight`. What a lexer can't read stays without.
    """
    if len(line) <= LINE_CHARACTERS:
        lexer = _lexer(file_name)
        context = LexerContext(f"{line}\n", 0, stack=list(stack or ("root",)))
        try:
            pieces = [(_tag_of(token), text) for token, text in _tokens(lexer, context)]
        except Exception:  # of somebody else's callback, which may expect what a line by itself doesn't have
            pieces = []
        if "".join(text for _, text in pieces) == f"{line}\n":
            *whole, (tag, last) = pieces
            after = tuple(context.stack)
            return [*whole, (tag, last.removesuffix("\n"))], after if len(after) <= DEPTH else ()
    return [("", line)], stack


def _tokens(lexer: Lexer, context: LexerContext) -> Iterator[tuple[_TokenType, str]]:
    if isinstance(lexer, RegexLexer):
        # Of a RegexLexer nobody learns in which state it ended; of this one's context they do.
        found = ExtendedRegexLexer.get_tokens_unprocessed(lexer, context=context)
    else:
        found = lexer.get_tokens_unprocessed(context.text)
    return ((token, text) for _, token, text in found if text)


@lru_cache(maxsize=64)
def _lexer(file_name: str) -> Lexer:
    lexer = find_lexer_class_for_filename(file_name)
    assert lexer is not None, file_name  # or it would have no name
    return lexer()


@lru_cache(maxsize=512)
def _tag_of(token: _TokenType) -> str:
    if token in Comment.Preproc:
        return "u"
    if token in Comment:
        return "i"
    if token in Keyword or token in Name.Tag or token in Name.Decorator:
        return "b"
    return "st" if token in LiteralToken else ""
