"""The files that would be published, and the problems with them. Nothing here uses the network."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from huggingface_hub import ModelCard, RepoCard, SpaceCard
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # public, but not marked so for mypy

from laam.corpus.notice import NOTICE, notice_for, notice_problem
from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import atlas_file
from laam.model.model import VERDICT
from laam.model.spec import PUBLISHED
from laam.model.weight_files import REQUIRED, WEIGHTS
from laam.publish.readme import front_matter_files, linked_files, with_full_addresses
from laam.publish.requirements import serving_requirements
from laam.settings import MANIFEST

RepoType = Literal["space", "model"]
Content = Path | bytes

SPACE_FILES = ("app.py", "requirements.txt", "README.md", "LICENSE", "NOTICE", "laam/", "assets/")
SPACE_LEFT_OUT = ("assets/twin/", "assets/publish/")  # a Space doesn't export, nor publish
SPACE_BYTES = 2**30  # the hub's limit for a Space's repository
SHORT_DESCRIPTION = 60  # the most characters that the hub shows
POINTER = b"version https://git-lfs.github.com/spec/"
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Plan:
    """A repository and the files that it is to hold, by their path there: on this disk, or bytes that were made for it.

    With any `problems`, each a sentence, nothing is published; `warnings` are only shown. `sdk`: what a Space runs on; a model has none.
    """

    repo: str
    repo_type: RepoType
    files: Mapping[str, Content]
    problems: Sequence[str]
    sdk: Literal["gradio", "static"] = "gradio"
    warnings: Sequence[str] = ()

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(map(size_of, self.files.values()))


def size_of(content: Content) -> int:
    """The size of a file in bytes; 0 if it isn't there."""
    if isinstance(content, bytes):
        return len(content)
    return content.stat().st_size if content.is_file() else 0


def plan_space(root: Path, repo: str, atlases: Mapping[str, Path] | None = None) -> Plan:
    """The exhibit as a Space: the committed files of the git repository at `root` that it needs to run or that its README links to, and
    no others. requirements.txt and README.md are changed for it, see `serving_requirements` and `with_full_addresses`.

    `atlases`: of published models, by their path in the repository; they go up, committed or not.
    Raises ValueError if `root` is no git repository, or `repo` no repository's name.
    """
    _check_name(repo)
    names = [name for name in _git(root, "ls-files", "-z").split("\0") if name]
    readme = _text(root / "README.md")
    linked = linked_files(readme)
    wanted = [name for name in names if name in linked or (name.startswith(SPACE_FILES) and not name.startswith(SPACE_LEFT_OUT))]
    files: dict[str, Content] = {name: root / name for name in wanted if (root / name).is_file()}
    changed = {line[3:] for line in _git(root, "status", "--porcelain", "-z", "--untracked-files=no").split("\0") if line}
    problems = [f"{name}: differs from what is committed; commit it, or `git restore` it" for name in wanted if name in changed]
    problems += [f"{name}: missing; a Space needs it" for name in SPACE_FILES if not any(file.startswith(name) for file in files)]
    problems += [f"README.md: links to {name}, which is not committed" for name in linked if not _is_there(name, files)]
    if "README.md" in files and "requirements.txt" in files:
        requirements = _text(root / "requirements.txt")
        problems += space_card_problems(readme, requirements, files)
        files["README.md"] = with_full_addresses(readme, repo).encode()
        try:
            files["requirements.txt"] = serving_requirements(requirements).encode()
        except ValueError as error:
            problems.append(str(error))
    if NOTICE in files and (root / "assets" / MANIFEST).is_file():
        problem = notice_problem(_text(root / NOTICE), SealedManifest.open(root / "assets" / MANIFEST))
        problems += [f"{NOTICE}: {problem}"] if problem else []
    files |= atlases or {}
    return with_file_problems(Plan(repo, "space", files, problems, warnings=_atlas_warnings(files)))


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _is_there(name: str, files: Mapping[str, Content]) -> bool:
    """Whether a file is among those, or a folder of some."""
    return name in files or any(file.startswith(f"{name}/") for file in files)


