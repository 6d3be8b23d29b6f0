"""An exhibit of one's own as a Space: the program, with its folder in the place of the shipped exhibit."""

import json
from dataclasses import replace
from pathlib import Path

from huggingface_hub import SpaceCard
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from laam.corpus.exhibit_words import WORDS_FILE
from laam.corpus.notice import NOTICE, notice_for
from laam.corpus.sealed import SealedManifest
from laam.model.model import open_model
from laam.model.spec import EMBEDDED
from laam.publish.plan import SHORT_DESCRIPTION, Content, Plan, plan_space, space_card_problems, with_file_problems
from laam.settings import MANIFEST, Settings

FOLDERS = ("model", "atlas", "lab")
OWN = (MANIFEST, WORDS_FILE, *(f"{name}/" for name in FOLDERS), "page.png", "own.png")
"""What of assets/ is the shipped exhibit's own."""
PROGRAM = ("app.py", "requirements.txt", "LICENSE", "laam/", "assets/")


def plan_exhibit(root: Path, repo: str, settings: Settings, manifest: SealedManifest) -> Plan:
    """The exhibit in `settings.exhibit` as a Space: what the shipped one runs on, from the git repository at `root`, and the exhibit's own
    files. Raises ValueError as `plan_space` does, and for an exhibit without a model."""
    shipped = plan_space(root, repo)
    program = {name: content for name, content in shipped.files.items() if name.startswith(PROGRAM) and not _is_own(name)}
    folder = settings.exhibit_folder
    own = [
        MANIFEST,
        WORDS_FILE,
        *(file.relative_to(folder).as_posix() for name in FOLDERS for file in sorted((folder / name).rglob("*.*"))),
    ]
    files: dict[str, Content] = program | {f"assets/{name}": folder / name for name in own if (folder / name).is_file()}
    card = space_card(root, settings, manifest)
    files["README.md"] = card.encode()
    files[NOTICE] = notice_for(manifest, root, folder).encode()
    problems = [problem for problem in shipped.problems if problem.startswith(PROGRAM) and not _is_own(problem)]
    problems += space_card_problems(card, (root / "requirements.txt").read_text("utf-8"), files)
    return with_file_problems(replace(shipped, files=files, problems=problems, warnings=()))


def space_card(root: Path, settings: Settings, manifest: SealedManifest) -> str:
    """The README of such a Space, with the versions that the shipped one runs on. Nothing in it is of another exhibit."""
    data = SpaceCard((root / "README.md").read_text("utf-8"), ignore_metadata_errors=True).data
    model = open_model(EMBEDDED.name, settings)
    templates = Environment(loader=FileSystemLoader(settings.assets / "publish"), undefined=StrictUndefined, keep_trailing_newline=True)
    templates.filters["yaml"] = lambda text: json.dumps(text, ensure_ascii=False)  # a JSON string is one of YAML, too
    short = f"A model that writes {manifest.release.title}"
    return templates.get_template("space.md").render(
        release=manifest.release,
        sdk_version=data.get("sdk_version"),
        python_version=data.get("python_version"),
        short=short if len(short) <= SHORT_DESCRIPTION else f"{short[: SHORT_DESCRIPTION - 1]}…",
        parameters=model.parameters,
        whole=len(model.identical),
        trained=len(model.trained_on),
    )


def _is_own(name: str) -> bool:
    return name.startswith(tuple(f"assets/{part}" for part in OWN))
