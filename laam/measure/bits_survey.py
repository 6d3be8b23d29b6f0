"""Measure fewer bits: emit every file with the weights rounded to each number of bits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from laam.corpus.catalog import SourceFile
from laam.corpus.sealed import SealedManifest
from laam.measure.atlas import shown_name
from laam.measure.bits import STEPS, FewerBits, files_of, step_of, write_bits
from laam.measure.groups import GROUP_FILES, Done, by_size, work_through
from laam.measure.packed_weights import packed_rounded
from laam.measure.survey import LIMIT, machine_at_work, run_head, survey_group, trained_files
from laam.model.lossy import Lossy
from laam.model.lossy_copy import lossy_copy
from laam.model.model import REFERENCE_PRECISION, Model

ORDER = (6, 5, 4, 7, 8, 3, 2)  # what says most comes first


def make_bits(model: Model, manifest: SealedManifest, files: Sequence[SourceFile], out: Path) -> FewerBits | None:
    """Emit and score every file at each of STEPS, and write that to `out`. None on all processes but the main one.

    A killed run goes on; see `work_through`, also for what is raised.
    """
    sizes = {file.path: file.size for file in files}
    groups = [group for bits in ORDER for group in by_size(sizes, bits)]
    trained_on = trained_files(model, manifest)
    head = run_head(model, manifest) | {"precision": REFERENCE_PRECISION}

    def finish(done: Done, processes: int) -> FewerBits:
        rows = {bits: [row for number, group in enumerate(groups) if group.bits == bits for row in done[number]] for bits in STEPS}
        measured = FewerBits(
            model=shown_name(model.name),
            weights_sha256=model.digest,
            tree=manifest.tree_sha256,
            precision=REFERENCE_PRECISION,
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=machine_at_work(processes),
            settings={"decoding": "greedy", "prompt": "path", "limit": LIMIT, "side_by_side": GROUP_FILES},
            steps=[step_of(bits, packed_rounded(model, bits), rows[bits]) for bits in STEPS],
            files=files_of(list(rows.values())),
        )
        write_bits(measured, out)
        return measured

    with _rounded(model) as rounded:
        return work_through(
            groups,
            lambda group: survey_group(group, rounded(group.bits), manifest, trained_on),
            finish,
            out,
            head=head,
            name=model.name,
            sizes=sizes,
        )


@contextmanager
def _rounded(model: Model) -> Iterator[Callable[[int], Model]]:
    """Gives the model rounded to a number of bits. One is kept at a time: the groups of a number of bits follow one another."""
    with ExitStack() as stack:
        kept: dict[int, Model] = {}

        def rounded(bits: int) -> Model:
            if bits not in kept:
                kept.clear()
                stack.close()
                kept[bits] = stack.enter_context(lossy_copy(model, Lossy(bits)))
            return kept[bits]

        yield rounded
