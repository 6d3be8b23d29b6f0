"""Memory that is free goes back to the system. Without this glibc keeps it: some 100 MB after 400 emissions."""

import asyncio
import gc
from time import process_time

from laam.glibc import glibc

BUSY_S = 0.2  # of a processor since the last time: a process that did less has little free memory
EVERY_S = 1.0


async def trim_regularly() -> None:
    """Every EVERY_S, if the process was at work, give back what is free in it; until it is cancelled. Ends at once without glibc."""
    trim, before = glibc("malloc_trim"), 0.0
    gc.collect()
    gc.freeze()  # what is there for good needn't be looked through again, so garbage is found sooner
    while trim:
        await asyncio.sleep(EVERY_S)
        if process_time() - before > BUSY_S:
            trim(0)  # a millisecond or two
            before = process_time()
