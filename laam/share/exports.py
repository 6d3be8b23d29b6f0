"""A finished emission as Markdown for a forum, as a citation, and as a patch."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher

from laam.compare.align import Block, Kind
from laam.compare.live import Comparison
from laam.corpus.lines import line_digest, source_bytes, split_lines
from laam.corpus.names import without_top
from laam.corpus.original import text_of
from laam.emission import conditions, wording
from laam.emission.naming import in_title, model_elsewhere
from laam.emission.transcript import Finished

EXCERPT_LINES = 16
CONTEXT = 3  # equal lines around a difference
LINE_CHARACTERS = 120
BAR = "█"
CUT_OFF = "\\ Cut off here"


def markdown_of(result: Finished, link: str, card: str, exhibit: str = "") -> str:
    """The Markdown for a forum: the card, the score in words, and a fenced excerpt of the diff. `link` and `card` may be empty.

    `exhibit`: where the card leads; empty: where the link leads.
    """
    compared, receipts, ask = result.compared, result.receipts, result.receipts.ask
    model = _escape_markdown(model_elsewhere(ask.model, ask.lossy))
    fields, headline = wording.fields_of(compared.score, whole_file=result.whole_file), result.headline
    title = _escape_markdown(receipts.title)
    facts = " · ".join(fields[name] for name in ("lines", "sha256", "longest_run") if name in fields)
    decoding = conditions.decoding(ask.decoding).removesuffix(".")
    sentences = (
        f"**{headline.percent}** {headline.of_what} ({facts}), written by {model} (`{receipts.model_sha256[:12]}…`). "
        f"Given: {result.given}; {decoding[0].lower()}{decoding[1:]}."
    )
    if file := receipts.file:
        of_original = (wording.notice_of(file, result.release), wording.licence(file.licence), result.release.heading)
        sentences += f" The original: {' · '.join(_escape_markdown(said) for said in of_original if said)}."
    if result.instead:
        sentences += f" {_escape_markdown(result.instead)}"
    image = f"[![{in_title(title, ask.lossy)}: {result.in_short}]({card})]({exhibit or link})\n\n" if card else ""
    named = f"[{title}]({link})" if link else title
    return f"{image}{named}: {sentences}\n\n{_fence(list(excerpt(result)))}\n"


def citations_of(result: Finished, link: str) -> dict[str, str]:
    """How to cite an emission: `cite`, a plain line, and `bibtex`. `link` may be empty. The date is today."""
    receipts, today = result.receipts, datetime.now(UTC).date()
    path, digest = receipts.title, receipts.model_sha256[:12]
    title = f"{path}, written by {model_elsewhere(receipts.ask.model, receipts.ask.lossy)} ({digest}): {result.headline.in_full}"
    instead = f"{result.instead} " if result.instead else ""
    plain = f"{result.release.exhibit}. “{title}.” {instead}Held against {result.release.heading}. {today}. {link}".rstrip()
    key = re.sub(r"[^a-z0-9]+", "-", f"laam-{without_top(path)}-{digest} {conditions.lossy(receipts.ask.lossy)}".lower()).strip("-")
    note = f"{instead}Held against {result.release.heading}"
    fields = {"title": title, "author": f"{{{_escape_tex(result.release.exhibit)}}}", "year": f"{today:%Y}", "note": note}
    fields |= {"url": link, "urldate": f"{today}"} if link else {}
    lines = (f"  {name} = {{{value if name in ('url', 'author') else _escape_tex(value)}}}" for name, value in fields.items())
    return {"cite": plain, "bibtex": f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"}


def _escape_tex(text: str) -> str:
    """TeX that shows a plain text as it is."""
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[\\~^&%$#_{}]", lambda found: named.get(found[0], f"\\{found[0]}"), text)


def _escape_markdown(text: str) -> str:
    """Markdown that shows a plain text as it is."""
    return re.sub(r"([\\`*_\[\]<>&])", r"\\\1", text)


def excerpt(result: Finished) -> Iterator[str]:
    """Some lines of the diff, from a little before its first difference: `+` only the model has it, `-` only the original has it; the
    line that was cut off is neither, and CUT_OFF stands behind it.

    A sealed line that the model didn't write is shown as a bar. Of another file than the one that was asked for, the first lines.
    """
    compared = result.compared
    if not isinstance(compared, Comparison) or compared.instead:
        yield from (f" {_printable(line)}" for line in split_lines(compared.text)[:EXCERPT_LINES])
        return
    lines = _diff(compared)
    first = next((number for number, line in enumerate(lines) if line[0] in "+-"), 0)
    start = max(0, first - CONTEXT)
    yield from lines[start : start + EXCERPT_LINES]
    if len(lines) > start + EXCERPT_LINES:
        yield " …"


def patch_of(result: Finished) -> bytes:
    """A unified diff that `patch -p1` applies.

    If the original's text is at hand, it turns the original into what the model wrote, and `patch -R -p1` turns that back into the
    original. If the original is sealed, or only a part of a file was asked for, it makes the file anew, and `-R` removes it.
    """
    compared, path = result.compared, result.receipts.path or "emission.txt"
    written = split_lines(compared.text)
    if isinstance(compared, Comparison) and result.whole_file and compared.original.has_text:
        before, old, blocks = split_lines(text_of(compared.original)), f"a/{path}", compared.blocks
    else:
        before, old, blocks = [], "/dev/null", [Block("insert", 0, len(written), 0, 0)]
    hunks = list(_hunks(before, written, blocks))
    out = [f"--- {old}\n", f"+++ b/{path}\n"] if hunks else []
    if isinstance(compared, Comparison) and compared.cut:
        out.insert(0, "The last line was cut off where the emission ended.\n")  # what stands before a patch is no part of it
    for line in hunks:
        out.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return source_bytes("".join(out))


class _Aligned(SequenceMatcher[str]):
    """Blocks that difflib didn't find, and only groups into hunks."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        super().__init__()
        self._blocks = blocks

    def get_opcodes(self) -> list[tuple[Kind, int, int, int, int]]:
        return [(block.kind, block.original_start, block.original_end, block.emitted_start, block.emitted_end) for block in self._blocks]


