"""A made-up file, a server whose model knows it, and the command that asks it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import seal_tree
from laam.endpoint.server import KEY
from laam.settings import MANIFEST, Settings
from tests.endpoint.playing import Asked, Playing, Reply, playing, said

SECRET = "sk-made-up-and-secret"
TEXT = "".join(f"\tint line_{number} = {number};\n" if number % 3 else f"struct s{number};\n" for number in range(30))
CONTEXT, PIECE = 10, 70  # lines given; characters that the server's model writes in a step
GIVEN = "".join(TEXT.splitlines(keepends=True)[:CONTEXT])
REST = TEXT.removeprefix(GIVEN)

Ask = Callable[..., int]


def given(asked: Asked) -> str:
    """The text that a request gives."""
    text: str = asked["prompt"] if "prompt" in asked else asked["messages"][-1]["content"]
    return text


def going_on(asked: Asked) -> Reply:
    """A piece of TEXT, from where the request ends."""
    text = given(asked)
    assert TEXT.startswith(text)
    piece = TEXT[len(text) : len(text) + PIECE]
    return said(piece, "stop" if len(text) + len(piece) == len(TEXT) else "length")


@pytest.fixture
def server() -> Iterator[Playing]:
    with playing(going_on) as played:
        yield played


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the manifest of a tree that has one made-up file, and not TEXT."""
    folder = tmp_path_factory.mktemp("sealed")
    (folder / MANIFEST).write_bytes(seal_tree({"linux/kernel/pot.c": b"int pot;\n" * 30}, SHIPPED))
    return folder


@pytest.fixture
def ask(server: Playing, sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The command, with more arguments than those that it needs."""
    monkeypatch.setenv(KEY, SECRET)
    (tmp_path / "acl.c").write_text(TEXT, "utf-8")
    common = ["ask", "--endpoint", server.address, "--model", "made-up", "--original", str(tmp_path / "acl.c")]
    settings = Settings(assets=sealed, cache=tmp_path / "cache")
    return lambda *more: main([*common, "--context", str(CONTEXT), *more], settings)
