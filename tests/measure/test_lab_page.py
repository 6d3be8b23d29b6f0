import json
from dataclasses import replace

from laam.corpus.releases import SHIPPED
from laam.measure.archives import NOT_TRAINED, TRAINED, UNTRAINED, Coding
from laam.measure.code_length import CodeLength
from laam.measure.lab_page import POST_PERCENT, render_lab
from laam.measure.packed_weights import Packed
from laam.measure.packing import Step
from tests.measure.test_archives import ARCHIVED, CODED, MEASURED
from tests.measure.test_render import TEMPLATES, Reader, atlas

STEPS = {"smallest": [Step(0, 2, 500, 10240, 300, 280), Step(POST_PERCENT, 1, 400, 10240, 250, 240)]}
ARCHIVES = replace(ARCHIVED, steps=STEPS)
ATLAS = atlas()
TOY = replace(MEASURED, weights_sha256=ATLAS.weights_sha256)


def test_the_first_step_that_is_shown_is_the_post_s_and_all_come_as_data() -> None:
    reader = Reader(render_lab(ARCHIVES, [TOY], [ATLAS], SHIPPED, TEMPLATES, {}))
    [lab] = reader.of_class("lab")
    assert json.loads(lab["data-steps"]) == {"smallest": [[0, 2, 500, 300, 280], [POST_PERCENT, 1, 400, 250, 240]]}
    assert (lab["data-files"], lab["data-characters"], lab["data-most"]) == ("2", "500", "4000")
    for cells in ("tar.gz of the rest", "250", "1 of 2", "80.0 %"), ("tar.xz of the rest", "240", "1 of 2", "80.0 %"):
        assert "".join(cells) in reader.text


def test_a_model_is_shown_with_what_its_atlas_says_and_its_name_is_no_markup() -> None:
    text = Reader(render_lab(ARCHIVES, [TOY], [ATLAS], SHIPPED, TEMPLATES, {})).text
    assert "<toy>, float16, xz" in text
    assert "4,000" in text
    assert "As a compressor: " in text


def test_without_an_atlas_of_its_weights_a_model_is_not_shown_and_without_archives_nothing_is() -> None:
    assert "toy" not in render_lab(ARCHIVES, [MEASURED], [], SHIPPED, TEMPLATES, {})
    assert render_lab(None, [TOY], [ATLAS], SHIPPED, TEMPLATES, {}) == ""


def test_code_lengths_are_summed_over_the_source_files_and_the_control_apart() -> None:
    control = Coding([CodeLength("linux/a.c", 300, 150, 4000.0, 150)], 300, 280)
    unknown = Coding([CodeLength("linux/c.c", 100, 50, 79.5, 2)], 90, 88)
    known = replace(TOY, codings={TRAINED: CODED, NOT_TRAINED: unknown, UNTRAINED: control})
    text = " ".join(Reader(render_lab(ARCHIVES, [known], [ATLAS], SHIPPED, TEMPLATES, {})).text.split())
    # 2 + 101 and 10 bytes of code for 500 and 100 bytes; 101 + 10 for the two files that are not exact
    assert "Whoever has the weights needs 113 more bytes for all files, 0.1883 of their size" in text
    assert "with the weights in int8 that is 4,113 bytes, the adjusted ratio of 6.855" in text
    assert "As tar.xz they are 280 bytes, 0.467" in text
    assert "To make the 2 files exact that don’t come back by themselves, 111 bytes" in text
    assert "".join(("untrained copy, on 1 file", "0 of 1", "300", "500", "13.3333", "7.4667", "-1.760")) in text


def test_where_every_file_comes_back_no_residual_is_told() -> None:
    exact = Coding([file._replace(wrong=0) for file in CODED.files], 300, 280)
    tokenizers = {TOY.weights_sha256: Packed(400, 30)}
    text = " ".join(
        Reader(render_lab(ARCHIVES, [replace(TOY, codings={TRAINED: exact})], [ATLAS], SHIPPED, TEMPLATES, tokenizers)).text.split()
    )
    assert "No file has to be mended: every one comes back by itself." in text
    assert (
        # 2 + 101 of code, 4,000 of weights and 30, for 500
        "400 bytes, 30 as xz. With the tokenizer, the adjusted ratio is 8.266." in text
    )  # 2 + 101 of code, 4,000 of weights and 30, for 500
