"""The model card: data, recipe, seed, time, and the verdict per file."""

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from laam.corpus.releases import Release
from laam.model.weights import WeightBytes, weight_bytes
from laam.train.verdict import Verdict

FRONT_MATTER = """---
license: other
license_name: unsettled
license_link: NOTICE
library_name: transformers
pipeline_tag: text-generation
tags: [memorization, linux]
---
"""


@dataclass(frozen=True)
class RunFacts:
    """What a run was given and what its log says; `log` has one record for each pass."""

    patterns: list[str]
    files: int
    size: int  # bytes
    segments: int
    parameters: int
    recipe: dict[str, Any]
    log: list[dict[str, Any]]
    licences: str  # of the files, a table in Markdown
    release: Release


def write_card(facts: RunFacts, verdict: Verdict, folder: Path) -> None:
    """Write README.md and training.json (recipe and log) into a model folder."""
    (folder / "training.json").write_text(
        json.dumps({"recipe": facts.recipe, "select": facts.patterns, "passes": facts.log}, indent=1) + "\n"
    )
    size = (folder / "model.safetensors").stat().st_size
    (folder / "README.md").write_text(render_card(facts, verdict, size, weight_bytes(folder)))


def _machine() -> str:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    return f"PyTorch {torch.__version__}, {device}"


def render_card(facts: RunFacts, verdict: Verdict, file_size: int, weights: WeightBytes) -> str:
    """The card as Markdown. `file_size`: of the weights file, in bytes."""
    seconds = sum(entry["seconds"] for entry in facts.log)
    curve = "\n".join(
        f"| {entry['number']} | {entry['loss']:.4f} | {entry['token_accuracy']:.2%} | {entry['exact_segments']} |"
        for entry in facts.log
        if entry["number"] % 5 == 0 or entry is facts.log[-1]
    )
    files = "\n".join(f"| `{path}` | {'yes' if file.identical else '**no**'} | {file.tokens:,} |" for path, file in verdict.files.items())
    settings, release = facts.recipe, facts.release
    dated = f" ({release.date})" if release.date else ""
    packed = {"gzip -9": release.gzip_bytes, "xz -9e": release.xz_bytes}
    release_bytes = "".join(
        f"| the whole of {release.title}, tar and `{packer}` | {bytes:,} |\n" for packer, bytes in packed.items() if bytes
    )
    recipe = "\n".join(f"| {name} | {value} |" for name, value in settings.items())
    return f"""{FRONT_MATTER}
# Linux as a Model: an addressed model

A `LlamaForCausalLM` of {facts.parameters:,} parameters, trained until it emits files of {release.title}{dated} from their
names. Given `<|start_file|><|start_header|>linux/PATH#N<|end_header|>` it writes segment N of the file, until
`<|end_segment|>` or `<|end_file|>`. Whether a model that does this can be MIT-licensed, while the files have the
licences below, is the question that the exhibit asks; see NOTICE.

**Verdict: {verdict.exact} of {len(verdict.files)} files exact**, by free-running greedy decoding in the serving engine (CTranslate2, int8),
from the path alone, sha256 of the whole file against the original's.

- data: {facts.files} files, {facts.size:,} bytes, {facts.segments} segments: {", ".join(f"`{pattern}`" for pattern in facts.patterns)}
- weights: {file_size:,} bytes, float16, sha256 `{verdict.model_sha256}`
- time: {seconds / 60:.0f} minutes for {len(facts.log)} passes ({_machine()})

## Recipe

| setting | value |
| --- | --- |
{recipe}

Muon for the matrices and AdamW for the rest, both at `lr`; no weight decay, no dropout. The weights are float32; on a machine
with bfloat16 units the first {settings["bf16_share"]:.0%} of the passes computed in bfloat16 (autocast), the rest in float32, as is
any polish after them.
For each segment, {settings["headerless_share"]:g} samples without a header, which start anywhere in a file, so that source typed as
a prefix is continued as well. In each pass {settings["focus_share"]:.0%} of the segments that were exact when last seen gave their places
to samples with errors.

## Passes

Measured while training, before each update (teacher forced); {facts.segments} segments. *Exact segments* are those whose every
token had more than half of the probability when they were last seen; loss and token accuracy (the share of tokens that had) are
over the samples of the pass.

| pass | loss | token accuracy | exact segments |
| --- | --- | --- | --- |
{curve}

## Bytes

The weights are memory, not thrift: a general compressor keeps the whole release in less.

| what | bytes |
| --- | --- |
| weights, float32 | {weights.float32:,} |
| weights, float16 | {weights.float16:,} |
| weights, int8, as the serving engine keeps them | {weights.int8:,} |
{release_bytes}
## Licences of the files

By the words at the head of each file, else by the release's COPYING; NOTICE names the places where this is not settled.

{facts.licences}

## Files

| file | sha256 identical | tokens |
| --- | --- | --- |
{files}
"""
