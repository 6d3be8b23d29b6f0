"""What lossy copies cost the server: the first visitor at a setting, a crowd at one setting, and more settings than there may be copies.

    python -m tests.bench_lossy [VISITORS]

To a server of its own: one file as shipped, then the same at 6 bits a weight, which makes the copy, and another file at 6 bits, which finds
it there; VISITORS (20) at once, each another file, all at 6 bits; and 8 visitors at once, each at another setting. Prints for each when
first lines came and all was served, seconds of a processor (the server's, and those of the processes that convert), the server's memory
afterwards and its copies on disk; and how many were refused, or, of the first
few, are not what `emit` alone writes.
"""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from laam.emission.ask import ask_of_query
from laam.emission.emit import emit
from laam.emission.question import Question
from laam.model.model import Model, open_model
from laam.settings import Settings
from tests.bench_crowd import DIGEST, ROADS, SERVE, processor, wait_for
from tests.bench_memory import resident
from tests.serving.scripted import text_of

VISITORS = 20
PORT = 7997
SETTINGS = [*(f"bits={bits}" for bits in (8, 7, 5, 4)), "noise=0.02", "noise=0.02&seed=1", "pruned=0.1", "pruned=0.2"]
SETTLE_S = 3
LIMIT = 1_000  # tokens of each emission: what is left of a model may never close a file
CHECKED = 3  # texts of each part: each takes a copy of its own


@dataclass
class Visit:
    """Seconds until the first line and the last word, and the text's sha256; empty if it was refused."""

    query: str
    first: float
    last: float
    sha256: str


async def visit(http: httpx2.AsyncClient, query: str, number: int) -> Visit:
    began, first, digest = time.monotonic(), 0.0, ""
    async with http.stream("GET", f"stream?{query}&visit=v{number}", headers={"X-Forwarded-For": f"10.0.0.{number}"}) as stream:
        async for line in stream.raise_for_status().aiter_lines():
            if not first and ROADS["page"][1].search(line):
                first = time.monotonic() - began
            if found := DIGEST.search(line):
                digest = found[1]
    return Visit(query, first, time.monotonic() - began, digest)


async def visits(address: str, queries: Sequence[str]) -> list[Visit]:
    async with httpx2.AsyncClient(base_url=address, timeout=600, limits=httpx2.Limits(max_connections=None)) as http:
        return list(await asyncio.gather(*(visit(http, query, number) for number, query in enumerate(queries))))


def sha256_alone(query: str, model: Model) -> str:
    ask = ask_of_query(dict(re.findall(r"([^&=]+)=([^&]*)", query)))
    return sha256(text_of(emit(Question(ask), model)).encode()).hexdigest()


def on_disk(temporary: Path) -> float:
    """What lies in the copies' folders, in MB."""
    return sum(file.stat().st_size for file in temporary.rglob("*") if file.is_file()) / 1e6


def main(visitors: int) -> None:
    model = open_model("embedded", Settings())
    known = sorted(model.trained_tokens)
    paths = [known[number * len(known) // visitors] for number in range(visitors)]
    parts = {
        "one visitor, as shipped": [f"path={known[0]}"],
        "the first one at 6 bits": [f"path={known[0]}&bits=6"],
        "another file at 6 bits": [f"path={known[1]}&bits=6"],
        f"{visitors} visitors at 6 bits, each another file": [f"path={path}&bits=6" for path in paths],
        f"{len(SETTINGS)} visitors, each another setting": [f"path={known[2]}&{setting}" for setting in SETTINGS],
    }
    address = f"http://127.0.0.1:{PORT}/"
    with TemporaryDirectory() as cache, TemporaryDirectory() as temporary:
        environment = {**os.environ, "TMPDIR": temporary}
        with subprocess.Popen([*SERVE, str(PORT), cache], env=environment) as process:
            wait_for(address)
            print(f"at the start: {resident(process.pid):,.0f} MB; load average {os.getloadavg()[0]:.1f}", flush=True)
            for what, queries in parts.items():
                asked = [f"{query}&n={LIMIT}" for query in queries]
                before = processor(process.pid) + converting(process.pid)
                found = asyncio.run(visits(address, asked))
                busy = processor(process.pid) + converting(process.pid) - before
                time.sleep(SETTLE_S)
                refused = sum(not each.sha256 for each in found)
                wrong = sum(each.sha256 not in ("", sha256_alone(each.query, model)) for each in found[:CHECKED])
                first = sorted(each.first for each in found)
                print(
                    f"{what}: first line median {first[len(first) // 2]:.2f} s, last {first[-1]:.2f} s; "
                    f"all after {max(each.last for each in found):.1f} s, {busy:.1f} s of a processor; {resident(process.pid):,.0f} MB, "
                    f"{on_disk(Path(temporary)):,.0f} MB on disk; {refused} refused, {wrong} of {len(found[:CHECKED])} wrong",
                    flush=True,
                )
            process.terminate()
        print(f"on disk once it has ended: {on_disk(Path(temporary)):,.0f} MB; load average {os.getloadavg()[0]:.1f}")


def converting(process: int) -> float:
    """Seconds of a processor that the children of a process have had, once they have ended."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS)
