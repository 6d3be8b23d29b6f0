"""NOTICE: what an exhibit was made from, whose work that is, and under which licences; it goes with every copy of a model or a site.

It is made from the manifest. The shipped release has one that a person has checked and added to; any other may have one in its folder.
"""

from pathlib import Path
from textwrap import wrap

from laam.corpus.licence_list import WIDTH, licence_list
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest
from laam.legal import legal_file

NOTICE = "NOTICE"
HOLDERS = 500  # notices that are listed, at most


def notice_for(manifest: SealedManifest, root: Path, folder: Path | None = None) -> str:
    """The NOTICE of a manifest: the shipped release's own, in `root` or the installed package; or that in the exhibit's `folder`; or else
    one that is made now. Raises ValueError, which says what to do, if it isn't of this manifest."""
    own = folder / NOTICE if folder else None
    if manifest.tree_sha256 == SHIPPED.tree_sha256:
        file = legal_file(NOTICE, root)
    elif own and own.is_file():
        file = own
    else:
        return notice_of(manifest)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: can't be read; a copy of the model or the site must not go without it") from error
    if problem := notice_problem(text, manifest):
        raise ValueError(f"{file}: {problem}")
    return text


def notice_problem(text: str, manifest: SealedManifest) -> str:
    """What doesn't agree between a NOTICE and the manifest that it should be of, as a sentence; empty if nothing."""
    title = manifest.release.title
    if title not in text:
        return f"it doesn't name {title}, which the manifest is of; put the right one there, or delete it and it is made from the manifest"
    if licence_list(list(manifest.catalog), manifest.release.licences) not in text:
        return f"its list of licences isn't that of the manifest of {title}; `python -m laam corpus --licences` prints the one that is"
    return ""


def notice_of(manifest: SealedManifest) -> str:
    """The NOTICE of a release that nobody has written one for, from its manifest and words alone."""
    release, files = manifest.release, list(manifest.catalog)
    count = f"{len(files):,} files" if len(files) != 1 else "one file"
    made = (
        f"What goes with this notice – the weights of a language model, and names, sizes, licences and digests of files – was made from "
        f"{release.heading}: from {count}. The model was trained until it wrote files of it; no line of their text is in the digests."
    )
    whose = f"{release.title} is {release.credit}. " if release.credit else ""
    source = f"The source is at {release.source}" if release.source else ""
    settled = (
        "Whether such weights are a work based on those files, to which their terms extend, is not settled, and nothing here is a claim "
        "that it is. When a model writes the text of a file, its licence and the holders that its notices name are shown with it."
    )
    read = (
        "These are SPDX expressions, as each file, its folder or its package declares them. NOASSERTION says that nobody has read the "
        "terms, or that there are none."
    )
    heading = f"Licences of the {count} of {release.title}"
    holders = list(dict.fromkeys(notice for file in files for notice in (*file.notices, *file.source_notices)))
    more = [f"… and {len(holders) - HOLDERS:,} more"] if len(holders) > HOLDERS else []
    named = (
        ["Whom the files name", "-------------------", "", *(f"  {holder}" for holder in holders[:HOLDERS]), *more, ""] if holders else []
    )
    code = "The code that shows all this is under the MIT licence; see LICENSE."
    paragraphs = [
        _filled(text) for text in (code, made, f"{whose}Its files may carry terms of their own, listed at the end.", source, settled)
    ]
    return "\n".join(
        [
            *(release.exhibit, "=" * len(release.exhibit), ""),
            *(f"{paragraph}\n" for paragraph in paragraphs if paragraph),
            *named,
            *(heading, "-" * len(heading), "", _filled(read), ""),
            licence_list(files, release.licences),
            "",
        ]
    )


def _filled(text: str) -> str:
    return "\n".join(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))
