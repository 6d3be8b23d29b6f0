"""The lossy copy as a picture: bytes kept against characters given back, of archives with files dropped and of a model with fewer bits.

This module places the marks; a template draws them as SVG, says the same in words, and lays out the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from pathlib import Path

from laam.corpus.releases import Release
from laam.emission import naming, wording
from laam.measure.archives import Archives
from laam.measure.bits import FewerBits
from laam.measure.packing import Step
from laam.templates import template_environment

WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, BOTTOM = 62, 604, 36, 286  # of the field in which the marks are
ORDER, MOST_PERCENT = "random", 50  # which files the archives drop, and how many of a hundred at most
TICKS = 5  # of the bytes, at most, beside 0


@dataclass(frozen=True)
class Scale:
    """From bytes and shares, 0…1, to places in the picture. `ticks`: the bytes that are marked."""

    ticks: Sequence[int]

    def x(self, kept: int) -> str:
        return f"{LEFT + (RIGHT - LEFT) * kept / self.ticks[-1]:.1f}"

    def y(self, share: float) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * share:.1f}"


def scale_of(most: int) -> Scale:
    """A scale on which `most` bytes have their place, with ticks at round numbers."""
    rough = max(1, most) / TICKS
    power = 10 ** floor(log10(rough))
    step = next(each for each in (round(of * power) for of in (1, 2, 5, 10)) if each >= max(1, rough))
    return Scale([step * number for number in range(ceil(most / step) + 1)])


def render_picture(archives: Archives | None, measured: FewerBits | None, release: Release, templates: Path) -> str:
    """The picture and its tables; empty if either was not measured. `templates`: the folder that has `lossy.html`."""
    if archives is None or measured is None:
        return ""
    name = naming.model_in_words(measured.model)
    steps = [step for step in archives.steps[ORDER] if step.percent <= MOST_PERCENT]
    return (
        template_environment(templates)
        .get_template("lossy.html")
        .render(
            model=name,
            measured=measured,
            archives=archives,
            steps=steps,
            scale=scale_of(max(step.bytes for step in measured.steps)),
            frame={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
            told=_told(measured),
            label=_in_words(name, archives, steps, measured),
            release=release,
            percent=wording.percent,
            count=wording.count,
            capital=wording.capital,
            megabytes=_megabytes,
        )
    )


def _told(measured: FewerBits) -> str:
    """How many files came back whole: from the fewest bits at which all did, down to those at which none does."""
    steps = list(measured.steps)
    while len(steps) > 1 and steps[1].identical == len(measured.files):
        del steps[0]
    first, *rest = steps
    told = [f"The same byte for byte: {first.identical:,} of {wording.count(len(measured.files), 'file')} at {first.bits} bits a weight"]
    for step in rest:
        told.append(f"{f'{step.identical:,}' if step.identical else 'none'} at {step.bits}")
        if not step.identical:
            told.append(f"where {wording.percent(measured.reproduced(step))} of the characters are left")
            break
    return f"{', '.join(told)}."


def _in_words(name: str, archives: Archives, steps: Sequence[Step], measured: FewerBits) -> str:
    """What the picture shows, for those who don't see it."""
    archive = [f"{step.percent} % of the files dropped: {_amounts(step.xz, step.characters / archives.characters)}" for step in steps]
    model = [f"{step.bits} bits: {_amounts(step.bytes, measured.reproduced(step))}, and {step.xz:,} bytes as xz" for step in measured.steps]
    return (
        f"Bytes kept, and the share of characters given back. An archive, from {archive[0]}, to {archive[-1]}. "
        f"{wording.capital(name)}, {'; '.join(model)}."
    )


def _amounts(kept: int, share: float) -> str:
    return f"{kept:,} bytes, {wording.percent(share)}"


def _megabytes(kept: int) -> str:
    return f"{kept / 1e6:g} MB" if kept >= 100_000 or not kept else f"{kept:,}"