def _hunks(before: Sequence[str], written: Sequence[str], blocks: Sequence[Block]) -> Iterator[str]:
    """The lines of a unified diff from `before` to `written`, by the alignment that gave the score; nothing if they are equal."""
    for group in _Aligned(blocks).get_grouped_opcodes(CONTEXT):
        yield f"@@ -{_span(group[0][1], group[-1][2])} +{_span(group[0][3], group[-1][4])} @@\n"
        for kind, old_start, old_end, new_start, new_end in group:
            if kind == "equal":
                yield from (f" {line}" for line in before[old_start:old_end])
                continue
            yield from (f"-{line}" for line in before[old_start:old_end])
            yield from (f"+{line}" for line in written[new_start:new_end])


def _span(start: int, end: int) -> str:
    """Half-open lines, counted from 0, as a unified diff tells them."""
    return f"{start + 1 if end > start else start},{end - start}"


def _diff(compared: Comparison) -> list[str]:
    """The whole diff as plain lines, each with its sign."""
    written, original = split_lines(compared.counted), compared.original
    opened = {line_digest(line): line for line in written}
    lines: list[str] = []
    cut_e, cut_o = compared.cut or (len(written), -1)
    for block in compared.shown_blocks:
        new = written[block.emitted_start : min(block.emitted_end, cut_e)]
        if block.kind == "equal":
            lines += [f" {_printable(line)}" for line in new]
            continue
        for number in range(block.original_start, block.original_end):
            if number == cut_o:
                continue
            text = original.line(number) or opened.get(original.digests[number])
            lines.append(f"-{_printable(text)}" if text is not None else f"-{BAR * min(40, max(1, original.lengths[number] - 1))}")
        lines += [f"+{_printable(line)}" for line in new]
    if compared.cut:
        lines += [f" {_printable(written[cut_e])}", CUT_OFF]
    return lines


def _printable(line: str) -> str:
    """A line, cut, without its newline and without unprintable characters."""
    text = line.rstrip("\n")
    text = "".join(character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= LINE_CHARACTERS else f"{text[:LINE_CHARACTERS]}…"


def _fence(lines: list[str]) -> str:
    """The lines in a fence that none of them can close."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *lines, fence])
