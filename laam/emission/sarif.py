"""Traces as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts show beside the lines."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from laam.compare.passages import Passage
from laam.compare.trace import Trace
from laam.corpus.releases import Release
from laam.emission import wording
from laam.version import VERSION


def sarif_of(traces: Mapping[str, Trace], release: Release) -> dict[str, Any]:
    """A log with a result for each passage. `traces`: by the path of the text, relative to the folder that the host shows."""
    rule = {
        "id": f"lines-of-{release.name}",
        "shortDescription": {"text": f"Lines that stand in {release.title}"},
        "helpUri": release.source_folder,
        "defaultConfiguration": {"level": "warning"},
    }
    results = [_result(name, passage, trace, release, rule["id"]) for name, trace in traces.items() for passage in trace.most.passages]
    driver = {"name": "linux-as-a-model", "version": VERSION, "rules": [rule]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _result(name: str, passage: Passage, trace: Trace, release: Release, rule: object) -> dict[str, Any]:
    there = f"{passage.file.path}, lines {passage.file_start + 1:,}–{passage.file_end:,}"
    region = {"startLine": passage.start + 1, "endLine": passage.end}
    these = f"Without a difference ({trace.difference.removesuffix('.')}), these" if trace.difference else "These"
    return {
        "ruleId": rule,
        "message": {"text": f"{these} lines stand in {release.title}: {there} · {wording.licence_in_full(passage.file.licence)}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": quote(name)}, "region": region}}],
    }
