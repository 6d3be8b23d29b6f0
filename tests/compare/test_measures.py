from laam.compare.measures import MEASURES, Part, measure_text, summed
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


def test_many_texts_count_by_their_size() -> None:
    assert summed([Part(1, 2), Part(0, 0), Part(3, 6)]) == Part(4, 8)