def _atlas_warnings(files: Mapping[str, Content]) -> list[str]:
    """A sentence if the model that a Space shows first has no atlas: its map then shows only what visitors asked for."""
    name = PUBLISHED[0].name
    if atlas_file(Path("assets"), name).as_posix() in files:
        return []
    return [f"there is no atlas of {name}, which the Space shows first: publishing makes it, or `python -m laam atlas --model {name}` does"]


def plan_static(folder: Path, repo: str) -> Plan:
    """The folder that `python -m laam export` wrote, as a static Space. Raises ValueError if there is none, or `repo` is no name."""
    _check_name(repo)
    if not (folder / "index.html").is_file():
        raise ValueError(f"{folder}: there is no site here; write one with `python -m laam export {folder}`")
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    problems = [f"{name}: missing; write the site again" for name in ("README.md", NOTICE, "LICENSE") if name not in files]
    if "README.md" in files:
        data, faults = _front_matter(SpaceCard, files["README.md"].read_text("utf-8"))
        problems += faults or _other_sdk(data, "static")
        if NOTICE in files and str(data.get("title")) != (of := _text(files[NOTICE]).partition("\n")[0]):
            problems.append(f"{NOTICE}: is of {of!r}, and README.md of {data.get('title')!r}; write the site again")
    return with_file_problems(Plan(repo, "space", files, problems, "static"))


def plan_model(folder: Path, root: Path, repo: str, manifest: SealedManifest, exhibit: Path | None = None) -> Plan:
    """A model folder, as `laam train` writes it, as a model repository. The NOTICE of the release that it was trained on, which `manifest`
    must be of, goes with it: see `notice_for`."""
    _check_name(repo)
    if not folder.is_dir():
        raise ValueError(f"{folder}: there is no such folder; give the model folder that `python -m laam train` wrote")
    files: dict[str, Content] = {
        file.name: file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".") and file.name != NOTICE
    }
    try:
        files[NOTICE] = notice_for(manifest, root, exhibit).encode()
    except ValueError as error:
        return Plan(repo, "model", files, [str(error)])
    problems = _other_release(folder, manifest)
    problems += [f"{name}: missing; a model can't be loaded without it" for name in (*REQUIRED, WEIGHTS) if name not in files]
    if "README.md" not in files:
        problems.append("README.md: missing; a model needs its card")
    else:
        problems += model_card_problems((folder / "README.md").read_text("utf-8"))
    return with_file_problems(Plan(repo, "model", files, problems))


def _other_release(folder: Path, manifest: SealedManifest) -> list[str]:
    """A sentence if the model's verdict isn't on files of the manifest: its NOTICE would be of somebody else's work."""
    try:
        trained = json.loads(_text(folder / VERDICT))["files"]
        known = {file.path: file.sha256 for file in manifest.catalog}
        if all(known.get(path) == of["original_sha256"] for path, of in trained.items()):
            return []
    except (ValueError, KeyError, TypeError, AttributeError):
        return [f"{VERDICT}: missing or damaged, so it isn't known of which files the model was made, nor which NOTICE goes with it"]
    return [
        f"{VERDICT}: the model was trained on files that aren't those of {manifest.release.title}, whose NOTICE would go with it; "
        "set LAAM_EXHIBIT to its exhibit, or LAAM_RELEASE to its release"
    ]


