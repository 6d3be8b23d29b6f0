"""What people paste for a file's name, made into the parts of a path: an address, a path of their own disk, a line of a compiler, a
diff or a terminal, an include, the picker's own entry, in quotes, brackets or Markdown."""

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://\S+", re.IGNORECASE)
_HOST_FIRST = re.compile(r"(?:[\w-]+\.)+(?:com|org|net|io|de|dev|space|co|uk|eu)(?::\d+)?/\S+", re.IGNORECASE)
_OF_DIFF = re.compile(r"(?:diff --git|---|\+\+\+|Index:|rename (?:from|to))\s+(\S+)")
_INCLUDE = re.compile(r"#\s*include\s*[<\"]\s*([^>\"]+?)\s*[>\"]")
_OF_MARKDOWN = re.compile(r"!?\[([^\]]+)\]\([^)]*\)")
_LINES = re.compile(r"(?:[#@?].*|[:+](?:L?\d[\d:,.LC-]*)?:?|\(\d[\d,-]*\)?:?)$")
_REVISION = re.compile(r"^[\w./~^@{}-]+:(?=[A-Za-z][\w./-]*$)")  # `v1.0:kernel/sched.c`, of git
_SLASHES = re.compile(r"\s*[/\\\u2044\u2215\u29f8]+\s*")
_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")
PARTS = 24  # of a path; what stands before is no part of a kernel
_AROUND = " \t\r\n\"'`´‘’‚“”„‹›«»<>()[]{},;!?*|●•✓=≠☑★→"
_PLACE = re.compile(r"\$\{?\w+\}?|~\w*|%\w+%")
_TOP = re.compile(r"linux(?:[-_.]?v?\d[\w.-]*|\.git|-stable|-master|-main|-history)?|[\w.-]+\.git|v?\d[\w.-]*", re.IGNORECASE)
LATER_FOLDERS = frozenset(
    ("arch", "block", "certs", "crypto", "documentation", "drivers", "fs", "include", "init", "io_uring", "ipc", "kernel", "lib", "mm",
     "net", "rust", "samples", "scripts", "security", "sound", "tools", "uapi", "virt", "boot", "zboot", "ibcs")
)  # fmt: skip
"""Folders of a kernel, of this release or a later one, in lower case: behind one of them, another file is meant."""
NO_SOURCE = frozenset(
    ("copying", "credits", "maintainers", "makefile", "kbuild", "kconfig", "configure", "config.in", "readme", "changelog", "todo",
     "license", "license.src", "install", "dep", ".config", ".depend", ".gitignore", "copyright", "announce", "notes")
)  # fmt: skip
"""Files of a kernel that hold no source, in lower case and without a suffix."""


def without_top(path: str) -> str:
    """A whole path, such as the catalogue's, without its top folder: as pages show it."""
    return path.partition("/")[2] or path


def without_invisible(text: str) -> str:
    """The text in its usual characters: fullwidth ones made plain, blanks all alike, and without what has no width."""
    shown = unicodedata.normalize("NFKC", text)
    plain = ("" if unicodedata.category(character) == "Cf" else " " if character.isspace() else character for character in shown)
    return "".join(plain).strip()


def path_parts(typed: str) -> list[str]:
    """The parts of the path that somebody most likely means; empty where there is none."""
    text = without_invisible(typed)
    if found := _OF_MARKDOWN.fullmatch(text):
        text = found[1]
    if (found := _INCLUDE.search(text)) or (found := _OF_DIFF.match(text)):
        text = found[1]
    text = text.rstrip(_AROUND + ".").lstrip(_AROUND)
    if found := _ADDRESS.search(text) or _HOST_FIRST.match(text):
        text = _path_of_address(found[0].rstrip(_AROUND + "."))
    text = _DRIVE.sub("", text)
    text = _SLASHES.sub("/", text)
    text = _REVISION.sub("", _the_path_of_words(text))
    text = _LINES.sub("", text).strip(_AROUND).rstrip(".")
    text = unquote(text) if re.search(r"%[0-9A-Fa-f]{2}", text) else text
    parts = [part for part in text.split("/") if part not in ("", ".", "..") and not _PLACE.fullmatch(part)]
    parts = parts[-PARTS:]
    return parts[1:] if len(parts) > 1 and parts[0] in ("a", "b") else parts


def is_no_source(parts: list[str]) -> bool:
    """Whether a path names one of the files that come with a kernel and hold no source: COPYING, a Makefile, a README."""
    name = parts[-1].lower() if parts else ""
    return name in NO_SOURCE or name.partition(".")[0] in ("readme", "copying", "makefile", "changelog", "kconfig") or name.endswith(".rst")


def may_be_dropped(parts: list[str]) -> bool:
    """Whether what stands before a path is only where somebody keeps the kernel: `usr/src/linux-VERSION`, `torvalds/linux/blob/v1.0`.

    `arch/x86` before `kernel/irq.c` names another file.
    """
    last_top = max((number for number, part in enumerate(parts) if _TOP.fullmatch(part)), default=-1)
    return not LATER_FOLDERS & {part.lower() for part in parts[last_top + 1 :]}


def kernel_folders(parts: list[str]) -> list[str]:
    """The folders of a path from the top of the kernel on, as far as can be told."""
    folders = parts[:-1]
    last_top = max((number for number, part in enumerate(folders) if _TOP.fullmatch(part)), default=-1)
    for start in (last_top + 1, 0):
        for number in range(start, len(folders)):
            if folders[number].lower() in LATER_FOLDERS:
                return folders[number:]
    return []


def _path_of_address(address: str) -> str:
    """The path in an address: that of its query, if it names one, else its own."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    query = parse_qs(parts.query)
    asked = next((query[name][0] for name in ("path", "file", "f") if query.get(name)), "")
    return asked or re.sub(r"\.(?:png|patch|json)$", "", unquote(parts.path))


def _the_path_of_words(text: str) -> str:
    """Of several words, the one that looks most like a file: the first with a slash, else the first with a suffix."""
    words = text.split()
    if len(words) < 2:
        return text
    words = [word.strip(_AROUND) for word in words]
    return next((word for word in words if "/" in word), next((word for word in words if re.search(r"\w\.\w", word)), text))
