"""Made-up sources and originals for the tests of the comparison. No line here is from a kernel."""

import random
from dataclasses import dataclass
from hashlib import sha256

from laam.corpus.lines import line_digest, split_lines


@dataclass(frozen=True)
class Facts:
    path: str
    sha256: str
    functions: tuple[str, ...] = ()


@dataclass(frozen=True)
class MadeUpOriginal:
    """Both kinds of original: sealed if `has_text` is False."""

    text: str
    has_text: bool = True
    path: str = "linux/toy/ring.c"

    @property
    def file(self) -> Facts:
        return Facts(self.path, sha256(self.text.encode()).hexdigest())

    @property
    def digests(self) -> list[int]:
        return digests_of(self.text)

    @property
    def numbers(self) -> range:
        return range(len(self.digests))

    @property
    def lengths(self) -> list[int]:
        return [len(line) for line in split_lines(self.text)]

    def line(self, index: int, /) -> str | None:
        return split_lines(self.text)[index] if self.has_text else None


def digests_of(text: str) -> list[int]:
    return [line_digest(line) for line in split_lines(text)]


def make_source(lines: int, seed: int = 0) -> str:
    """C-like text with about 15 % blank lines, many lone braces and some comments, of at least `lines` lines, cut to that."""
    chance = random.Random(seed)
    words = ["cog", "belt", "lever", "spool", "crank", "valve", "gear", "hinge"]
    out: list[str] = []
    while len(out) < lines:
        name = f"{chance.choice(words)}_{chance.choice(words)}{chance.randrange(1000)}"
        out += ["/*", f" * turn the {chance.choice(words)} of {name}", " */", f"static int {name}(struct {chance.choice(words)} *p)", "{"]
        for _ in range(chance.randrange(2, 6)):
            field = chance.choice(words)
            out += [f"\tif (p->{field} > {chance.randrange(90)}) {{", f"\t\tp->{field} += {chance.randrange(9)};", "\t}"]
            out += ["", f'\tgrind("{field} %d\\n", p->{field});\t/* again */'] if chance.random() < 0.5 else [""]
        out += ["\treturn 0;", "}", ""]
    return "".join(f"{line}\n" for line in out[:lines])


def edit_source(text: str, share: float, seed: int = 0) -> str:
    """The text with about `share` of its lines changed, taken out, or followed by a new one."""
    chance = random.Random(seed)
    out: list[str] = []
    for line in split_lines(text):
        roll = chance.random()
        if roll < share / 3:
            continue
        if roll < share * 2 / 3:
            line = f"{line[:-1]} x{chance.randrange(10**6)};\n"
        out.append(line)
        if share * 2 / 3 <= roll < share:
            out.append(f"\tnew_{chance.randrange(10**6)}();\n")
    return "".join(out)
