from collections import Counter

import pytest

from laam.measure.places import SUFFIX, draw_places, even_places


def test_places_leave_room_for_context_and_suffix() -> None:
    lengths = [40, 149, 150, 151, 400]
    places = draw_places(lengths, 3000, 5, (50, 100))
    assert places == draw_places(lengths, 3000, 5, (50, 100)) != draw_places(lengths, 3000, 6, (50, 100))
    assert all(100 <= at <= lengths[file] - SUFFIX for file, at in places)
    counts = Counter(places)
    assert set(counts) == {(2, 100), (3, 100), (3, 101), *((4, at) for at in range(100, 351))}
    assert max(counts.values()) < 40  # of 3000 at 254 places


def test_files_that_are_too_short_are_refused() -> None:
    with pytest.raises(ValueError, match="no file has 150 tokens"):
        draw_places([149, 3], 1, 0, (100,))
    with pytest.raises(ValueError, match="no file has 150 tokens"):
        draw_places([], 1, 0, (100,))


def test_places_are_even_and_leave_room() -> None:
    assert even_places(400, 4, 200) == [200, 250, 300, 350]
    assert even_places(250, 4, 200) == [200]
    assert even_places(252, 32, 200) == [200, 201, 202]
    assert even_places(249, 4, 200) == []
