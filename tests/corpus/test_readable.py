from functools import partial

import pytest

from laam.corpus.catalog import describe_file
from laam.corpus.original import Original
from laam.corpus.readable import ReadableOriginal
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree
from tests.corpus.made_up import SOURCES, TREE

described = partial(describe_file, licences=SHIPPED.licences)


@pytest.mark.parametrize("path", SOURCES)
def test_it_compares_as_the_sealed_one_does_and_gives_text(path: str) -> None:
    sealed: Original = SealedManifest(seal_tree(TREE, SHIPPED)).original(path)
    readable: Original = ReadableOriginal(described(path, TREE[path]), TREE[path])
    assert (readable.file, readable.digests, readable.lengths) == (sealed.file, sealed.digests, sealed.lengths)
    assert readable.has_text
    assert "".join(readable.line(number) or "" for number in range(len(readable.lengths))).encode() == TREE[path]


@pytest.mark.parametrize("data", [b"", TREE["linux/kernel/teapot.c"], TREE["linux/init/hello.c"] + b"\n", TREE["linux/init/hello.c"][:-1]])
def test_bytes_of_another_file_are_refused(data: bytes) -> None:
    file = described("linux/init/hello.c", TREE["linux/init/hello.c"])
    with pytest.raises(ValueError, match=rf"linux/init/hello.c: sha256 is \w+, the manifest has {file.sha256}"):
        ReadableOriginal(file, data)


def test_a_file_that_is_not_utf_8() -> None:
    data = b"caf\xe9\n"
    assert ReadableOriginal(described("linux/a.c", data), data).line(0).encode("utf-8", "surrogateescape") == data
