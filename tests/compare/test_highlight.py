import html
import random
import re

import pytest

from laam.compare import highlight
from laam.compare.highlight import LineHighlighter, escape, highlight_first, highlight_lines, language_of, shown
from laam.corpus.lines import split_lines
from tests.compare.made_up import make_source

HOSTILE = [
    "\0\x01\x0c\r\x7f\x1b[31m",
    '/* open </script><!-- & ${x} {{x}} `y` "',
    "still a comment */ */ int x; // rest /* no",
    "#define A(x) \\",
    "\tdo { x /* in it",
    "and on */ while (0)",
    "#",
    'char *s = "not closed',
    'char *s = "goes on \\',
    'here /* no comment */ " ; int y;',
    "'\"' '\\'' ' don't",
    "\\",
    "\ufffd\u2028\u202e\ud800 \u85aa",
    "x" * 10_000,
    '"' * 10_001,
    "/*" * 3_000,
    "a = 0x1f + 1.5e3 - 'c';\t\t",
    "! remark | more # end",
    "",
    "   ",
]


def read(line_html: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", line_html))


@pytest.mark.parametrize(
    "path", ["a.c", "a.h", "boot/a.S", "a.s", "a.txt", "noname", "a.py", "a.md", "a.json", "a.html", "a.js", "a.rs", "Makefile"]
)
@pytest.mark.parametrize("seed", range(5))
def test_the_html_reads_as_the_line(path: str, seed: int) -> None:
    chance = random.Random(seed)
    lines = HOSTILE * 2
    chance.shuffle(lines)
    found = highlight_lines((f"{line}\n" for line in lines), path)
    assert [read(line) for line in found] == [shown(line) for line in lines]
    for line in found:
        assert not set("$`{}\n\r\0") & set(re.sub('<span class="(st|ctl)">', "", line))
        assert not re.sub('</?[ibu]>|<span class="(st|ctl)">|</span>', "", line).count("<")


@pytest.mark.parametrize("path", ["a.c", "a.S"])
def test_random_characters(path: str) -> None:
    chance = random.Random(1)
    lines = ["".join(chance.choices("/*\"'\\#a1 \t!|;<&{}$`\r\x0c", k=30)) for _ in range(1500)]
    assert [read(line) for line in highlight_lines(lines, path)] == [shown(line) for line in lines]


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_gives_what_the_whole_file_gives(seed: int) -> None:
    chance = random.Random(seed)
    lines = split_lines(make_source(80)) + HOSTILE
    highlighter = LineHighlighter("a.c")
    found: list[str] = []
    while len(found) < len(lines):
        found += highlighter.feed(lines[len(found) : len(found) + chance.randrange(1, 9)])
    assert found == highlight_lines(lines, "a.c")


def test_c() -> None:
    lines = ["static int x = 7; /* why", "because */ return;\n", "#include <toy.h> /* it */\n", "# define A \\", "\tint", "int"]
    assert highlight_lines(lines, "a.c") == [
        '<b>static</b> <b>int</b> x = <span class="st">7</span>; <i>/* why</i>',
        "<i>because */</i> <b>return</b>;",
        "<u>#include &lt;toy.h&gt; <i>/* it */</i></u>",
        "<u># define A \\</u>",
        "<u>\tint</u>",
        "<b>int</b>",
    ]


def test_a_string_hides_a_comment_and_goes_on() -> None:
    assert highlight_lines(['f("/* \\', '*/", 1)'], "a.c") == [
        'f(<span class="st">&#34;/* \\</span>',
        '<span class="st">*/&#34;</span>, <span class="st">1</span>)',
    ]


def test_assembler() -> None:
    lines = ["\t.globl top ! as it is", "#include <toy.h>", "# a remark", "/* one", "two */ .long 7"]
    assert highlight_lines(lines, "a.S") == [
        "\t<b>.globl</b> top <i>! as it is</i>",
        "<u>#include &lt;toy.h&gt;</u>",
        "<i># a remark</i>",
        "<i>/* one</i>",
        '<i>two */</i> <b>.long</b> <span class="st">7</span>',
    ]


def test_plain_text_has_no_colours() -> None:
    assert highlight_lines(["int /* x */ 1\n"], "a.txt") == ["int /* x */ 1"]


def test_controls_are_pictures() -> None:
    assert highlight_lines(["\ta\x0c\r\n"], "a.txt") == ['\ta<span class="ctl">␌</span><span class="ctl">␍</span>']
    assert shown("\ta\x0c\r\n") == "\ta␌␍"


def test_escape() -> None:
    assert escape("<&\"'${x}{{y}}`") == "&lt;&amp;&#34;&#39;&#36;&#123;x&#125;&#123;&#123;y&#125;&#125;&#96;"


def test_language() -> None:
    assert [language_of(path) for path in ("a.c", "a.H", "a.S", "a.s", "a.txt", "a")] == ["c", "c", "asm", "asm", "plain", "plain"]


def test_characters_that_turn_a_text_around_are_shown_and_turn_nothing() -> None:
    [html] = highlight_lines(["/* \u202e rtl \u2066 */\n"], "a.c")
    assert not set("\u202e\u2066") & set(html)
    assert html.count("\u2426") == 2
    assert shown("\u202e") == "\u2426"


class Counted:
    """A pattern that counts how often it is tried at a quotation mark."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern, self.tried = pattern, 0

    def match(self, line: str, at: int) -> re.Match[str] | None:
        self.tried += line[at] == "'"
        return self._pattern.match(line, at)


def test_the_end_of_an_unclosed_character_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(highlight._STEP)
    monkeypatch.setattr(highlight, "_STEP", counted)
    line = "x = 'a' + '" + "\\'" * 500 + ' "a string"'
    [found] = highlight_lines([line], "a.c")
    assert counted.tried == 2
    assert found.endswith('<span class="st">&#34;a string&#34;</span>')
    assert read(found) == line


@pytest.mark.parametrize("line", ["x, ' 'x' '", "'\\'' 'x'", "a ' \\' '", "'' 'x' '\\"])
def test_what_closes_is_coloured_after_what_does_not(line: str) -> None:
    every = re.compile(r"'(?:\\.|[^'\\])+'")
    [found] = highlight_lines([line], "a.c")
    assert re.findall('<span class="st">(.*?)</span>', found) == [escape(each) for each in every.findall(line)]


def test_what_is_remembered_of_lines_is_short() -> None:
    before = highlight._highlight_line_cached.cache_info()
    highlight_lines(["\x01" * (highlight.CACHED_LINE + 1), "9" * 2_000], "a.c")
    assert highlight._highlight_line_cached.cache_info().currsize <= before.currsize
    before = highlight._word_tag.cache_info()
    assert highlight_lines(["a" * 2_000], "a.c") == ["a" * 2_000]
    assert highlight._word_tag.cache_info() == before


def test_the_first_lines_as_far_as_there_is_room() -> None:
    lines = ["int x;\n"] * 10
    room = 3 * (len("<b>int</b> x;") + highlight.ROW_CHARACTERS)
    assert highlight_first(lines, "a.c", room) == highlight_lines(lines[:3], "a.c")
    assert highlight_first(lines, "a.c", 10**6) == highlight_lines(lines, "a.c")
