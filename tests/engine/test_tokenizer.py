"""The browser's tokenizer and prompts, held to Python's."""

import random

from laam.model.model import Model
from laam.model.prompts import AddressedFormat
from tests.engine.node import node

TEXTS = [
    "",
    "\n",
    "\n\n\n",
    "int\tmain(void)\n{\n\treturn 0;\n}\n",
    "\n\n  x = y;\n\n",
    "<|end_file|> is text",
    "\r\nä 🐧 \ufeff\0",
    "\f" * 9,
]


def made_up_texts(files: dict[str, str]) -> list[str]:
    """Whole files, pieces of them that begin and end anywhere, and random characters."""
    draw = random.Random(1)
    texts = [*TEXTS, *files.values()]
    for text in files.values():
        starts = [draw.randrange(len(text)) for _ in range(20)]
        texts += [text[start : start + draw.randrange(60)] for start in starts]
    texts += ["".join(draw.choices("ab \n\t;(){}é漢🐧", k=draw.randrange(80))) for _ in range(100)]
    return texts


def test_texts_become_the_same_ids(model: Model, packed_tiny: str, made_up_files: dict[str, str]) -> None:
    texts = made_up_texts(made_up_files)
    assert node("encode", model=packed_tiny, texts=texts) == [model.codec.encode(text) for text in texts]


def test_ids_become_the_same_text(model: Model, packed_tiny: str) -> None:
    draw = random.Random(2)
    lists = [[draw.randrange(model.codec.vocab_size + 5) for _ in range(draw.randrange(30))] for _ in range(200)]
    lists += [model.codec.encode(text) for text in TEXTS]
    assert node("decode", model=packed_tiny, lists=lists) == [model.codec.decode(ids) for ids in lists]


def test_prompts_are_the_same(model: Model, packed_tiny: str, made_up_files: dict[str, str]) -> None:
    assert isinstance(model.format, AddressedFormat)
    sources = [text for text in [*made_up_texts(made_up_files), "🐧" * 40, "é" * 200] if text]
    paths = [("linux/kernel/sched.c", 0), ("linux/x.h", 12), ("ä.c", 7)]
    told = node("prompts", model=packed_tiny, paths=paths, sources=sources)
    assert told["paths"] == [model.format.header_ids(path, segment) for path, segment in paths]
    assert told["sources"] == [model.format.source_prompt(source, model.window).ids for source in sources]
