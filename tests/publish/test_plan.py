import re
import shutil
import subprocess
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from laam.__main__ import main
from laam.corpus.sealed import SealedManifest
from laam.extras import TRAIN
from laam.model.spec import PUBLISHED
from laam.publish import plan as plan_module
from laam.publish.plan import POINTER, model_card_problems, plan_model, plan_space, plan_static, size_of, space_card_problems
from laam.publish.readme import linked_files
from laam.publish.requirements import serving_requirements
from laam.settings import ASSETS, Settings
from tests.corpus.made_up import write_tree

ROOT = ASSETS.parent
CARD = (
    "---\ntitle: T\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n"
    "license: other\nlicense_name: unsettled\nlicense_link: NOTICE\nthumbnail: assets/page.png\n---\n"
)
REQUIREMENTS = "gradio>=6.31.0,<6.32  # queue and API\n\n# Below: the extra `train`.\ntorch==2.13.0  # trains\naccelerate==1.15.0\n"
APP = {"app.py": Path("app.py"), "NOTICE": Path("NOTICE"), "assets/page.png": Path("assets/page.png")}
SHIPPED_ATLAS = f"assets/atlas/{PUBLISHED[0].name}.json"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small git repository like this one."""
    root = tmp_path / "clone"
    contents = {
        "README.md": f"{CARD}Read [how](.github/HOW.md#it), [more](https://example.org/x.md) and [this](#it).\n", ".github/HOW.md": "x",
        "assets/page.png": "x", "requirements.txt": REQUIREMENTS, "app.py": "x", "LICENSE": "x", "NOTICE": "x", "laam/a.py": "x",
        "assets/model/model.safetensors": "weights", "assets/twin/t.js": "x", "tests/t.py": "x", ".ci/run": "x",
        ".gitignore": "/runs/\n*.pyc\n",
    }  # fmt: skip
    write_tree(root, {name: text.encode() for name, text in contents.items()})
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def test_a_space_gets_what_it_runs_on_and_nothing_else(clone: Path) -> None:
    (clone / "laam" / "a.pyc").write_text("ignored", "utf-8")
    (clone / "laam" / "new.py").write_text("not committed", "utf-8")
    plan = plan_space(clone, "someone/exhibit")
    assert sorted(plan.files) == [
        ".github/HOW.md", "LICENSE", "NOTICE", "README.md", "app.py", "assets/model/model.safetensors", "assets/page.png", "laam/a.py",
        "requirements.txt",
    ]  # fmt: skip
    assert plan.problems == []
    assert plan.bytes == sum(size_of(content) for content in plan.files.values()) > 500


def test_what_the_readme_links_to_is_committed_or_it_is_a_problem(clone: Path) -> None:
    (clone / "README.md").write_text(f"{CARD}[gone](gone/FILE.md), [a room](laam/)\n", "utf-8")
    assert "README.md: links to gone/FILE.md, which is not committed" in plan_space(clone, "someone/exhibit").problems
    assert "laam" not in "".join(plan_space(clone, "someone/exhibit").problems)


def test_a_space_is_built_with_what_serves(clone: Path) -> None:
    requirements = plan_space(clone, "someone/exhibit").files["requirements.txt"]
    assert isinstance(requirements, bytes)
    assert [line for line in requirements.decode().splitlines() if line and not line.startswith("#")] == [
        "gradio>=6.31.0,<6.32  # queue and API"
    ]
    assert requirements.decode().endswith("# pip install torch==2.13.0 accelerate==1.15.0\n")
    (clone / "requirements.txt").write_text("gradio>=6.31.0,<6.32\ntorch==2.13.0\n", "utf-8")
    assert "no line says 'the extra `train`'" in "".join(plan_space(clone, "someone/exhibit").problems)


def test_the_front_matter_of_a_space_names_its_files_in_full(clone: Path) -> None:
    readme = plan_space(clone, "someone/exhibit").files["README.md"]
    assert isinstance(readme, bytes)
    card = SpaceCard(readme.decode())
    assert card.data.get("license_link").endswith("/spaces/someone/exhibit/blob/main/NOTICE")
    assert card.data.get("thumbnail").endswith("/spaces/someone/exhibit/resolve/main/assets/page.png")
    assert card.text == SpaceCard((clone / "README.md").read_text("utf-8")).text


def test_without_an_atlas_of_the_first_model_a_space_is_warned_of(clone: Path) -> None:
    [warning] = plan_space(clone, "someone/exhibit").warnings
    assert f"no atlas of {PUBLISHED[0].name}" in warning
    plan = plan_space(clone, "someone/exhibit", {SHIPPED_ATLAS: clone / "app.py"})
    assert (plan.warnings, plan.files[SHIPPED_ATLAS]) == ([], clone / "app.py")


def test_what_is_not_committed_speaks_against_it(clone: Path) -> None:
    (clone / "app.py").write_text("changed", "utf-8")
    (clone / "tests" / "t.py").write_text("changed, and not uploaded", "utf-8")
    assert plan_space(clone, "someone/exhibit").problems == ["app.py: differs from what is committed; commit it, or `git restore` it"]


def test_what_is_missing_or_only_a_pointer_is_named(clone: Path) -> None:
    (clone / "NOTICE").unlink()
    (clone / "assets" / "model" / "model.safetensors").write_bytes(POINTER + b"v1\n")
    problems = "\n".join(plan_space(clone, "someone/exhibit").problems)
    assert "NOTICE: missing" in problems
    assert "model.safetensors: a pointer of git-lfs" in problems


def test_a_space_has_its_bounds(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "SPACE_BYTES", 10)
    assert "bytes in all; a Space's repository takes 10" in plan_space(clone, "someone/exhibit").problems[-1]


def test_a_space_is_published_from_a_clone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="from a git clone"):
        plan_space(tmp_path, "someone/exhibit")


@pytest.mark.parametrize("repo", ["exhibit", "a/b/c", "some one/x", "", "someone/--x"])
def test_a_name_must_be_one(clone: Path, repo: str) -> None:
    with pytest.raises(ValueError, match="USER/NAME"):
        plan_space(clone, repo)


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("no front matter", "it has no front matter"),
        ("---\n- a list\n---\n", "front matter is not what the hub takes"),
        (CARD.replace("title: T\n", ""), "lacks 'title'"),
        (CARD.replace("gradio", "docker"), "sdk is 'docker'"),
        (CARD.replace("6.31.0", "6.30.0"), "sdk_version 6.30.0 is not the gradio"),
        (CARD.replace("app.py", "main.py"), "app_file 'main.py' is not among"),
        (CARD.replace("---\n", "---\ncolorTo: orange\n", 1), "colorTo is 'orange'"),
        (CARD.replace("---\n", f"---\nshort_description: {'x' * 61}\n", 1), "more than 60"),
        (CARD.replace("---\n", "---\npreload_from_hub:\n - a/b\n", 1), "a/b has no commit"),
        (CARD.replace("---\n", "---\npreload_from_hub:\n - a/b x.json main\n", 1), "a/b has no commit"),
        (CARD.replace("---\n", "---\npreload_from_hub:\n - a/b/c\n", 1), "'a/b/c', which is no"),
        (CARD.replace("license: other", "license: mit"), "license is 'mit', but a Space holds weights whose licence is not settled"),
        (CARD.replace("license_name: unsettled\n", ""), "lacks 'license_name'"),
        (CARD.replace("assets/page.png", "gone.png"), "thumbnail is gone.png, which is not among"),
    ],
)
def test_a_faulty_front_matter_is_named(card: str, problem: str) -> None:
    assert problem in "\n".join(space_card_problems(card, REQUIREMENTS, APP))


def test_the_front_matter_of_this_project_is_right() -> None:
    readme, requirements = (ROOT / "README.md").read_text("utf-8"), (ROOT / "requirements.txt").read_text("utf-8")
    assert space_card_problems(CARD, REQUIREMENTS, APP) == []
    assert space_card_problems(readme, requirements, APP) == []
    assert SpaceCard(readme).data.get("license") == "other"
    repo, files, commit = SpaceCard(readme).data.get("preload_from_hub")[0].split()
    assert (repo, commit) == (PUBLISHED[0].repo, PUBLISHED[0].revision)
    assert {"config.json", "tokenizer.json", "model.safetensors"} <= set(files.split(","))


def test_every_file_that_this_readme_links_to_is_uploaded() -> None:
    links = linked_files((ROOT / "README.md").read_text("utf-8"))
    assert {".github/CONTRIBUTING.md", "CITATION.cff", "CHANGELOG.md", "laam/publish/README.md"} <= set(links)
    assert sorted(set(links) - set(plan_space(ROOT, "someone/exhibit").files)) == []


def test_the_requirements_of_this_project_part_into_what_serves_and_the_extra() -> None:
    requirements = serving_requirements((ROOT / "requirements.txt").read_text("utf-8"))
    pins = {re.split("[=>]", line)[0] for line in requirements.splitlines() if line and not line.startswith("#")}
    assert {"gradio", "ctranslate2", "tokenizers"} <= pins
    assert not pins & set(TRAIN)
    assert all(f" {package}==" in requirements.splitlines()[-1] for package in TRAIN)


def test_a_site_must_be_one_and_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="python -m laam export"):
        plan_static(tmp_path, "someone/twin")
    (tmp_path / "index.html").write_text("<p>", "utf-8")
    (tmp_path / "README.md").write_text(CARD, "utf-8")
    assert plan_static(tmp_path, "someone/twin").problems == [
        "NOTICE: missing; write the site again",
        "LICENSE: missing; write the site again",
        "README.md: sdk is 'gradio'; this Space is one of 'static'",
    ]
    assert main(["publish", "model", "someone/twin", "--static", str(tmp_path)]) == 2
    assert "--static is for a space" in capsys.readouterr().err


def test_a_model_goes_with_its_notice(linux: SealedManifest) -> None:
    plan = plan_model(Settings().embedded_folder, ROOT, "someone/model", linux)
    assert plan.problems == []
    assert {"model.safetensors", "tokenizer.json", "config.json", "README.md", "verdict.json", "NOTICE"} <= set(plan.files)


def test_half_a_model_is_not_published(tmp_path: Path, linux: SealedManifest) -> None:
    shutil.copy(Settings().embedded_folder / "config.json", tmp_path)
    (tmp_path / "tokenizer.json").touch()
    problems = "\n".join(plan_model(tmp_path, ROOT, "someone/model", linux).problems)
    for part in ("model.safetensors: missing", "README.md: missing", "tokenizer.json: empty"):
        assert part in problems
    assert "lacks 'license'" in "\n".join(model_card_problems("---\nlibrary_name: x\n---\n"))
    with pytest.raises(ValueError, match="no such folder"):
        plan_model(tmp_path / "none", ROOT, "someone/model", linux)
