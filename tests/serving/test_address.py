from urllib.parse import parse_qsl

import pytest

from laam.emission.ask import Wish
from laam.emission.run import EmissionRequest
from laam.model.engine import Decoding
from laam.serving.address import Address, address_of, read_address, read_query


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (Address("linux/kernel/sched.c"), "path=linux/kernel/sched.c"),
        (Address("a&b=<c>", "owner/name@main"), "path=a%26b%3D%3Cc%3E&model=owner%2Fname%40main"),
        (Address("x.c", decoding=Decoding(0.35, 40, 7), max_tokens=12), "path=x.c&t=0.35&k=40&seed=7&n=12"),
        (Address("x.c", slide=True, piece=2), "path=x.c&slide=1&piece=2"),
    ],
)
def test_a_query_is_read_again_as_it_was_written(address: Address, query: str) -> None:
    assert address.query == query
    assert read_address(dict(parse_qsl(query))) == address


def test_seed_and_top_k_say_nothing_of_a_greedy_emission() -> None:
    assert Address("x.c", decoding=Decoding(0, 40, 7)).query == "path=x.c"


def test_a_path_of_the_route_goes_before_the_query_s() -> None:
    assert read_address({"path": "a.c", "n": "5"}, "b.c").wish == Wish("b.c", max_tokens=5)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"t": "warm"}, "t='warm' is no number"),
        ({"t": "nan"}, "t='nan' is no number"),
        ({"seed": "inf"}, "seed='inf' is no number"),
        ({"t": "9"}, "temperature 9.0 is outside"),
        ({"seed": "-1"}, "seed -1 is outside"),
        ({"n": "0"}, "max_tokens 0 is outside"),
    ],
)
def test_what_makes_no_sense_is_refused(query: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_address(query)


def test_an_emission_has_an_address_unless_it_was_asked_for_by_source() -> None:
    decoding = Decoding(0.5, 3, 9)
    address = address_of(EmissionRequest("linux/a.c", decoding, 7, slide=True), "embedded")
    assert address == Address("linux/a.c", "embedded", decoding, 7, True)
    assert address is not None
    assert read_query(address.query) == address
    piece = address_of(EmissionRequest("linux/a.c", source="int", piece=2), "m")
    assert piece is not None
    assert piece.query == "path=linux/a.c&model=m&piece=2"
    assert address_of(EmissionRequest("linux/a.c", source="int"), "m") is None
    assert address_of(EmissionRequest(""), "m") is None
