"""Every figure that a text for people states of a model, the release or the repository has a source: the data, or the code."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.emission.pair import pair_of_published
from laam.measure.memorisation import read_memorisations
from laam.measure.story import read_story
from laam.model.model import Model
from laam.model.spec import PUBLISHED
from laam.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
NOUNS = "bytes|characters|files|holders|lines|models|parameters|passes|pieces|prompts|segments|tests|tokens"
FIGURE = re.compile(
    r"(?<![\w.#/-])(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?= ?%)|\d+\.\d+(?= (?:MB|million|bits)\b)"
    rf"|\d{{2,}}(?= (?:source |other |whole )?(?:{NOUNS})\b))"
)
"""Any that is written with thousands or as a share, and counts of what a model or a release has."""
CARD = "assets/model/README.md"  # made from the model's folder; tests/test_statements.py holds it to that
MEASURED = "tests.bench_"
"""A part of a text that names its bench gives what that printed: figures of a run, of which it says the machine."""
TOLD_ELSEWHERE = {
    "README.md": {"34,950", "8,192", "15"},  # tokens of all prompts, the tokenizer’s pieces: held to it by tests/test_statements.py
    "laam/exhibit/README.md": {"2.4"},  # MB of a body, by the same
    "laam/model/README.md": {"144"},  # files of an earlier model, which isn't shipped
    "laam/train/README.md": {  # of runs that aren't shipped
        *("1,150", "4,427", "325", "56", "134,390", "182", "185", "13", "75", "88", "92"),
        *("308,090", "75,300", "254,000", "2.37", "43", "90", "95.4"),
        *("2.34", "3.0", "4,096", "1,104", "60", "502"),
    },
    "laam/share/README.md": {"2,377"},  # lines of drivers/scsi/aha152x.c, held to the manifest below
    "laam/compare/README.md": {"40,000", "500"},  # what was given to tests/bench_compare.py
    "laam/measure/README.md": {"99.2", "95"},  # an interval and its level, by tests/survey/test_shipped_table.py
    "laam/emission/README.md": {"20"},  # files that were timed once
    "laam/twin/README.md": {"5.0", "2.1", "3.1", "1.2", "0.6"},  # held to the exported site below
    "assets/measure/lab.html": {"5"},  # the post's own words
}
"""Figures that no data of the exhibit has, by the text that says where they are from."""


def texts() -> Iterator[tuple[str, str]]:
    """Name and words of each text for people, without addresses, code of templates, and the statements of others."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout.split()
    for name in listed:
        if not re.search(r"\.(md|html|cff)$|NOTICE$|/words\.js$", name) or name.startswith("assets/engine/") or name == CARD:
            continue
        text = re.sub(r"https?://\S+|\{[{%#].*?[}%#]\}|<(style|script).*?</\1>", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
        yield name, re.sub(MEASURED_PART, "", f"\n# {text}")


MEASURED_PART = re.compile(r"\n#+ (?:(?!\n#+ ).)*" + re.escape(MEASURED) + r"(?:(?!\n#+ ).)*", re.DOTALL)


@pytest.fixture(scope="module")
def known(embedded: Model, linux: SealedManifest) -> set[float]:
    """All that the data and the code say."""
    story = read_story(embedded, linux)
    assert story is not None
    table = linux.release.licences
    unsettled = sum(table.is_release_s(file.path.partition("/")[2], file.licence) for file in linux.catalog)
    licences = Counter(file.licence for file in linux.catalog).values()
    passes = json.loads((embedded.folder / "training.json").read_text("utf-8"))["passes"]
    weights = (embedded.folder / "model.safetensors").stat().st_size
    [measured] = read_memorisations(Settings().assets)
    figures = {
        *(len(linux.catalog), story.whole_size, sum(file.lines for file in linux.catalog), max(file.lines for file in linux.catalog)),
        *(story.segments, story.tokens, story.parameters, len(passes), len(passes) - story.polish, *licences, unsettled),
        *(weights, round(weights / 1e6, 1), measured.xz_bytes, round(measured.bits_per_parameter, 2), measured.tally.places),
        *(round(count / 1e6, 1) for count in (story.parameters, *(spec.publication.parameters for spec in PUBLISHED if spec.publication))),
        *(entry["exact_segments"] for entry in passes),
        *(round(100 * entry["token_accuracy"], 2) for entry in passes),
        *(0, 100),
    }
    for spec in PUBLISHED:
        most = pair_of_published(spec, linux).ceiling
        assert most is not None
        figures |= {float(most.share.split()[0]), most.files, spec.publication.window if spec.publication else 0}
    return figures | constants()


def constants() -> set[float]:
    """The numbers that the code names, and the products of those that it writes as such."""
    code = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "laam").rglob("*.py")))
    named = re.findall(r"^[A-Z_0-9]+(?:: [\w\[\]]+)? = (\d[\d_]*(?:\.\d+)?)(?: \* (\d[\d_]*(?:\.\d+)?))?", code, re.MULTILINE)
    return {float(first.replace("_", "")) * float((second or "1").replace("_", "")) for first, second in named}


def test_every_figure_of_a_text_has_its_source(known: set[float]) -> None:
    unknown = []
    for name, text in texts():
        for found in FIGURE.finditer(text):
            figure = found.group()
            if float(figure.replace(",", "")) not in known and figure not in TOLD_ELSEWHERE.get(name, ()):
                unknown.append(f"{name}: …{text[max(0, found.start() - 40) : found.end() + 30]}…".replace("\n", " "))
    assert not unknown, "\n".join(unknown)


def test_the_exported_site_is_as_large_as_is_told(tmp_path: Path) -> None:
    assert main(["export", str(tmp_path / "site")]) == 0
    size = Counter({file.name: file.stat().st_size for file in (tmp_path / "site").rglob("*") if file.is_file()})
    told = dict(re.findall(r"^\| `([a-z.]+)`: .* \| (\d\.\d) MB \|$", (ROOT / "laam/twin/README.md").read_text("utf-8"), re.MULTILINE))
    assert told == {name: f"{size[name] / 1e6:.1f}" for name in told}
    assert len(told) == 4
    rest = size.total() - sum(size[name] for name in told)
    assert f"| everything else | {rest / 1e6:.1f} MB |" in (ROOT / "laam/twin/README.md").read_text("utf-8")


def test_the_longest_driver_has_as_many_lines_as_is_told(linux: SealedManifest) -> None:
    [told] = re.findall(r"`(drivers/[\w/]+\.c`)\s+with its ([\d,]+) lines", (ROOT / "laam/share/README.md").read_text("utf-8"))
    assert told == ("drivers/scsi/aha152x.c`", f"{linux.catalog.files['linux/drivers/scsi/aha152x.c'].lines:,}")
