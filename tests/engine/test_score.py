"""The score in the visitor's browser, held to Python's."""

import random
from hashlib import sha256
from typing import Any

from laam.compare.align import align
from laam.compare.bounded import bounded_matches
from laam.compare.score import Score, score_text
from laam.corpus.lines import COMMON_FILES, line_digest, split_lines
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, SealedOriginal, seal_tree
from tests.engine.node import node

PATH = "linux/init/main.c"
SAME = (
    "reproduced",
    "without_boilerplate",
    "verbatim",
    "exact_characters",
    "original_characters",
    "emitted_characters",
    "exact_lines",
    "original_lines",
    "emitted_lines",
    "longest_run",
    "sha256_identical",
    "emitted_sha256",
)


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def sealed(text: str) -> SealedOriginal:
    return SealedManifest(seal_tree({PATH: text.encode()}, SHIPPED)).original(PATH)


def scored(text: str, original: SealedOriginal) -> Score:
    blocks = align([line_digest(line) for line in split_lines(text)], original.digests, original.lengths).blocks
    return score_text(text, original, blocks, line_files=dict.fromkeys(common_lines(original), COMMON_FILES + 1))


def common_lines(original: SealedOriginal) -> set[int]:
    """A third of its lines, taken for boilerplate."""
    return {digest for digest in original.digests if digest % 3 == 0}


def changed(text: str, draw: random.Random) -> str:
    """A text with some lines left out, doubled, moved or altered."""
    lines = split_lines(text)
    for _ in range(draw.randrange(12)):
        at, to = draw.randrange(len(lines)), draw.randrange(len(lines))
        change = draw.choice(["drop", "double", "move", "alter", "swap", "end"])
        if change == "drop" and len(lines) > 1:
            del lines[at : at + draw.randrange(6)]
        elif change == "double":
            lines[to:to] = lines[at : at + 4]
        elif change == "alter":
            lines[at] = f"{lines[at][:-2]}é🐧\r\n"
        elif change == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        elif change == "end":
            lines = lines[: max(1, to)]
        lines = lines or ["\n"]
    return "".join(lines)


def test_many_texts_have_the_same_score(made_up_files: dict[str, str]) -> None:
    draw = random.Random(5)
    pairs = [(changed(text, draw), text) for text in made_up_files.values() for _ in range(60)]
    pairs += [(changed(a, draw), changed(a, draw)) for a in made_up_files.values() for _ in range(30)]
    pairs += [
        ("", "x\n"),
        ("", ""),
        ("x", ""),
        ("\n", "\n\n"),
        ("a\r\nb", "a\nb"),
        ("é🐧\n" * 40, "é🐧\n}\n" * 3),
        ("}\n" * 900, "{\n}\n" * 40),
    ]
    cases: list[dict[str, Any]] = []
    for text, whole in pairs:
        original = sealed(whole)
        digests = [str(digest) for digest in original.digests]
        common = [str(digest) for digest in common_lines(original)]
        cases.append({"text": text, "digests": digests, "lengths": original.lengths, "common": common, "sha256": original.file.sha256})
    results = node("scores", cases=cases)
    for (text, whole), result in zip(pairs, results, strict=True):
        expected = scored(text, sealed(whole)).as_dict()
        assert {name: result[camel_case(name)] for name in SAME} == {name: expected[name] for name in SAME}


def test_the_same_one_of_many_best_ways_is_chosen() -> None:
    draw = random.Random(6)
    cases = []
    for _ in range(600):
        kinds = draw.randrange(1, 7)
        weight = [draw.randrange(1, 5) for _ in range(kinds)]
        a, b = ([draw.randrange(kinds + 1) for _ in range(draw.randrange(25))] for _ in range(2))
        b = [digest % kinds for digest in b]
        cases.append({"a": a, "b": b, "weights": [weight[digest] for digest in b]})
    expected = [[list(match) for match in bounded_matches(case["a"], case["b"], case["weights"]).runs] for case in cases]
    assert node("matches", cases=cases) == expected


def test_what_is_too_much_work_is_cut_short_in_the_same_way() -> None:
    draw = random.Random(8)
    cases = []
    for _ in range(300):
        kinds = draw.choice([2, 3, 10, 100])
        a, b = ([draw.randrange(kinds) for _ in range(draw.randrange(80))] for _ in range(2))
        b = [*b, *([] if draw.random() < 0.5 else a[draw.randrange(len(a) + 1) :])]
        cases.append({"a": a, "b": b, "weights": [1 + digest % 5 for digest in b]})
    steps = 10_000
    expected = [bounded_matches(case["a"], case["b"], case["weights"], steps) for case in cases]
    assert {cut_short for _, cut_short in expected} == {True, False}
    assert node("bounded", cases=cases, steps=steps) == [
        {"runs": [list(match) for match in runs], "cutShort": cut_short} for runs, cut_short in expected
    ]


def test_digests_are_those_of_python() -> None:
    draw = random.Random(7)
    lengths = [0, 1, 55, 56, 63, 64, 65, 119, 127, 128, 129, 255, 256, 257, 65_535, 65_536, 65_537, 140_000]
    texts = ["".join(draw.choices("ab \té🐧", k=length)) for length in lengths]
    texts += ["x" * length for length in (*lengths, *range(200))]
    assert node("digests", texts=texts) == [[sha256(text.encode()).hexdigest(), str(line_digest(text))] for text in texts]
