import pytest

from laam.endpoint.wrapping import Unwrapped, stripped_characters, unwrapped

CODE = "int a;\nint b;\n"


@pytest.mark.parametrize(
    ("answer", "original", "apart"),
    [
        (CODE, CODE, Unwrapped(CODE)),
        (f"<think>a\nb</think>\n\n{CODE}", CODE, Unwrapped(CODE, "a\nb")),
        (f"a\nb</think>{CODE}", CODE, Unwrapped(CODE, "a\nb")),
        ("<think>cut", CODE, Unwrapped("", "cut")),
        ("if (a) /* <think> */ b</think>", "/* </think> */", Unwrapped("if (a) /* <think> */ b</think>")),
        (f"```\n{CODE}```", CODE, Unwrapped(CODE, fence=7)),
        (f"```c\n{CODE}", CODE, Unwrapped(CODE, fence=5)),
        (f"Here it is:\n```\n{CODE}```\nIs it?\n```\nmore\n```\n", CODE, Unwrapped(CODE, before=12, fence=8, after=20)),
        (f"Here it is\n```\n{CODE}```", CODE, Unwrapped(CODE, before=11, fence=7)),
        (f"{CODE}```\n", CODE, Unwrapped(CODE, fence=4)),
        (f"{CODE}```\nThat was it.", CODE, Unwrapped(CODE, fence=4, after=12)),
        (f"{CODE}```\nAnd:\n```c\nx\n```", CODE, Unwrapped(CODE, fence=4, after=15)),
        (f"```\n{CODE}```", f"{CODE}```\n", Unwrapped(f"```\n{CODE}```")),
    ],
)
def test_what_stands_around_a_text_is_set_apart(answer: str, original: str, apart: Unwrapped) -> None:
    assert unwrapped(answer, original) == apart


@pytest.mark.parametrize(
    ("text", "original", "characters"),
    [
        ("int a;", "\n\tint a;", 2),
        ("\tint a;", "\n\tint a;", 1),
        ("\n\tint a;", "\n\tint a;", 0),
        ("  int a;", "\tint a;", 0),
        ("int b;", "\tint a;", 0),
        ("", "\tint a;", 0),
        ("int a;", "", 0),
    ],
)
def test_white_space_is_missing_only_before_what_is_the_originals(text: str, original: str, characters: int) -> None:
    assert stripped_characters(text, original) == characters
