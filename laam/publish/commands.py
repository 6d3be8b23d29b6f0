"""The commands `publish space` and `publish model` of `python -m laam`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from laam.commands import Subparsers, add_command, add_exhibit
from laam.corpus.sealed import SealedManifest
from laam.settings import ASSETS, Settings

if TYPE_CHECKING:
    from laam.publish.plan import Plan

ROOT = ASSETS.parent

_EXAMPLES = """examples:
  python -m laam publish space someone/linux-as-a-model --dry-run        what would be uploaded, and the problems found
  python -m laam publish space someone/linux-as-a-model
  python -m laam publish space someone/in-browser --static twin    the site that `export twin` wrote, which needs no server
  python -m laam publish space someone/mycode --exhibit mycode.exhibit   an exhibit of your own, in the place of the shipped one
  python -m laam publish model someone/model --folder runs/all/model

The token comes from `hf auth login`, or from HF_TOKEN. HF_ENDPOINT names another hub. If the atlas of a published model is missing, `space`
asks whether it shall make it, which takes minutes; --yes is the answer of a script.
"""


def add_commands(subparsers: Subparsers) -> None:
    """Register `publish`."""
    parser = add_command(
        subparsers,
        "publish",
        run_publish,
        help="put the exhibit, or a model, on the Hugging Face Hub",
        description="Check the files, list them, and upload them as one commit. A repository that isn't there yet is created.",
        examples=_EXAMPLES,
        done="published, or with --dry-run: no problems found",
        differing="the problems are listed, and nothing was uploaded",
    )
    parser.set_defaults(needs_network=lambda args: not args.dry_run)
    parser.add_argument("what", choices=("space", "model"), help="space: the exhibit, from what is committed; model: a model folder")
    parser.add_argument("repo", metavar="USER/NAME", help="the repository on the hub")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="model: the folder (default: the exhibit's own model)")
    parser.add_argument("--static", type=Path, metavar="DIR", help="space: a site that `export` wrote, as a static Space, instead")
    add_exhibit(parser)
    parser.add_argument("--private", action="store_true", help="create the repository for yourself only")
    parser.add_argument("--yes", action="store_true", help="space: make the atlases that are missing without asking")
    parser.add_argument("--dry-run", action="store_true", help="only check and show; asks nothing of the network")


def run_publish(args: argparse.Namespace) -> int:
    """Publish `args.what` as `args.repo`; see the parser. Raises ValueError."""
    from laam.publish.plan import plan_model, plan_static

    if args.what == "model":
        if args.static:
            raise ValueError("--static is for a space; a model's folder is --folder")
        settings: Settings = args.settings
        manifest = SealedManifest.open(settings.manifest_file)
        plan = plan_model(args.folder or settings.embedded_folder, ROOT, args.repo, manifest, settings.exhibit)
    else:
        plan = plan_static(args.static, args.repo) if args.static else _plan_exhibit(args)
    print(describe(plan))
    if plan.problems:
        return 1
    if args.dry_run:
        print("dry run: nothing was uploaded")
        return 0
    from laam.publish.upload import upload

    print(upload(plan, private=args.private))
    return 0


def _plan_exhibit(args: argparse.Namespace) -> "Plan":
    """The plan of the exhibit; if it can be published, first the atlases are made that it lacks. Raises ValueError."""
    from laam.publish.atlases import make_missing, published_atlases
    from laam.publish.exhibit import plan_exhibit
    from laam.publish.plan import plan_space
    from laam.publish.upload import check_token

    settings: Settings = args.settings
    manifest = SealedManifest.open(settings.manifest_file)
    if settings.exhibit:
        return plan_exhibit(ROOT, args.repo, settings, manifest)
    plan = plan_space(ROOT, args.repo, published_atlases(settings, manifest))
    if plan.problems or args.dry_run:
        return plan
    check_token()  # before the minutes are spent
    make_missing(settings, manifest, lambda sentence: args.yes or _agreed(sentence))
    return plan_space(ROOT, args.repo, published_atlases(settings, manifest))


def _agreed(sentence: str) -> bool:
    """Whether somebody says yes to it. Raises ValueError if nobody can be asked."""
    if not sys.stdin.isatty():
        raise ValueError(f"{sentence} Nobody is here to be asked; give --yes to make it")
    print(sentence, file=sys.stderr)
    return input("Make it now? [y/N] ").strip().lower() in ("y", "yes")


def describe(plan: "Plan") -> str:
    """The files with their bytes, the sum, the warnings and the problems."""
    from laam.publish.plan import size_of

    lines = [f"{size_of(file):>12,}  {name}" for name, file in plan.files.items()]
    lines.append(f"{plan.bytes:>12,}  in {len(lines)} files, for the {plan.repo_type} {plan.repo}")
    warnings = [f"warning: {warning}" for warning in plan.warnings]
    return "\n".join([*lines, *warnings, *(f"problem: {problem}" for problem in plan.problems)])
