from functools import partial

import pytest

from laam.corpus.catalog import describe_file
from laam.corpus.lines import source_text
from laam.corpus.original import Original
from laam.corpus.readable import ReadableOriginal
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from tests.corpus.made_up import SOURCES, TREE

described = partial(describe_file, licences=SHIPPED.licences)


@pytest.mark.parametrize("path", SOURCES)
def test_it_compares_as_the_sealed_one_does_and_gives_text(path: str) -> None:
    sealed: Original = SealedManifest(seal_tree(TREE, SHIPPED)).original(path)
    readable: Original = ReadableOriginal(described(path, TREE[path]), source_text(TREE[path]))
    assert (readable.file, readable.digests, readable.lengths) == (sealed.file, sealed.digests, sealed.lengths)
    assert readable.has_text
    assert "".join(readable.line(number) or "" for number in range(len(readable.lengths))).encode() == TREE[path]


def test_a_file_that_is_not_utf_8() -> None:
    data = b"caf\xe9\n"
    assert ReadableOriginal(described("linux/a.c", data), source_text(data)).line(0).encode("utf-8", "surrogateescape") == data
