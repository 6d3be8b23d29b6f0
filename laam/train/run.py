"""A whole training run: source to tokenizer, data, model, export, verdict and card."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from pathlib import Path

import torch
from accelerate import PartialState
from safetensors import SafetensorError
from tokenizers import Tokenizer

from laam.corpus.catalog import describe_file
from laam.corpus.licence_list import licence_table
from laam.corpus.releases import SHIPPED, Release
from laam.corpus.sealed import SealedManifest
from laam.corpus.selection import select_paths
from laam.faults import brief
from laam.files import append_json_line, write_whole
from laam.model.codec import END_FILE, PAD, START_FILE, Codec, read_tokenizer
from laam.model.model import VERDICT, open_model
from laam.model.prompts import AddressedFormat
from laam.model.segments import segment_samples, with_one_length
from laam.settings import read_settings
from laam.terminal import in_words
from laam.train.card import RunFacts, write_card
from laam.train.dataset import SampleDataset
from laam.train.export import export_model
from laam.train.loop import LOG, PassReport, Trainer, build_model, read_log
from laam.train.recipe import Precision, Recipe
from laam.train.timing import Timing
from laam.train.tokenizer import train_tokenizer
from laam.train.verdict import judge, write_verdict

MODEL_FOLDER = "model"  # below --out
TOLD_PASSES = 60  # at most, so that a small set with many doesn't fill the screen


def train(
    files: dict[str, str],
    patterns: Sequence[str],
    out: Path,
    recipe: Recipe,
    compile_model: bool,
    release: Release = SHIPPED,
    reasons: Sequence[str] = (),
    precision: Precision = "float32",
    timings: Sequence[Timing] = (),
) -> bool:
    """Train to the recipe's last pass, going on from a checkpoint in `out`; then export, judge and describe the model.

    `files`: text by path; `patterns`: what selected them, `release`: whose they are, and `reasons`: why this recipe, for the card.
    `precision`: see `Trainer`; `timings`: those that it was chosen from, for the log.
    Returns whether every file is exact. Raises ValueError for a recipe that can't be used, and if something can't be kept in `out`.
    """
    try:
        return _train(files, patterns, out, recipe, compile_model, release, reasons, precision, timings)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{out}: {brief(error)}; once that is mended, the same command goes on from the last checkpoint") from error


def _train(
    files: dict[str, str],
    patterns: Sequence[str],
    out: Path,
    recipe: Recipe,
    compile_model: bool,
    release: Release,
    reasons: Sequence[str],
    precision: Precision,
    timings: Sequence[Timing],
) -> bool:
    """See `train`."""
    out.mkdir(parents=True, exist_ok=True)
    with PartialState(cpu=not torch.cuda.is_available()).main_process_first():
        tokenizer = load_or_train_tokenizer(out / "tokenizer.json", files, recipe)
    codec = Codec(tokenizer)
    format_ = with_one_length(AddressedFormat(codec), files, recipe.window)
    data = _samples(files, format_, recipe)
    control = codec.control
    model = build_model(
        recipe, codec.vocab_size, bos=control[START_FILE], eos=control[END_FILE], pad=control[PAD], prompt_length=format_.prompt_length
    )
    trainer = Trainer(recipe, model, data, out, precision=precision, compile_model=compile_model)
    if timings and trainer.accelerator.is_main_process:
        append_json_line(out / LOG, {"timings": [asdict(timing) for timing in timings]})
    say = partial(trainer.accelerator.print, file=sys.stderr)  # in the first process of each machine
    size = sum(len(text.encode()) for text in files.values())
    say(f"{len(files)} files, {size:,} bytes, {len(data.segments)} segments, {model.num_parameters():,} parameters")
    for reason in reasons:
        say(f"recipe: {reason}")
    for report in trainer.run():
        if line := _told(report, recipe):
            say(line)
    if not trainer.accelerator.is_main_process:
        return True
    folder = out / MODEL_FOLDER
    (folder / VERDICT).unlink(missing_ok=True)  # an earlier one is on other weights
    export_model(model, tokenizer, folder)
    verdict = judge(open_model(str(folder), read_settings()), {path: text.encode() for path, text in files.items()})
    write_verdict(verdict, folder)
    licences = licence_table((describe_file(path, text.encode(), release.licences) for path, text in files.items()), release.licences)
    facts = RunFacts(
        list(patterns),
        len(files),
        size,
        len(data.segments),
        model.num_parameters(),
        asdict(recipe),
        read_log(out),
        licences,
        release,
        reasons,
        format_.prompt_length,
    )
    write_card(facts, verdict, folder)
    for path, file in verdict.files.items():
        if not file.identical:
            print(f"not exact: {path}", file=sys.stderr)
    print(f"{folder}: {verdict.exact} of {len(verdict.files)} files exact", file=sys.stderr)
    return verdict.exact == len(verdict.files)


def _samples(files: Mapping[str, str], format_: AddressedFormat, recipe: Recipe) -> SampleDataset:
    """What is trained on: the segments of all files (text by path), and windows without a header."""
    by_file = {path: segment_samples(format_, {path: text}, recipe.window) for path, text in files.items()}
    segments = [segment for of_file in by_file.values() for segment in of_file]
    return SampleDataset(
        segments,
        [format_.codec.encode(text) for text in files.values()],
        recipe.window,
        format_.codec.control[PAD],
        headerless=int(len(segments) * recipe.headerless_share),
        seed=recipe.seed,
        paths=[path for path, of_file in by_file.items() for _ in of_file],
    )


def _told(report: PassReport, recipe: Recipe) -> str:
    """What is said of a pass; nothing of most, if there are many."""
    left = recipe.passes - report.number
    if left > 0 and left % -(-recipe.passes // TOLD_PASSES):
        return ""
    name = f"pass {report.number}/{recipe.passes}" if left >= 0 else f"polish {-left}, of at most {recipe.polish_passes}"
    rest = f", some {in_words(left * report.seconds)} left" if left > 0 else ""
    return (
        f"{name}: loss {report.loss:.4f}, token accuracy {report.token_accuracy:.4%}, "
        f"exact segments {report.exact_segments}/{report.segments}, {report.seconds:.0f} s{rest}"
    )


def selected_files(tree: Mapping[str, bytes], manifest: SealedManifest, patterns: Sequence[str]) -> dict[str, str]:
    """The sealed files that the patterns select, as text by path. `tree`: see `read_sealed`.

    Raises ValueError if one is missing in the tree, differs from what was sealed, or is not UTF-8.
    """
    files = {}
    for path in select_paths(manifest.catalog.files, patterns):
        if path not in tree or sha256(tree[path]).hexdigest() != manifest.catalog.files[path].sha256:
            what = "differs from the file that was sealed" if path in tree else "is not in the source"
            raise ValueError(f"{path} {what}; give {manifest.release.title}, or seal what you have with `python -m laam seal`")
        try:
            files[path] = tree[path].decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: byte {error.start} is not UTF-8; this model format takes text only") from error
    return files


def load_or_train_tokenizer(file: Path, files: dict[str, str], recipe: Recipe) -> Tokenizer:
    """The tokenizer with which the run began, or a new one, which is saved. It is trained on paths too, so that prompts stay short."""
    if file.is_file():
        return read_tokenizer(file.parent)
    addresses = [f"{path}#{number}" for path in files for number in range(10)]
    tokenizer = train_tokenizer([*files.values(), *addresses], recipe.vocab_size)
    write_whole(file, tokenizer.to_str(pretty=True))
    return tokenizer
