import json
import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from laam.__main__ import main
from laam.model.model import Model
from laam.model.pack import pack_model
from laam.serving import recordings
from laam.settings import Settings
from laam.twin.record import read_replay
from tests.engine.node import NODE
from tests.reading import opengraph

Export = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "some" / "twin"


@pytest.fixture
def export(settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    """Exports to `folder`, with some more arguments, and has to end with `code`; gives what is said."""

    def called(*arguments: str, code: int = 0) -> str:
        assert main(["export", str(folder), *arguments], settings) == code
        return "".join(capsys.readouterr())

    return called


def test_the_model_goes_along_and_nothing_is_recorded(export: Export, folder: Path, settings: Settings) -> None:
    assert "3 files, written in the visitor's browser, " in export()
    assert not (folder / "data").exists()
    assert (folder / "model.safetensors").read_bytes() == pack_model(settings.embedded_folder)
    page = (folder / "index.html").read_text("utf-8")
    site = json.loads(page.partition('id="site">')[2].partition("</script>")[0])
    assert site["recorded"] is False
    live = site["live"]
    for name, digest in (("model", "sha256"), ("sealed", "sealedSha256"), ("rounding", "roundingSha256")):
        assert sha256((folder / live[name]).read_bytes()).hexdigest() == live[digest]
    assert "Here the model runs on your own machine." in page
    assert "identical," not in page  # nobody has measured this model
    assert 'class="lab"' not in page  # nor this release
    assert not (folder / "card").exists()


def test_a_model_that_no_browser_runs_can_only_be_replayed(export: Export, folder: Path, published: Model) -> None:
    said = export("--model", str(published.folder), "--only", "ctype.c", code=2)
    assert "only a model that is asked by path and segment" in said
    export("--model", str(published.folder), "--only", "ctype.c", "--recordings")
    assert "This page replays." in (folder / "index.html").read_text("utf-8")
    assert not (folder / "embed.html").exists()


def test_what_the_atlas_tells_is_on_the_map_and_in_the_previews(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path / "cache")
    folder = tmp_path / "twin"
    assert main(["export", str(folder), "--only", "fork.c", "udp.c", "--address", "https://example.org/laam"], settings) == 0
    page = (folder / "index.html").read_text("utf-8")
    assert "2 of 2 files identical" in page
    shown = folder / "share" / "linux" / "kernel" / "fork.c"
    assert [file.name for file in (folder / "share").rglob("*.html")] == ["index.html"] * 2
    answer = json.loads((shown / "oembed.json").read_text("utf-8"))
    assert (answer["type"], answer["version"]) == ("rich", "1.0")
    assert 'src="https://example.org/laam/embed.html?path=linux/kernel/fork.c"' in answer["html"]
    linked = 'type="application/json+oembed" href="https://example.org/laam/share/linux/kernel/fork.c/oembed.json"'
    page = (shown / "index.html").read_text("utf-8")
    assert linked in page
    assert 'class="heat" role="img" aria-label="p_z along the file: ' in page


def test_the_embed_is_one_file_and_needs_the_model_alone(export: Export, folder: Path) -> None:
    export()
    page = (folder / "embed.html").read_text("utf-8")
    outside = re.findall(r"""(?:src|href)=["'](?!data:)([^"']+)|@import|^import |url\((?!["']?data:)""", page, re.MULTILINE)
    assert outside == []
    assert '"model": "model.safetensors"' in page
    script = folder / "embed.mjs"
    script.write_text(page.rpartition('<script type="module">')[2].partition("</script>")[0], "utf-8")
    checked = subprocess.run([NODE, "--check", script], capture_output=True, encoding="utf-8")
    assert checked.returncode == 0, checked.stderr  # no name twice at the top level of the joined modules


def test_the_whole_site(export: Export, folder: Path, made_up_files: dict[str, str]) -> None:
    said = export("--recordings", "--address", "https://example.org/laam/")
    assert f"{len(made_up_files)} files, written in the visitor's browser and recorded, " in said
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert {f"data/{path}.json.gz" for path in made_up_files} | {f"card/{path}.png" for path in made_up_files} <= names
    used = {"twin/site.css", "page/page.css", "page/page.js", "page/exhibit.js", "page/player.js", "live/machine.js", "engine/worker.js"}
    assert {"index.html", "README.md", ".nojekyll", "embed.html"} | used <= names
    page = (folder / "index.html").read_text("utf-8")
    assert "This page replays, and it can write." in page
    assert "3 of 3 files identical" in page
    assert "https://www.kernel.org/pub/linux/kernel/v1.0/linux-1.0.tar.xz" in page
    assert 'href="COPYING"' not in page
    scripts = {file: file.read_text("utf-8") for file in folder.rglob("*.js")}
    imported = {file.parent / name for file, text in scripts.items() for name in re.findall(r'^import .*"(\.[^"]+)";$', text, re.MULTILINE)}
    assert {file.resolve() for file in imported} <= {file.resolve() for file in scripts}
    text = page + scripts[folder / "page" / "page.js"]
    assert not [part for part in ('src="/', 'href="/', 'from "/') if part in text]  # for a sub-folder
    sides = (folder / "question.html").read_text("utf-8")
    assert 'href="question.html"' in page
    assert 'href="./page/question.css"' in sides
    assert "page/question.css" in names
    assert "It asks, but doesn’t answer." in sides
    assert (folder / "README.md").read_text("utf-8").startswith("---\ntitle: ")
    with Image.open(folder / "card" / "linux" / "kernel" / "sched.c.png") as card:
        assert card.size == (1200, 630)


def test_previews_need_an_address(export: Export, folder: Path) -> None:
    export("--only", "kernel/", "--recordings")
    assert not (folder / "share").exists()
    export("--only", "kernel/", "--recordings", "--address", "https://example.org/laam")
    html = (folder / "share" / "linux" / "kernel" / "sched.c" / "index.html").read_text("utf-8")
    assert opengraph(html)["og:image"] == "https://example.org/laam/card/linux/kernel/sched.c.png"
    assert 'href="https://example.org/laam/page/share.css"' in html
    assert (folder / "page" / "share.css").is_file()


def test_what_was_recorded_is_not_recorded_again(export: Export, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export("--only", "sched.c", "--recordings")
    first = read_replay(folder / "data" / "linux" / "kernel" / "sched.c.json.gz")
    monkeypatch.setattr(recordings, "emit", lambda *_: pytest.fail("recorded again"))
    export("--only", "sched.c", "--recordings")
    assert read_replay(folder / "data" / "linux" / "kernel" / "sched.c.json.gz") == first


def test_copying_goes_along_where_it_is_at_hand(export: Export, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "linux").mkdir()
    (tmp_path / "linux" / "COPYING").write_text("made up", "utf-8")
    export("--only", "ctype.c", "--source", str(tmp_path / "linux"))
    assert (folder / "COPYING").read_text("utf-8") == "made up"
    assert 'href="COPYING"' in (folder / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "nothing.c"], "names no file"),
        (["--only", "nothing/"], "--only 'nothing/' names no file of the exhibit"),
        (["--model", "nothing"], "model 'nothing'"),
        (["--address", "example.org"], "give the whole address"),
    ],
)
def test_what_makes_no_sense_is_named(export: Export, arguments: list[str], message: str) -> None:
    assert message in export(*arguments, code=2)


def test_a_source_without_copying_is_refused(export: Export, tarball: Path) -> None:
    assert "there is no linux/COPYING" in export("--source", str(tarball), code=2)


def test_a_model_is_packed_and_its_digest_told(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.safetensors"
    assert main(["pack", str(file)], settings) == 0
    assert file.read_bytes() == pack_model(settings.embedded_folder)
    assert capsys.readouterr().out.endswith(f"bytes, sha256 {sha256(file.read_bytes()).hexdigest()}\n")


def test_a_model_that_cannot_be_packed_leaves_no_file(
    settings: Settings, published: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", str(tmp_path / "x"), "--model", str(published.folder)], settings) == 2
    assert "only a model that is asked by path and segment" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
