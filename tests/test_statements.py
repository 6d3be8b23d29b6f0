"""Figures that stand in texts for people, held against the data that they are of."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from tokenizers import Tokenizer

from laam.corpus.lines import line_digest
from laam.corpus.releases import PUBLISHED as RELEASE_OF_THE_PUBLISHED
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.emission.pair import lead, pair_of, pair_of_published
from laam.exhibit.server import SHELF_BYTES
from laam.knobs import SOURCE
from laam.measure.memorisation import read_memorisations
from laam.model.model import Model
from laam.model.prompts import AddressedFormat
from laam.model.segments import segment_headers
from laam.model.spec import PUBLISHED, ModelSpec
from laam.serving.results import CAPACITY
from laam.serving.rounds import OPENING, OPENINGS
from laam.settings import Settings
from laam.share.trace import BODY_BYTES
from laam.train.recipe import Recipe
from laam.train.step import ROWS
from laam.twin.site import CARDS
from tests.bench_compare import LONGEST

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ("README.md", "NOTICE", "assets/README.md", "assets/model/README.md", "laam/model/README.md", "laam/measure/README.md")


def text_of(name: str) -> str:
    """A text in one line."""
    return re.sub(r"\s+", " ", (ROOT / name).read_text("utf-8"))


def figures(pattern: str, names: tuple[str, ...] = TEXTS) -> list[tuple[str, int]]:
    """Every number that the pattern's group finds in the texts, with the text's name."""
    return [(name, int(found.replace(",", ""))) for name in names for found in re.findall(pattern, text_of(name))]


def test_the_readme_s_picture_is_of_the_page_as_it_is(embedded: Model, linux: SealedManifest) -> None:
    ours = pair_of(embedded, linux)
    with Image.open(ROOT / "assets" / "page.png") as picture:
        assert picture.text["Description"] == " ".join(lead(ours, ours)), "take it anew: python -m tests.browser.take_picture"  # type: ignore[attr-defined]


def test_source_files_are_counted(linux: SealedManifest) -> None:
    found = figures(r"(\d+) source files") + figures(r"each of the (\d+) files") + figures(r"all (\d+) files")
    assert {number for _, number in found} == {len(linux.catalog)}
    assert {"NOTICE", "laam/measure/README.md", "assets/README.md"} <= {name for name, _ in found}


def test_lines_are_counted(linux: SealedManifest) -> None:
    found = figures(r"each of its ([\d,]+) lines")
    assert found == [("README.md", sum(file.lines for file in linux.catalog))]


def test_the_longest_file_is_told_as_it_is(linux: SealedManifest) -> None:
    longest = max(file.lines for file in linux.catalog)
    assert figures(r"the largest file \(([\d,]+) lines\)", ("laam/compare/README.md",)) == [("laam/compare/README.md", longest)]
    assert longest == LONGEST


def test_parameters_are_counted(embedded: Model) -> None:
    found = figures(r"([\d,]{7,}) parameters")
    assert {name for name, _ in found} >= {"assets/model/README.md", "laam/model/README.md"}
    assert {number for _, number in found} == {embedded.parameters}


def test_what_the_model_was_trained_on_is_counted(embedded: Model, linux: SealedManifest) -> None:
    files = [linux.catalog.files[path] for path in embedded.trained_on]
    size = sum(file.size for file in files)
    assert {number for _, number in figures(r"(\d+) files of the kernel")} == {len(files)}
    exact = figures(r"(\d+) of \d+ files exact") + figures(r"(\d+) come back byte for byte") + figures(r"(\d+) of them have the original's")
    assert {number for _, number in exact} == {len(embedded.identical)}
    assert {name for name, _ in exact} == {"README.md", "assets/model/README.md", "laam/model/README.md"}
    assert {number for _, number in figures(r"\d+ files of the kernel \(([\d,]+) bytes")} == {size}
    assert {number for _, number in figures(r"- data: \d+ files, ([\d,]+) bytes")} == {size}


def test_the_cards_weights_and_tokens_are_those_of_the_files(embedded: Model) -> None:
    card = (ROOT / "assets/model/README.md").read_text("utf-8")
    size = (embedded.folder / "model.safetensors").stat().st_size
    assert f"- weights: {size:,} bytes, float16, sha256 `{embedded.digest}`" in card
    assert f"({size / 1e6:.1f} MB in float16)" in text_of("laam/model/README.md")
    verdict = json.loads((embedded.folder / "verdict.json").read_text("utf-8"))["files"]
    rows = dict(re.findall(r"^\| `(linux/[^`]+)` \| (?:yes|\*\*no\*\*) \| ([\d,]+) \|$", card, re.MULTILINE))
    assert {path: int(tokens.replace(",", "")) for path, tokens in rows.items()} == {path: file["tokens"] for path, file in verdict.items()}


def test_measures_of_extraction_are_of_the_shipped_model(embedded: Model, linux: SealedManifest) -> None:
    [measured] = read_memorisations(Settings().assets)
    files = [linux.catalog.files[path] for path in embedded.trained_on]
    assert (measured.weights_sha256, measured.precision) == (embedded.digest, "float32")
    assert (measured.files, measured.bytes) == (len(files), sum(file.size for file in files))
    assert round(8 * measured.xz_bytes / embedded.parameters, 4) == measured.bits_per_parameter


def test_what_the_keys_hold_is_counted(embedded: Model) -> None:
    verdict = json.loads((embedded.folder / "verdict.json").read_text("utf-8"))["files"]
    training = json.loads((embedded.folder / "training.json").read_text("utf-8"))["passes"]
    tokens = sum(file["tokens"] for file in verdict.values())
    prompts, least, most = training[-1]["segments"], 0, 0
    for path, size in embedded.trained_tokens.items():
        keys = [sum(map(len, headers)) for headers in possible_headers(embedded, path, size)]
        least, most = least + min(keys), most + max(keys)
    [(said, held, written)] = re.findall(r"([\d,]+) prompts, ([\d,]+) tokens in all, for ([\d,]+) tokens of text", text_of("README.md"))
    assert (said, written) == (f"{prompts:,}", f"{tokens:,}")
    assert least <= int(held.replace(",", "")) <= most < 1.002 * least


def possible_headers(model: Model, path: str, tokens: int) -> list[list[list[int]]]:
    """The prompts of a file of so many tokens, of which one closes each segment: for few files it isn't sure how many there were."""
    assert isinstance(model.format, AddressedFormat)
    tried = range(1, tokens // (model.window // 2) + 2)
    laid_out = [(count, segment_headers(model.format, path, tokens - count, model.window)[1]) for count in tried]
    return [headers for count, headers in laid_out if len(headers) == count]


def test_the_tokenizer_has_as_many_pieces_as_is_told(embedded: Model) -> None:
    pieces = [embedded.codec.decode([token]) for token in range(embedded.codec.vocab_size)]
    assert f"{len(pieces):,} pieces of at most {max(map(len, pieces))} characters" in text_of("README.md")


def test_as_many_lines_can_be_guessed_as_is_told(embedded: Model, linux: SealedManifest) -> None:
    assert "each after some tabs, open a quarter of the lines" in text_of("README.md")
    characters = [chr(number) for number in range(32, 127)]
    tokenizer = Tokenizer.from_file(str(embedded.folder / "tokenizer.json"))
    words = {tokenizer.decode([token]).rstrip("\n") for token in range(tokenizer.get_vocab_size())}
    guesses = {*words, "", *characters, *("".join(pair) for pair in product(characters, repeat=2))}
    guessed = {line_digest("\t" * tabs + guess + "\n") for guess in guesses for tabs in range(6)}
    assert round(4 * sum(digest in guessed for digest in linux.digests.tolist()) / len(linux.digests)) == 1


@pytest.mark.parametrize("name", ["README.md", "assets/page/about_published.html", "assets/share/share.html", "assets/twin/site.html"])
def test_every_page_says_that_it_asks_and_does_not_answer(name: str) -> None:
    assert re.search(r"does ?n[o’]t answer", text_of(name))


@pytest.mark.parametrize("name", ["assets/page/about_published.html", "assets/twin/site.html", "NOTICE"])
def test_nobody_is_said_to_own_what_the_model_writes(name: str) -> None:
    assert not re.search(r"emits? is|model's text is|text that (the|a) model (emits|writes) is", text_of(name), re.IGNORECASE)


def test_no_text_gives_one_piece_length_for_both_published_models() -> None:
    for name in ("README.md", "laam/emission/README.md"):
        assert "512 tokens for the 5M, 1,024 for the 32M" in text_of(name)


def test_the_card_compares_the_weights_with_the_release_as_it_is_known(embedded: Model) -> None:
    card = text_of("assets/model/README.md")
    for packer, size in (("gzip -9", SHIPPED.gzip_bytes), ("xz -9e", SHIPPED.xz_bytes)):
        assert f"the whole of {SHIPPED.title}, tar and `{packer}` | {size:,} |" in card
    assert f"| weights, float32 | {4 * embedded.parameters:,} |" in card
    assert f"| weights, float16 | {2 * embedded.parameters:,} |" in card


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("laam/serving/README.md", f"a round of up to {OPENINGS} openings of {OPENING} tokens"),
        ("laam/serving/README.md", f"{SHELF_BYTES // 10**6} MB at most"),
        ("laam/serving/README.md", f"the last {CAPACITY} results"),
        ("laam/exhibit/README.md", f"{2 * BODY_BYTES / 1e6:.1f} MB for `/trace`"),
        ("laam/emission/README.md", f"Up to {SOURCE.limit:,} characters of source"),
        ("laam/twin/README.md", f"up to {CARDS} files"),
        ("laam/train/README.md", f"batches of {Recipe().batch_size}"),
        ("laam/train/README.md", f"multiples of {ROWS:,} rows"),
    ],
)
def test_a_limit_is_told_as_the_code_has_it(name: str, words: str) -> None:
    assert words in text_of(name)


@pytest.mark.parametrize("spec", PUBLISHED, ids=lambda spec: spec.name)
def test_the_ceiling_of_a_published_model_is_of_all_files_that_it_was_trained_on(spec: ModelSpec, linux: SealedManifest) -> None:
    assert spec.publication is not None
    most = spec.publication.ceiling
    assert linux.release == RELEASE_OF_THE_PUBLISHED
    assert (most.of_files, most.of_bytes) == (len(linux.catalog), sum(file.size for file in linux.catalog))
    assert 0 < most.bytes < most.of_bytes and 0 < most.files < most.of_files


def test_the_readme_says_of_each_model_what_is_known_of_it(embedded: Model, linux: SealedManifest) -> None:
    readme, theirs = text_of("README.md"), pair_of_published(PUBLISHED[0], linux)
    most = theirs.ceiling
    assert most and f"{most.share} of all bytes, and {most.files} of {most.of_files} files whole" in readme
    assert f"a transformer of {theirs.numbers} that, in his words," in readme
    ours = pair_of(embedded, linux)
    assert f"**A second model**, of {ours.numbers} and made for this exhibit, writes {ours.whole} files whole." in readme
