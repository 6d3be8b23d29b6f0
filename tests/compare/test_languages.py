import pytest

from laam.compare import languages
from laam.compare.highlight import highlight_lines, language_of
from laam.compare.languages import LINE_CHARACTERS, lex_line, lexer_name


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "x.py"),
        ("b.PY", "x.py"),
        ("Makefile", "Makefile"),
        ("a.c", "c"),
        ("a.S", "asm"),
        ("a.txt", "plain"),
        ("静夜思", "plain"),
        ("a.zzz", "plain"),
    ],
)
def test_the_language_follows_from_the_name(path: str, language: str) -> None:
    assert language_of(path) == language
    assert (lexer_name("x.py"), lexer_name("x.zzz")) == ("python", "")


def test_a_text_over_several_lines_keeps_its_colour() -> None:
    lines = ['"""It begins\n', "and goes on\n", 'until here."""\n', "return 7  # a number\n"]
    html = highlight_lines(lines, "pot.py")
    assert [line.startswith('<span class="st">') for line in html] == [True, True, True, False]
    assert html[3] == '<b>return</b> <span class="st">7</span>  <i># a number</i>'


def test_a_line_that_is_too_long_or_that_the_lexer_fails_at_stays_uncoloured(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "x = " + "7" * LINE_CHARACTERS
    assert lex_line(line, "x.py", ("root",)) == ([("", line)], ("root",))

    def failing(*_: object) -> None:
        raise TypeError("what a callback may say")

    monkeypatch.setattr(languages, "_tokens", failing)
    assert lex_line("x = 7", "x.py", ()) == ([("", "x = 7")], ())
