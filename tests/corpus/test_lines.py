import pytest

from laam.corpus.lines import line_digest, source_bytes, source_text, split_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n", ["\n"]),
        ("a", ["a"]),
        ("a\n", ["a\n"]),
        ("a\n\nb", ["a\n", "\n", "b"]),
        ("a\f b\n\fc\r\nd\x0be\x1c\x85\u2028f\n", ["a\f b\n", "\fc\r\n", "d\x0be\x1c\x85\u2028f\n"]),
    ],
)
def test_only_a_newline_ends_a_line(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines
    assert "".join(lines) == text


def test_the_digest_is_64_bits_of_blake2b_and_covers_the_newline() -> None:
    assert line_digest("\n") == 0x5030C2A8DB49E9C6
    assert line_digest("") == 0xE4A6A0577479B2B4
    assert line_digest("a") != line_digest("a\n")
    assert 0 <= line_digest("naïve ☕\n") < 2**64


def test_no_string_can_stop_the_digest() -> None:
    assert line_digest("\ud800\n") != line_digest("\udfff\n")


def test_files_that_differ_have_texts_that_differ() -> None:
    assert source_text(b"caf\xe9\n") != source_text(b"caf\xe8\n")
    assert source_text("☕\n".encode()) == "☕\n"


@pytest.mark.parametrize(
    "data", [b"", b"a\n", "☕ é\n".encode(), bytes(range(256)), b"caf\xe9", b"\xed\xa0\x80", b"\xf0\x9f\x90", b"\xef\xbb\xbfa"]
)
def test_the_bytes_of_a_text_come_back(data: bytes) -> None:
    assert source_bytes(source_text(data)) == data


def test_no_string_can_stop_its_bytes() -> None:
    assert source_bytes("a\ud800") == b"a\xed\xa0\x80"
    assert source_bytes("\ud800\udce9") != source_bytes("\ud800\udce8")
