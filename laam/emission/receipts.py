"""What an emission can be checked by: model, original, settings, and the command that repeats it."""

import shlex
from dataclasses import dataclass

from laam.corpus.catalog import SourceFile
from laam.emission.run import EmissionRequest
from laam.model.model import Model
from laam.model.prompts import PromptKind


@dataclass(frozen=True)
class Receipts:
    """`prompt` is all that the model was shown, from the first segment to the last; `prompt_kind` what the first was made of.

    A window that the model filled by itself is no prompt of those. `path`, `original_sha256`, `licence` (an SPDX expression), the
    file's own copyright `notice` and the `more_notices` in it are empty where the source is from no known file.
    """

    path: str
    prompt_kind: PromptKind
    prompt: str
    model: str
    model_sha256: str
    original_sha256: str
    licence: str
    notice: str
    more_notices: tuple[str, ...]
    temperature: float
    top_k: int
    seed: int
    max_tokens: int
    slide: bool
    piece: int
    command: str


def receipts_of(request: EmissionRequest, model: Model, file: SourceFile | None, prompts: list[str]) -> Receipts:
    """The receipts of an emission; `prompts` are those given, in order, and `file` is what it is held against."""
    decoding = request.decoding
    return Receipts(
        path=request.path,
        prompt_kind=request.kind,
        prompt=prompts[0] if len(prompts) == 1 else f"{prompts[0]} … {prompts[-1]}" if prompts else "",
        model=model.name,
        model_sha256=model.digest,
        original_sha256=file.sha256 if file else "",
        licence=file.licence if file else "",
        notice=file.notice if file else "",
        more_notices=file.more_notices if file else (),
        temperature=decoding.temperature,
        top_k=decoding.top_k,
        seed=decoding.seed,
        max_tokens=request.max_tokens,
        slide=request.slide,
        piece=request.piece,
        command=replay_command(request, model.name),
    )


def replay_command(request: EmissionRequest, model: str) -> str:
    """The command line that gives the same emission; but for the model, defaults are left out."""
    default = EmissionRequest(request.path)
    words = ["python", "-m", "laam", "emit"]
    if request.piece:
        words += [request.path, "--piece", str(request.piece)]
    elif request.source:
        words.append(f"--source-text={request.source}")  # one word, so that a source may start with a dash
    elif request.path:
        words.append(request.path)
    else:
        words.append("--no-prompt")
    words += ["--model", model]
    if not request.decoding.greedy:
        words += ["--temperature", str(request.decoding.temperature), "--seed", str(request.decoding.seed)]
        words += ["--top-k", str(request.decoding.top_k)] if request.decoding.top_k else []
    if request.max_tokens != default.max_tokens:
        words += ["--max-tokens", str(request.max_tokens)]
    words += ["--slide"] if request.slide else []
    return shlex.join(words)
