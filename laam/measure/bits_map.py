"""The map by bits: what is left of every file when a model's weights are rounded to fewer and fewer bits, for a slider above the map."""

from typing import Any

from laam.corpus.names import without_top
from laam.emission import wording
from laam.measure.bits import FewerBits

LEAST = 3  # bits; with fewer, nothing of the text is left


def by_bits(measured: FewerBits, *, linked: bool = True) -> dict[str, Any]:
    """What the page's script needs, for JSON. `steps`: each number of bits, most first, and a sentence. `files`: by path, without the top
    folder, for each step the share of the original's characters, in thousandths and rounded down, and whether it is identical. `linked`:
    whether a file's link leads to what is written with so many bits."""
    shown = [(at, step) for at, step in enumerate(measured.steps) if step.bits >= LEAST]
    return {
        "linked": linked,
        "steps": [
            {
                "bits": step.bits,
                "said": f"{step.bits} bits: {step.identical:,} of {wording.count(len(measured.files), 'file')} whole,"
                f" {wording.percent(measured.reproduced(step))} of all characters",
            }
            for _, step in shown
        ],
        "files": {
            without_top(file.path): [[int(1000 * file.reproduced(file.left[at]) + 1e-6), int(file.left[at].identical)] for at, _ in shown]
            for file in measured.files
        },
    }
