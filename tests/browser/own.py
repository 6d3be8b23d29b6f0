"""An exhibit of a reader's own, for tests and for the README's second picture: verses that nobody else has."""

from collections.abc import Mapping
from pathlib import Path

from laam.__main__ import main
from laam.settings import Settings

VERSES = {
    "harbour.txt": """The harbour

The tide comes in without a word
and lifts the boats, the way a bird
lifts from a wire: first one, then all.
A rope goes slack against the wall.

The light is late. The nets are dry.
Somebody counts the gulls that cry
and gets to nine, and starts once more
with those that stand along the shore.

At six the ferry turns about.
The tide goes out. The word goes out.
""",
    "café.txt": """The café

Zoë wipes the counter twice.
The sugar stands. The milk, the ice,
the spoon that nobody has missed
are all still on her morning list.

A man comes in, and wants to know
whether the train will leave, and go
to where he said he would have been.
She says: it left at seven-seventeen.
""",
    "winter/snow.txt": """Snow

All night it wrote on every roof
one letter only, as a proof
that who says little, and again,
says more than most, and needs no pen.

At noon the roofs had lost the thread.
It rained. The gutters talked instead.
""",
    "winter/stove.txt": """The stove

Two logs, some bark, a page of news
from yesterday, that we can lose,
a match: and what was dark and cold
begins to tick, as if it told

the time to nobody but us,
and took its time, and made no fuss.
""",
}  # fmt: skip


def write_verses(folder: Path) -> Path:
    """The verses as files; gives their folder."""
    for name, text in VERSES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def exhibit_of(source: Path, out: Path, cache: Path, recipe: Mapping[str, object] = {}) -> Path:
    """Make an exhibit as the command does, by its own recipe but for what is given; gives its folder, however much came back."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in recipe.items()]
    arguments = ["exhibit", str(source), "--title", "Verses", "--licence", "MIT", "--out", str(out), "--processes", "1", "--no-compile"]
    assert main([*arguments, *given], Settings(cache=cache)) in (0, 1)
    return out
