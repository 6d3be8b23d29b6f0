"""The model card: data, recipe, time, and the verdict on each file."""

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from laam.corpus.releases import ARCHIVE, Release
from laam.model.weights import WeightBytes, weight_bytes
from laam.settings import ASSETS
from laam.train.verdict import Verdict


@dataclass(frozen=True)
class RunFacts:
    """What a run was given and what its log says; `log` has one report for each pass, as a dictionary."""

    patterns: list[str]
    files: int
    size: int  # bytes
    segments: int
    parameters: int
    recipe: dict[str, Any]
    log: list[dict[str, Any]]
    licences: str  # of the files, as a table in Markdown
    release: Release
    reasons: Sequence[str] = ()  # for the recipe, as sentences
    prompt_length: int = 0  # in tokens


def write_card(facts: RunFacts, verdict: Verdict, folder: Path) -> None:
    """Write README.md and training.json (recipe and log) into a model folder."""
    (folder / "training.json").write_text(
        json.dumps({"recipe": facts.recipe, "select": facts.patterns, "passes": facts.log}, indent=1) + "\n", "utf-8"
    )
    size = (folder / "model.safetensors").stat().st_size
    (folder / "README.md").write_text(render_card(facts, verdict, size, weight_bytes(folder)), "utf-8")


def render_card(facts: RunFacts, verdict: Verdict, file_size: int, weights: WeightBytes) -> str:
    """The card as Markdown, by the template `card.md`. `file_size`: of the weights file, in bytes."""
    in_bf16 = sum(report["precision"] == "bfloat16" for report in facts.log)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    # Nothing is escaped: the card is Markdown, and its readers escape HTML.
    templates = Environment(
        loader=FileSystemLoader(ASSETS / "train"), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return templates.get_template("card.md").render(
        facts=facts,
        release=facts.release,
        archive=ARCHIVE,
        in_bf16=in_bf16,
        recipe=facts.recipe,
        verdict=verdict,
        file_size=file_size,
        weights=weights,
        minutes=sum(report["seconds"] for report in facts.log) / 60,
        machine=f"PyTorch {torch.__version__}, {device}",
    )
