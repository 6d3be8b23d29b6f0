"""What the server's memory does under a crowd: does it grow with every emission, and does it come back after a burst?

    python -m tests.bench_memory [EMISSIONS]

20 visitors ask for so many different emissions (200), and for as many others after that; then come 195 requests that are idle, slow to
read, or never sent to their end. Prints the server's memory after each part, how long a visitor waited meanwhile, and its log's length.
"""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx2

from laam.model.model import open_model
from laam.settings import Settings
from tests.bench_crowd import SERVE, Asked, visit, wait_for

EMISSIONS = 200
VISITORS = 20
BURST = 195
BURST_S = 10.0  # for which the burst holds its connections
SETTLE_S = 3  # after which memory is looked at
PORT = 7996


def resident(process: int) -> float:
    """What a process has in memory now, in MB."""
    return int(Path(f"/proc/{process}/statm").read_text("utf-8").split()[1]) * 4096 / 1e6


async def emissions(address: str, paths: list[str], first: int, count: int) -> None:
    """`count` emissions by VISITORS at once, none like another: each file comes again with another length."""
    numbers = itertools.count(first)
    async with httpx2.AsyncClient(base_url=address, timeout=600, limits=httpx2.Limits(max_connections=None)) as http:

        async def visitor() -> None:
            while (number := next(numbers)) < first + count:
                found = await visit(http, "page", Asked(paths[number % len(paths)], number, 0.0, 40_000 - number // len(paths)))
                if found.error:
                    print(found.error, flush=True)

        await asyncio.gather(*(visitor() for _ in range(VISITORS)))


@asynccontextmanager
async def connection(address: str, sent: bytes) -> AsyncIterator[None]:
    """A connection over which something was sent, and from which nothing is read."""
    host = urlsplit(address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port, limit=1)
    try:
        writer.write(sent)
        yield
    finally:
        writer.transport.abort()
        del reader


async def burst(address: str, paths: list[str]) -> float:
    """Hold BURST bad connections for BURST_S seconds; returns the longest that a visitor waited for the page meanwhile, in seconds."""
    kinds = [
        b"",
        b"POST /gradio_api/call/emit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ",
        *(f"GET /stream?path={path}&n=39999 HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths[:3]),
    ]
    waits = []
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        held = [connection(address, kinds[number % len(kinds)]) for number in range(BURST)]
        for each in held:
            await each.__aenter__()
        end = time.monotonic() + BURST_S
        while time.monotonic() < end:
            began = time.monotonic()
            (await http.get("/")).raise_for_status()
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.5)
        for each in held:
            await each.__aexit__(None, None, None)
    return max(waits)


def main(count: int) -> None:
    paths = sorted(open_model("embedded", Settings()).trained_tokens)
    address = f"http://127.0.0.1:{PORT}/"
    with TemporaryDirectory() as cache:
        log = Path(cache) / "log"
        with log.open("w", encoding="utf-8") as lines, subprocess.Popen([*SERVE, str(PORT), cache], stderr=lines) as process:
            wait_for(address)
            print(f"at the start: {resident(process.pid):,.0f} MB", flush=True)
            for part in range(2):
                began = time.monotonic()
                asyncio.run(emissions(address, paths, part * count, count))
                took, at_the_end = time.monotonic() - began, resident(process.pid)
                time.sleep(SETTLE_S)
                done = f"{(part + 1) * count} emissions by {VISITORS} visitors"
                print(f"after {done}: {resident(process.pid):,.0f} MB ({at_the_end:,.0f} MB at once; {took:.0f} s)", flush=True)
            longest = asyncio.run(burst(address, paths))
            held = f"during {BURST} idle, slow and half-sent requests: {resident(process.pid):,.0f} MB"
            print(f"{held}, the page took at most {longest:.2f} s", flush=True)
            time.sleep(SETTLE_S)
            said = log.read_text("utf-8")
            print(f"after them: {resident(process.pid):,.0f} MB; {len(said.splitlines())} lines of log, {said.count('Traceback')} stacks")
            process.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EMISSIONS)