def space_card_problems(readme: str, requirements: str, files: Mapping[str, Content]) -> list[str]:
    """What is wrong with a Space's front matter, by the hub's own card class and its documentation of the fields."""
    data, faults = _front_matter(SpaceCard, readme)
    if faults:
        return faults
    problems = _lacking(data, "title", "sdk", "sdk_version", "app_file") + _other_sdk(data, "gradio")
    if not re.search(rf"^gradio>={re.escape(str(data.get('sdk_version')))},", requirements, re.MULTILINE):
        problems.append(f"README.md: sdk_version {data.get('sdk_version')} is not the gradio that requirements.txt begins its range with")
    if data.get("app_file") not in files:
        problems.append(f"README.md: app_file {data.get('app_file')!r} is not among the files")
    problems += _licence_problems(data)
    problems += [
        f"README.md: {field} is {name}, which is not among the files"
        for field, name in front_matter_files(readme).items()
        if name not in files
    ]
    problems += [
        f"README.md: {name} is {data[name]!r}; the hub knows {', '.join(COLOURS)}"
        for name in ("colorFrom", "colorTo")
        if name in data and data[name] not in COLOURS
    ]
    if len(str(data.get("short_description", ""))) > SHORT_DESCRIPTION:
        problems.append(f"README.md: short_description has more than {SHORT_DESCRIPTION} characters")
    return problems + [problem for entry in data.get("preload_from_hub", []) if (problem := _preload_problem(str(entry)))]


def _licence_problems(data: Mapping[str, Any]) -> list[str]:
    """What the card says of the licence. The Space holds weights whose licence isn't settled, so no badge of the hub may settle it."""
    if data.get("license") != "other":
        return [f"README.md: license is {data.get('license')!r}, but a Space holds weights whose licence is not settled; say 'other'"]
    return _lacking(data, "license_name", "license_link")


def model_card_problems(readme: str) -> list[str]:
    """What is wrong with a model's front matter."""
    data, faults = _front_matter(ModelCard, readme)
    return faults or _lacking(data, "license", "library_name", "pipeline_tag")


def _preload_problem(entry: str) -> str:
    """What is wrong with an entry `owner/name file,file commit`. The files may be left out, the commit may not: a branch can move on."""
    repo, *rest = entry.split()
    try:
        validate_repo_id(repo)
    except HFValidationError:
        return f"README.md: preload_from_hub names {repo!r}, which is no repository's name"
    if not rest or not _COMMIT.fullmatch(rest[-1]):
        return f"README.md: preload_from_hub {repo} has no commit at its end; pin it"
    return ""


def _front_matter(kind: type[RepoCard], readme: str) -> tuple[dict[str, Any], list[str]]:
    """The fields of a card, and a sentence if they can't be read."""
    try:
        data = kind(readme).data.to_dict()  # type: ignore[no-untyped-call]  # the hub has no types for it
    except (ValueError, TypeError) as error:
        return {}, [f"README.md: its front matter is not what the hub takes: {error}"]
    return data, [] if data else ["README.md: it has no front matter"]


def _lacking(data: Mapping[str, Any], *names: str) -> list[str]:
    return [f"README.md: front matter lacks {name!r}" for name in names if not data.get(name)]


def _other_sdk(data: Mapping[str, Any], sdk: str) -> list[str]:
    return [] if data.get("sdk") == sdk else [f"README.md: sdk is {data.get('sdk')!r}; this Space is one of {sdk!r}"]


def with_file_problems(plan: Plan) -> Plan:
    """The plan with the problems that its files have."""
    problems = list(plan.problems)
    for name, file in plan.files.items():
        if isinstance(file, bytes):
            continue
        if not file.is_file():
            problems.append(f"{name}: missing")
        elif file.stat().st_size == 0 and name.endswith((".safetensors", ".json")):
            problems.append(f"{name}: empty")
        else:
            with file.open("rb") as content:
                if content.read(len(POINTER)) == POINTER:
                    problems.append(f"{name}: a pointer of git-lfs and not the file itself; `git lfs pull`")
    if plan.repo_type == "space" and plan.bytes > SPACE_BYTES:
        problems.append(f"{plan.bytes:,} bytes in all; a Space's repository takes {SPACE_BYTES:,}")
    return replace(plan, problems=problems)


def _check_name(repo: str) -> None:
    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise ValueError(f"{repo!r} is no repository's name ({error}); give USER/NAME") from error
    if repo.count("/") != 1:
        raise ValueError(f"{repo!r} has no owner; give USER/NAME")


def _git(root: Path, *arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, encoding="utf-8", check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(f"{root}: git can't list its files, so it isn't known which are ignored; publish from a git clone") from error
