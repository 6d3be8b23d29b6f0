"""What a visitor of the static site asks for, read and looked up in the browser, held to what the server makes of it."""

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from laam.corpus.lookup import credit_lines, locate
from laam.corpus.originals import SEALED, Originals
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import ask_of_query
from laam.emission.links import link_keys
from laam.knobs import BITS, NOISE, PRUNED
from laam.model.model import Model
from laam.serving.browser import seal_for_browser
from laam.twin.site import KNOBS as SITE_KNOBS
from tests.engine.node import node
from tests.engine.test_score import changed
from tests.twin.test_live import HOSTILE, LIVE

KNOBS = (*SITE_KNOBS, BITS, NOISE, PRUNED)


def test_settings_are_read_as_by_the_server() -> None:
    numbers = ["", "0", "1", "2", "8", "9", "0.5", "0.7", " 1.5 ", "1.51", "-1", "200", "201", "1e3", "4294967295", "4294967296"]
    words = ["x", "<b>", "on", "No", "x" * 90]
    cases: list[dict[str, Any]] = [{"knob": asdict(knob), "text": text} for knob in KNOBS for text in numbers + words]
    for case, found in zip(cases, node("knobs", LIVE, cases=cases), strict=True):
        knob = next(knob for knob in KNOBS if knob.name == case["knob"]["name"])
        try:
            assert found == knob.read(case["text"])
        except ValueError as error:
            assert found == f"{error}."


def test_a_link_is_read_as_by_the_server_and_written_again() -> None:
    queries = [
        "path=kernel/sched.c",
        "path=kernel/sched.c&t=0.7&k=40&seed=12",
        "path=linux/kernel/sched.c&t=1.5&n=12&slide=1",
        "path=kernel/sched.c&t=0&k=40&seed=12&n=40000",
        "path=a%20%26+b&t=&seed=5",
        "path=kernel/sched.c&t=9",
        "path=kernel/sched.c&seed=x",
        "file=kernel/sched.c&amp;temperature=0.7&amp;amp;Seed=12&foo=1&tokens=9",
        "path=kernel/sched.c&t=0.2&t=0.7",
        "path=kernel/sched.c&bits=5&seed=3",
        "path=kernel/sched.c&bits=8&noise=0.1&pruned=0.05&seed=3",
        "path=kernel/sched.c&bits=1",
    ]
    told = {"knobs": [asdict(knob) for knob in KNOBS], "keys": link_keys()}
    for query, found in zip(queries, node("links", LIVE, **told, queries=queries), strict=True):
        try:
            ask = ask_of_query(dict(parse_qsl(query)))
        except ValueError as error:
            assert found == f"{error}."
            continue
        assert found["path"] == ask.path
        assert found["settings"] == {knob.name: ask.settings()[knob.name] for knob in KNOBS}
        assert ask_of_query(dict(parse_qsl(found["link"]))).to_query() == ask.to_query()


def sealed_in(folder: Path, originals: Originals, model: Model) -> str:
    """The file that is made of all originals for a browser."""
    file = folder / "sealed.safetensors"
    file.write_bytes(seal_for_browser(originals, model, originals.manifest.catalog.files))
    return str(file)


def test_source_is_found_where_the_server_finds_it(
    made_up_files: dict[str, str], model: Model, originals: Originals, tmp_path: Path
) -> None:
    draw = random.Random(11)
    texts = ["", "}\n", "\n" * 50, HOSTILE, *made_up_files.values()]
    for _ in range(300):
        text = draw.choice(list(made_up_files.values()))
        text = changed(text, draw) if draw.random() < 0.5 else text
        at = draw.randrange(len(text))
        texts.append(text[at : at + draw.randrange(400)])
    found = node("locate", LIVE, sealed=sealed_in(tmp_path, originals, model), texts=texts)
    expected = [locate(text, originals.manifest) for text in texts]
    assert found == [one and {"path": one.file.path, "start": one.start, "end": one.end, "following": one.following} for one in expected]
    assert 50 < sum(one is not None for one in expected) < 300


def test_lines_are_credited_as_by_the_server(linux: SealedManifest, embedded: Model, tmp_path: Path) -> None:
    """Among all lines of the shipped release, of which only the blank ones and lone braces can be written down here."""
    file = sealed_in(tmp_path, Originals(linux, SEALED, tmp_path), embedded)
    draw = random.Random(12)
    cases = [draw.choices(["\n", "}\n", "{\n", "\t}\n", "\t\t}\n", "\treturn 0;\n", "not a line of it\n"], k=60) for _ in range(20)]
    for lines, found in zip(cases, node("credits", LIVE, sealed=file, cases=cases), strict=True):
        credits = {credit.index: credit for credit in credit_lines(lines, linux)}
        expected = [credits.get(number) for number in range(len(lines))]
        assert found == [
            one and {"path": one.places[0].path, "line": one.places[0].number, "files": one.files, "boilerplate": one.boilerplate}
            for one in expected
        ]
