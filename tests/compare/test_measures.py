from laam.compare.align import align
from laam.compare.measures import MEASURES, Held, Part, measure_text, summed
from tests.compare.made_up import MadeUpOriginal, digests_of


def held(text: str, original: str, known: str = "") -> Held:
    sealed = MadeUpOriginal(original, has_text=False)
    blocks = align(digests_of(text), sealed.digests, sealed.lengths).blocks
    return Held(text, sealed, blocks, dict.fromkeys(digests_of(known), 1))


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
        for part in measure_text(held(text, original, "two\n")).values():
            assert 0 <= part.amount <= part.of
            assert 0 <= part.share <= 1


def test_in_kernel_lines() -> None:
    found = measure_text(held("one\n}\nmore\none", "}\n", known="one\n}\n"))
    assert found["in_kernel_lines"] == Part(6, 14)
    assert measure_text(held("", "}\n"))["in_kernel_lines"].share == 0.0


def test_many_texts_count_by_their_size() -> None:
    assert summed([Part(1, 2), Part(0, 0), Part(3, 6)]) == Part(4, 8)
