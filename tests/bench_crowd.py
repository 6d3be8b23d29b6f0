"""A crowd on the exhibit, over HTTP as a browser does it: what the scheduler is worth, against each emission run by itself.

    python -m tests.bench_crowd [VISITORS]

For each way, in this order: so many visitors (100) at once, each another file that the model was trained on; the same, but three in ten at
temperature 0.7; all of them again, from the recordings. Prints when first lines came and when all were served, tokens a second (and for
each second that the server had of a processor: on a machine that others use as well, only that says something), how long an idle page
waited meanwhile, the server's memory, and how many texts were not what they should be: the original, or, if they were drawn, what `emit`
alone draws. Ends after MOST_S for each part.
"""

import asyncio
import math
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
from typing import Any
from unittest.mock import patch

import httpx2
import uvicorn

from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.question import Question
from laam.emission.run import emit
from laam.exhibit import server
from laam.model import drafts
from laam.model.engine import CTranslate2Engine, Decoding
from laam.model.model import Model, open_model
from laam.serving.limits import Places, Running
from laam.serving.recordings import Recordings
from laam.serving.services import Services
from laam.settings import Settings, read_settings
from tests.serving.scripted import text_of

VISITORS = 100
WARM = 0.7
MOST_TOKENS = 40_000
MOST_S = 600.0
BEFORE = 4  # emissions at once where each runs by itself, as it was before there was a scheduler
WAYS = ("alone", "shared")
SERVE = (sys.executable, "-m", "tests.bench_crowd", "serve")
ROW = 'class=\\"row'
DIGEST = re.compile(r"emitted_sha256[^0-9a-f]{1,9}([0-9a-f]{64})")


@dataclass
class Visit:
    """What became of a visit: seconds until the first line and the last word, the text's sha256, and what went wrong. What never came took
    for ever."""

    path: str
    first: float = math.inf
    last: float = math.inf
    sha256: str = ""
    error: str = ""


def serve(way: str, port: int, cache: Path) -> None:
    """The exhibit without recordings made in the background. `alone`: every emission decodes for itself, BEFORE of them at once, and draws
    id by id."""
    settings = Settings(port=port, model="embedded", cache=cache, originals="sealed", offline=True, record=False)
    if way == "alone":
        CTranslate2Engine.__init__.__defaults__ = (1,)

        def services(originals: Any, model: Any, _: Recordings) -> Services:
            found = Services(originals, model, Recordings(), running=Running())
            found.running.page = Places(BEFORE, waiting=10_000, wait_s=MOST_S)
            return found

        drafts.HOTTEST = 0.0
        with patch.object(server, "Services", services):
            app = server.build_app(settings)
    else:
        app = server.build_app(settings)
    uvicorn.run(app, port=port, log_level="error")


class Browser:
    """What a browser asks of the page when somebody clicks on Emit."""

    def __init__(self, http: httpx2.AsyncClient, config: dict[str, Any]) -> None:
        self._http = http
        [button] = [part["id"] for part in config["components"] if part["props"].get("elem_id") == "emit"]
        [self._event] = [event["id"] for event in config["dependencies"] if [button, "click"] in event["targets"]]

    async def visit(self, path: str, number: int, temperature: float, most: int) -> Visit:
        visit, session, began = Visit(path), f"visitor{number}t{temperature:g}{time.monotonic_ns()}", time.monotonic()
        data = [path.removeprefix("linux/"), None, temperature, 0, number, most, False, 0]
        address = {"X-Forwarded-For": f"10.0.{number // 256}.{number % 256}"}  # of a proxy: one client may not open so many pages
        join = {"data": data, "event_data": None, "fn_index": self._event, "trigger_id": None, "session_hash": session}
        try:
            (await self._http.post("gradio_api/queue/join", json=join, headers=address)).raise_for_status()
            async with self._http.stream("GET", f"gradio_api/queue/data?session_hash={session}", headers=address) as stream:
                stream.raise_for_status()
                async for line in stream.aiter_lines():
                    if visit.first == math.inf and ROW in line:
                        visit.first = time.monotonic() - began
                    if found := DIGEST.search(line):
                        visit.sha256 = found[1]
                    if '"process_completed"' in line:
                        if '"success":false' in line.replace(" ", ""):
                            visit.error = line[:300]
                        break
        except httpx2.HTTPError as error:
            visit.error = repr(error)
        visit.last = time.monotonic() - began
        return visit


async def idle_page(http: httpx2.AsyncClient, waits: list[float]) -> None:
    """Ask for the page twice a second, for as long as the crowd is there."""
    while True:
        began = time.monotonic()
        await http.get("/")
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.5)


