from laam.compare.measures import MEASURES, OF_DIGESTS, Part, measure_text, summed
from tests.compare.made_up import MadeUpOriginal, digests_of


def test_every_measure_is_declared_whole() -> None:
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    for measure in MEASURES:
        assert measure.name.isidentifier()
        assert measure.label
        assert measure.unit
        assert not measure.meaning.endswith(".")  # more follows it


def test_every_measure_is_a_part_of_something_for_any_text() -> None:
    for text, original in [("", ""), ("", "one\n"), ("one\n", ""), ("one", "one\n"), ("one\ntwo\n", "two\n")]:
        for part in measure_text(text, MadeUpOriginal(original), dict.fromkeys(digests_of("two\n"), 1)).values():
            assert 0 <= part.amount <= part.of
            assert 0 <= part.share <= 1


def test_in_original_lines() -> None:
    known = dict.fromkeys(digests_of("one\n}\n"), 1)
    assert measure_text("one\n}\nmore\none", MadeUpOriginal("}\n"), known)["in_original_lines"] == Part(6, 14)
    assert measure_text("", MadeUpOriginal("}\n"), known)["in_original_lines"].share == 0.0


def test_what_needs_the_text_is_said_only_where_it_is() -> None:
    text = " ".join(map(str, range(200)))
    written = f"{text} and more"
    found = measure_text(written, MadeUpOriginal(text), {})
    assert found["near_verbatim"] == found["longest_common_substring"] == Part(200, 200)
    assert set(measure_text(written, MadeUpOriginal(text, has_text=False), {})) == {measure.name for measure in OF_DIGESTS}


def test_an_original_of_fewer_than_a_hundred_words_has_no_near_verbatim_block() -> None:
    assert "near_verbatim" not in measure_text("one two", MadeUpOriginal("one two"), {})


def test_a_text_of_too_many_words_is_not_compared_by_words() -> None:
    assert measure_text("a " * 50_001, MadeUpOriginal("a b"), None) == {}
    assert set(measure_text("a " * 50_000, MadeUpOriginal("a b"), None)) == {"longest_common_substring"}


def test_lines_of_the_originals_are_not_needed_for_the_others() -> None:
    assert measure_text("a b c", MadeUpOriginal("x b c d"), None) == {"longest_common_substring": Part(2, 4)}


def test_many_texts_count_by_their_size() -> None:
    assert summed([Part(1, 2), Part(0, 0), Part(3, 6)]) == Part(4, 8)
