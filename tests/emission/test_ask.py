from urllib.parse import parse_qsl

import pytest

from laam.emission.ask import Ask, ask_of_query, read_ask
from laam.knobs import MAX_TOKENS
from laam.model.engine import Decoding
from laam.model.lossy import Lossy


@pytest.mark.parametrize(
    ("ask", "query"),
    [
        (Ask("linux/kernel/sched.c"), "path=linux/kernel/sched.c"),
        (Ask("a&b=<c>", model="owner/name@main"), "path=a%26b%3D%3Cc%3E&model=owner/name%40main"),
        (Ask("x.c", decoding=Decoding(0.35, 40, 7), max_tokens=12), "path=x.c&t=0.35&k=40&seed=7&n=12"),
        (Ask("x.c", decoding=Decoding(1.0)), "path=x.c&t=1&seed=0"),
        (Ask("x.c", decoding=Decoding(0.1234567890123, seed=1)), "path=x.c&t=0.1234567890123&seed=1"),
        (Ask("x.c", slide=True), "path=x.c&slide=1"),
        (Ask("x.c", pieces=32), "path=x.c&pieces=32"),
        (Ask("x.c", anyway=True, against="kernel/y.c"), "path=x.c&anyway=1&against=kernel/y.c"),
        (Ask("x.c", lossy=Lossy(5)), "path=x.c&bits=5"),
        (Ask("x.c", lossy=Lossy(pruned=0.2), decoding=Decoding(seed=0)), "path=x.c&pruned=0.2"),
        (Ask("x.c", lossy=Lossy(8, 1.0, 0.05, 7), decoding=Decoding(seed=7)), "path=x.c&bits=8&noise=1&pruned=0.05&seed=7"),
        (Ask(model="m", decoding=Decoding(0.2)), "model=m&t=0.2&seed=0"),  # no prompt
        (Ask(), "t=0"),
    ],
)
def test_a_query_is_read_again_as_it_was_written(ask: Ask, query: str) -> None:
    assert ask.to_query() == query
    assert ask_of_query(dict(parse_qsl(query))) == ask
    rest = ask.to_query(with_path=False)
    assert ask_of_query(dict(parse_qsl(rest)), ask.path) == ask
    assert "path" not in rest


def test_a_link_may_use_long_names_and_may_have_been_escaped_for_html_too_often() -> None:
    drawn = Ask("kernel/panic.c", decoding=Decoding(1.0, seed=3))
    for query in ("file=kernel/panic.c&temperature=1&seed=3", "path=kernel/panic.c&amp;t=1&amp;seed=3"):
        assert ask_of_query(dict(parse_qsl(query))) == drawn


def test_seed_and_top_k_say_nothing_of_a_greedy_emission() -> None:
    assert Ask("x.c", decoding=Decoding(0, 40, 7)).to_query() == "path=x.c"
    assert ask_of_query({"path": "x.c", "bits": "5", "seed": "7"}).lossy == Lossy(5)


def test_the_seed_is_that_of_noise_in_the_weights_too() -> None:
    asked = ask_of_query({"path": "x.c", "noise": "0.1", "seed": "7"})
    assert (asked.lossy, asked.to_query()) == (Lossy(noise=0.1, seed=7), "path=x.c&noise=0.1&seed=7")


def test_a_path_of_the_route_goes_before_the_query_s() -> None:
    assert ask_of_query({"path": "a.c", "n": "5"}, "b.c") == Ask("b.c", max_tokens=5)


def test_what_a_link_leaves_empty_has_its_default() -> None:
    assert ask_of_query({"path": "a.c", "t": "", "slide": "", "n": ""}) == Ask("a.c")
    assert ask_of_query({"path": "a.c", "source": "int a;", "utm_source": "x"}) == Ask("a.c")


def test_no_link_leads_to_source() -> None:
    assert Ask(source="int", model="m", max_tokens=3).to_query() == ""


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"t": "warm"}, "temperature 'warm' is not a number; give one from 0 to 1.5"),
        ({"t": "9"}, "temperature 9 is outside 0 to 1.5"),
        ({"k": "1.5"}, r"top_k '1.5' is not a whole number; give one from 0 to 200"),
        ({"seed": "-1"}, "seed -1 is outside 0 to 4,294,967,295"),
        ({"seed": "inf"}, "seed 'inf' is not a whole number"),
        ({"n": "0"}, "max_tokens 0 is outside 1 to 40,000"),
        ({"bits": "1"}, "bits 1 is outside 2 to 8, or 0 as shipped"),
        ({"bits": "9"}, "bits 9 is outside 2 to 8, or 0 as shipped"),
        ({"bits": "5.5"}, "bits '5.5' is not a whole number; give one from 2 to 8, or 0 as shipped"),
        ({"noise": "2"}, "noise 2 is outside 0 to 1"),
        ({"pruned": "-0.1"}, r"pruned -0\.1 is outside 0 to 1"),
        ({"pieces": "x"}, "pieces 'x' is not a whole number"),
        ({"slide": "perhaps"}, "slide 'perhaps' is neither on nor off"),
    ],
)
def test_what_makes_no_sense_in_a_link_is_refused(query: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask_of_query({"path": "x.c", **query})


def test_values_may_be_of_any_type() -> None:
    sent = {"path": "x.c\ud800", "temperature": "0.5", "top_k": 3.0, "seed": 7, "max_tokens": "9", "slide": 1, "pieces": 0.0, "model": ""}
    assert read_ask(**sent) == Ask("x.c\N{REPLACEMENT CHARACTER}", decoding=Decoding(0.5, 3, 7), max_tokens=9, slide=True)
    assert read_ask() == Ask()
    wrong: dict[str, object] = {"path": 5, "source": None, "model": ["m"], "temperature": None, "pieces": {}, "slide": "x"}
    for name, value in wrong.items():
        with pytest.raises(ValueError, match=f"^{name} "):
            read_ask(**{name: value})


def test_the_record_itself_keeps_to_the_bounds() -> None:
    with pytest.raises(ValueError, match="max_tokens 40001 is outside"):
        Ask(max_tokens=MAX_TOKENS.high + 1)
    with pytest.raises(ValueError, match="pieces -1 is outside"):
        Ask("x.c", pieces=-1)
    with pytest.raises(ValueError, match="against: what goes on from source"):
        Ask("x.c", pieces=1, against="y.c")
