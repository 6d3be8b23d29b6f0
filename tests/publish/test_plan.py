import shutil
import subprocess
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from laam.__main__ import main
from laam.model.spec import PUBLISHED
from laam.publish import plan as plan_module
from laam.publish.plan import POINTER, model_card_problems, plan_model, plan_space, plan_static, space_card_problems
from laam.settings import ASSETS, Settings

ROOT = ASSETS.parent
CARD = "---\ntitle: T\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\n"
REQUIREMENTS = "gradio>=6.31.0,<6.32  # queue and API\n"
APP = {"app.py": Path("app.py")}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small git repository like this one."""
    root = tmp_path / "clone"
    contents = {
        "README.md": CARD, "requirements.txt": REQUIREMENTS, "app.py": "x", "LICENSE": "x", "NOTICE": "x", "laam/a.py": "x",
        "assets/model/model.safetensors": "weights", "assets/twin/t.js": "x", "tests/t.py": "x", ".ci/run": "x",
        ".gitignore": "/runs/\n*.pyc\n",
    }  # fmt: skip
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def test_a_space_gets_what_it_runs_on_and_nothing_else(clone: Path) -> None:
    (clone / "laam" / "a.pyc").write_text("ignored", "utf-8")
    (clone / "laam" / "new.py").write_text("not committed", "utf-8")
    plan = plan_space(clone, "someone/exhibit")
    expected = ["LICENSE", "NOTICE", "README.md", "app.py", "assets/model/model.safetensors", "laam/a.py", "requirements.txt"]
    assert sorted(plan.files) == sorted(expected)
    assert plan.problems == []
    assert plan.bytes == sum((clone / name).stat().st_size for name in expected)


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
    ],
)
def test_a_faulty_front_matter_is_named(card: str, problem: str) -> None:
    assert problem in "\n".join(space_card_problems(card, REQUIREMENTS, APP))


def test_the_front_matter_of_this_project_is_right() -> None:
    readme, requirements = (ROOT / "README.md").read_text("utf-8"), (ROOT / "requirements.txt").read_text("utf-8")
    assert space_card_problems(CARD, REQUIREMENTS, APP) == []
    assert space_card_problems(readme, requirements, APP) == []
    repo, files, commit = SpaceCard(readme).data.get("preload_from_hub")[0].split()
    assert (repo, commit) == (PUBLISHED[0].repo, PUBLISHED[0].revision)
    assert {"config.json", "tokenizer.json", "model.safetensors"} <= set(files.split(","))


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


def test_a_model_goes_with_its_notice() -> None:
    plan = plan_model(Settings().embedded_folder, ROOT, "someone/model")
    assert plan.problems == []
    assert {"model.safetensors", "tokenizer.json", "config.json", "README.md", "verdict.json", "NOTICE"} <= set(plan.files)


def test_half_a_model_is_not_published(tmp_path: Path) -> None:
    shutil.copy(Settings().embedded_folder / "config.json", tmp_path)
    (tmp_path / "tokenizer.json").touch()
    problems = "\n".join(plan_model(tmp_path, ROOT, "someone/model").problems)
    for part in ("model.safetensors: missing", "README.md: missing", "tokenizer.json: empty"):
        assert part in problems
    assert "lacks 'license'" in "\n".join(model_card_problems("---\nlibrary_name: x\n---\n"))
    with pytest.raises(ValueError, match="no such folder"):
        plan_model(tmp_path / "none", ROOT, "someone/model")