async def crowd(address: str, asked: Sequence[tuple[str, float]], most: int = MOST_TOKENS) -> tuple[list[Visit], float]:
    """All visits, each to a path at a temperature, and the longest that the page took meanwhile. `most`: tokens of each."""
    limits = httpx2.Limits(max_connections=None)
    waits: list[float] = []
    async with httpx2.AsyncClient(base_url=address, timeout=MOST_S, limits=limits) as http:
        browser = Browser(http, (await http.get("config")).json())
        idle = asyncio.create_task(idle_page(http, waits))
        async with asyncio.timeout(MOST_S):
            visits = await asyncio.gather(*(browser.visit(path, number, warmth, most) for number, (path, warmth) in enumerate(asked)))
        idle.cancel()
    return list(visits), max(waits, default=0.0)


def memory(process: int) -> float:
    """The most that a process had in memory so far, in MB."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def processor(process: int) -> float:
    """Seconds of a processor that a process has had so far."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(what: str, visits: Sequence[Visit], idle: float, tokens: int, wrong: int, process: int, busy: float) -> float:
    """Print a line; returns the seconds until all were served. `busy`: seconds of a processor that the server took for it."""
    first, last = sorted(visit.first for visit in visits), max(visit.last for visit in visits)
    errors = [visit.error for visit in visits if visit.error]
    print(
        f"{what}: first line median {first[len(first) // 2]:.1f} s, p95 {first[int(len(first) * 0.95)]:.1f} s; all after {last:.1f} s, "
        f"{tokens / last:,.0f} tokens/s, {tokens / busy:,.0f} a processor second; "
        f"page at most {idle:.2f} s; {memory(process):,.0f} MB; {len(errors)} errors, {wrong} wrong sha256",
        *errors[:1],
        flush=True,
    )
    return last


def main(visitors: int) -> None:
    manifest = SealedManifest.open(read_settings().manifest_file)
    model = open_model("embedded", read_settings())
    known = sorted(model.trained_tokens)
    paths = [known[number * len(known) // visitors] for number in range(visitors)] if visitors <= len(known) else known
    print(f"{len(paths)} visitors; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, of which the bench takes some itself")
    tokens = {path: model.trained_tokens[path] for path in paths}
    exact = {path: manifest.original(path).file.sha256 for path in paths}
    greedy = [(path, 0.0) for path in paths]
    drawn = [(path, WARM if number % 10 < 3 else 0.0) for number, path in enumerate(paths)]
    drawn_alone = {path: sha256_alone(path, number, model) for number, (path, warmth) in enumerate(drawn) if warmth}
    seconds: dict[tuple[str, str], float] = {}
    for port, way in enumerate(WAYS, 7990):
        with (
            TemporaryDirectory() as cache,
            subprocess.Popen([sys.executable, "-m", __spec__.name, "serve", way, str(port), cache]) as process,
        ):
            address = f"http://127.0.0.1:{port}/"
            wait_for(address)
            for part, asked in (("greedy", greedy), ("drawn", drawn), ("recorded", greedy)):
                before = processor(process.pid)
                most = MOST_TOKENS - (part == "drawn")  # another ask than the one before, of which there are recordings
                visits, idle = asyncio.run(crowd(address, asked, most))
                busy = processor(process.pid) - before
                right = {**exact, **drawn_alone} if part == "drawn" else exact
                checked = [visit for visit in visits if not (way == "alone" and part == "drawn" and visit.path in drawn_alone)]
                wrong = sum(visit.sha256 != right[visit.path] for visit in checked)
                seconds[part, way] = report(f"{way}, {part}", visits, idle, sum(tokens.values()), wrong, process.pid, busy)
            process.terminate()
    for part in ("greedy", "drawn"):
        print(f"{part}: {seconds[part, 'alone'] / seconds[part, 'shared']:.2f} times as fast as each by itself")
    print(f"load average {os.getloadavg()[0]:.1f} at the end")


def sha256_alone(path: str, seed: int, model: Model) -> str:
    question = Question(Ask(path, decoding=Decoding(WARM, 0, seed)))
    return sha256(text_of(emit(question, model)).encode()).hexdigest()


def wait_for(address: str) -> None:
    """Until the server answers, and has loaded the model."""
    for _ in range(600):
        try:
            httpx2.get(f"{address}share/kernel/sched.c?n=1", timeout=60).raise_for_status()
            return
        except httpx2.ConnectError:
            time.sleep(0.2)
    raise TimeoutError(address)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS)
