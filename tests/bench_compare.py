"""How long the alignment takes on made-up files, beside difflib: `python -m tests.bench_compare`. Not a test.

A file as long as the longest of Linux 1.0 with 500 wrong lines, and a text of 40,000 lines against it. *kept*: characters of the original
in matched lines. The seconds are the processor's, so a busy machine shows the same.
"""

import difflib
import random
from time import process_time

from laam.compare.align import align
from laam.compare.score import RunningScore
from tests.compare.made_up import MadeUpOriginal, make_source

LONGEST, WRONG, ENDLESS = 3_725, 500, 40_000  # lines


def main() -> None:
    source = make_source(LONGEST)
    held = MadeUpOriginal(source)
    digests, lengths = held.digests, held.lengths
    wrong = list(digests)
    for place in random.Random(1).sample(range(LONGEST), WRONG):
        wrong[place] = -place - 1
    cases = {
        f"{LONGEST:,} lines, {WRONG} wrong": wrong,
        f"{ENDLESS:,} lines, the same again and again": (wrong * (ENDLESS // LONGEST + 1))[:ENDLESS],
    }
    for name, emitted in cases.items():
        began = process_time()
        blocks = align(emitted, digests, lengths).blocks
        aligned = process_time()
        opcodes = difflib.SequenceMatcher(None, emitted, digests, autojunk=False).get_opcodes()
        ended = process_time()
        ours = RunningScore(held)
        ours.add(blocks)
        theirs = sum(sum(lengths[start:end]) for tag, _, _, start, end in opcodes if tag == "equal")
        print(f"{name:46} align {aligned - began:.3f} s, kept {ours.exact_characters:,}   difflib {ended - aligned:.3f} s, kept {theirs:,}")


if __name__ == "__main__":
    main()
