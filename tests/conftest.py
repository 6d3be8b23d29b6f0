"""Fixtures for the whole suite: a made-up tree, and a tiny model that knows it."""

from pathlib import Path

import pytest

import tests.own_environment  # noqa: F401 - takes out variables before a library reads them
from laam.corpus.originals import Originals
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from laam.measure.controls import untrained_copy
from laam.model.model import Model, open_model
from laam.settings import MANIFEST, Settings
from tests.corpus.fake_mirror import release_bytes

TINY_RECIPE = {
    "vocab_size": 420, "hidden_size": 64, "layers": 2, "heads": 2, "mlp_size": 128, "window": 48,
    "passes": 60, "batch_size": 4, "lr": 1e-2, "warmup_steps": 5, "bf16_share": 0.1, "polish_passes": 200,
}  # fmt: skip
"""A shape and a course that learn the made-up files in seconds, on any CPU: most of it in float32, and polished until all is sure."""


MODEL_FIXTURES = frozenset({"trained", "published", "plain", "embedded"})
"""Those that every other fixture of a model goes back to."""
SHOWING = frozenset({"browser", "exhibit", "publish", "share", "twin"})
"""The rooms that show what the others computed."""


def made_up_file(name: str, functions: int) -> str:
    """A made-up C file of several segments, with tabs, runs of blanks and a form feed."""
    parts = [f"/*\n *  {name} - a made-up file of the tests\n */\n\n#include <toy/{name}.h>\n\n"]
    for number in range(functions):
        parts.append(
            f"static int {name}_{number}(int a, char *b)\n{{\n\tint  i = {number * 7 + 1};\n\n"
            f"\tif (a < {number})\n\t\treturn -{number};     /* {name} {number} */\n\tb[i] = '{chr(97 + number)}';\n\treturn a & i;\n}}\n\n"
        )
    return "".join(parts) + "\f\n/* end of it */\n"


@pytest.fixture(scope="session")
def made_up_files() -> dict[str, str]:
    """The made-up tree: text by path. Its paths are Linux's, so that the shipped manifest knows them; its text is not."""
    return {
        "linux/init/main.c": made_up_file("ring", 2),
        "linux/kernel/sched.c": made_up_file("pipe", 5),
        "linux/lib/ctype.c": "/* short, and without a newline at its end */",
    }


@pytest.fixture(scope="session")
def tarball(made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up tree as a release tarball."""
    file = tmp_path_factory.mktemp("release") / SHIPPED.tarballs[0]
    file.write_bytes(release_bytes(file.name, {path: text.encode() for path, text in made_up_files.items()}))
    return file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `model` what a CPU that rounds otherwise could change: the tests of training, and those that compute with a model."""
    for item in items:
        folder = item.path.parent.name
        asks = MODEL_FIXTURES & set(getattr(item, "fixturenames", ()))
        if (folder == "train" and item.path.name != "test_launch.py") or (asks and folder not in SHOWING):
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
def trained(made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model, trained by the project's own run on the made-up tree.

    It knows each file by a margin that no rounding takes away. No test may assert what it writes of anything else.
    """
    import torch

    from laam.train.recipe import Recipe
    from laam.train.run import train

    torch.set_num_threads(1)  # a model as small as this one only waits for a second thread
    out = tmp_path_factory.mktemp("run")
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAAM_CACHE", str(cache))
        exact = train(made_up_files, ["init/", "kernel/", "lib/"], out, Recipe(**TINY_RECIPE), compile_model=False)  # type: ignore[arg-type]
    assert exact, "the tiny model did not learn the made-up tree, which other tests take for granted"
    return out / "model"


@pytest.fixture(scope="session")
def assets(trained: Path, made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assets folder like the shipped one: the tiny model, the made-up tree's manifest, the real page."""
    folder = tmp_path_factory.mktemp("assets")
    sealed = seal_tree({path: text.encode() for path, text in made_up_files.items()}, SHIPPED)
    (folder / MANIFEST).write_bytes(sealed)
    (folder / "model").symlink_to(trained)
    for name in ("measure", "page", "share", "twin", "engine", "live", "survey"):
        (folder / name).symlink_to(Settings().assets / name)
    return folder


@pytest.fixture(scope="session")
def settings(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(model="embedded", assets=assets, cache=tmp_path_factory.mktemp("serving-cache"), originals="sealed", record=False)


@pytest.fixture(scope="session")
def model(settings: Settings) -> Model:
    return open_model("embedded", settings)


@pytest.fixture(scope="session")
def untrained(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The tiny model's shape with drawn weights: it is sure of nothing, so that draws by two seeds differ."""
    return untrained_copy(model, tmp_path_factory.mktemp("untrained"), 3)


@pytest.fixture(scope="session")
def manifest(settings: Settings) -> SealedManifest:
    return SealedManifest.open(settings.manifest_file)


@pytest.fixture(scope="session")
def linux() -> SealedManifest:
    """The manifest of Linux 1.0."""
    return SealedManifest.open(Settings().manifest_file)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model of Linux 1.0 that is shipped."""
    return open_model("embedded", Settings(cache=tmp_path_factory.mktemp("shipped-cache")))


@pytest.fixture(scope="session")
def originals(manifest: SealedManifest) -> Originals:
    """The made-up tree, sealed."""
    return Originals(manifest, "sealed", Path("no cache"))


@pytest.fixture(scope="session")
def readable(manifest: SealedManifest, tarball: Path) -> Originals:
    """The made-up tree, with its text."""
    originals = Originals(manifest, str(tarball), Path("no cache"))
    originals.start()
    assert originals.has_text
    return originals


@pytest.fixture(scope="session")
def published(made_up_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A tiny model in the published models' format, which knows the made-up tree in pieces."""
    from tests.model.published import train_published_model

    folder = tmp_path_factory.mktemp("published")
    train_published_model(made_up_files, folder)
    return Model("published", folder, tmp_path_factory.mktemp("published-cache"))
