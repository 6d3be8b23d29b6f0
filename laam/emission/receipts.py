"""The facts by which an emission can be checked: what was asked, model, original, and the command that repeats it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from laam.corpus.catalog import SourceFile
from laam.emission.ask import Ask
from laam.emission.emit import Prompted
from laam.model.prompts import PromptKind


@dataclass(frozen=True)
class Receipts:
    """`ask`: the ask that gives the same emission again, with the model's name. `file`: the file that it is held against; None if that
    is not known.

    `prompt` is everything that the model was given, see `shown_prompt`; `prompt_kind`: what its prompts were made of. Window prompts,
    which the model wrote itself, are not included.
    """

    ask: Ask
    file: SourceFile | None
    prompt_kind: PromptKind
    prompt: str
    model_sha256: str

    @property
    def command(self) -> str:
        """The command line that repeats it."""
        return replay_command(self.ask)

    @property
    def path(self) -> str:
        """The file's path; empty if that is not known, like its digest, licence (an SPDX expression) and copyright notices in `as_dict`."""
        return self.file.path if self.file else ""

    @property
    def title(self) -> str:
        """What the text is called in a sentence: the file's path, or the name by which it was asked for. It may hold any character."""
        return self.path or self.ask.path or "a text"

    def as_dict(self) -> dict[str, Any]:
        """The receipts, ready for JSON."""
        return {
            "path": self.path,
            "prompt_kind": self.prompt_kind,
            "prompt": self.prompt,
            "model": self.ask.model,
            "model_sha256": self.model_sha256,
            "original_sha256": self.file.sha256 if self.file else "",
            "licence": self.file.licence if self.file else "",
            "notice": self.file.notice if self.file else "",
            "more_notices": self.file.more_notices if self.file else (),
            **self.ask.settings(),
            "command": self.command,
        }


def shown_prompt(prompts: Sequence[Prompted]) -> str:
    """The prompts that were given, in order, as one text: all that hold source; of a path with numbers, the first and the last."""
    shown = prompts if any(prompted.source_characters for prompted in prompts) else [*prompts[:1], *prompts[1:][-1:]]
    return " … ".join(prompted.prompt for prompted in shown)


def replay_command(ask: Ask) -> str:
    """The command line that gives the same emission. Defaults are left out, except for the model."""
    words = ["python", "-m", "laam", "emit"]
    if ask.source:
        words.append(f"--source-text={ask.source}")  # one word, so that a source may start with a dash
    else:
        words.append(ask.path or "--no-prompt")
    words += ["--model", ask.model] if ask.model else []
    for name, value in ask.changed_settings().items():
        words += [option(name)] if value is True else [option(name), str(value)]
    return shlex.join(words)


def option(name: str) -> str:
    """A knob's option on the command line, by its name."""
    return f"--{name.replace('_', '-')}"
