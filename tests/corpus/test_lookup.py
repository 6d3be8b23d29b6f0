from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from laam.corpus.lines import COMMON_FILES, source_text, split_lines
from laam.corpus.lookup import LineCredit, Location, Place, credit_lines, line_index, locate
from laam.corpus.original import Original
from laam.corpus.readable import ReadableOriginal
from laam.corpus.releases import SHIPPED
from laam.corpus.sealed import SealedManifest, seal_tree


def function(name: str, number: int) -> str:
    """A made-up function of eight lines, three of which every one has."""
    return (
        f"static int {name}_{number}(int cups)\n{{\n\tint {name}_left = {number};\n\n"
        f"\tif (cups > {number})\n\t\treturn -{number};\t/* {name} */\n\treturn {name}_left;\n}}\n"
    )


NOTICE = "/*\n * a made-up notice that both of the files have\n * word for word, over several lines\n */\n"
TREE = {
    "linux/drivers/cup.c": (NOTICE + "".join(function("cup", number) for number in range(6))).encode(),
    "linux/drivers/pot.c": (NOTICE + "".join(function("pot", number) for number in range(6))).encode(),
    "linux/kernel/last.c": (function("last", 1) + "/* without a newline at its end */").encode(),
    **{f"linux/fs/many{number}.c": f"int many_{number};\n\tmany_of_them_have_this();\n".encode() for number in range(12)},
}
CUP = TREE["linux/drivers/cup.c"].decode()
POT_PATH = "linux/drivers/pot.c"
LINES = split_lines(CUP)


@pytest.fixture(scope="module")
def manifest() -> SealedManifest:
    return SealedManifest(seal_tree(TREE, SHIPPED))


@dataclass
class Texts:
    """A reader that has every text."""

    manifest: SealedManifest

    def original(self, path: str, /) -> Original:
        return ReadableOriginal(self.manifest.catalog.find(path), source_text(TREE[path]))


@pytest.fixture(scope="module")
def texts(manifest: SealedManifest) -> Texts:
    return Texts(manifest)


def facts(location: Location | None) -> tuple[object, ...] | None:
    if location is None:
        return None
    return location.file.path, location.start, location.end, location.matched


CUP_PATH = "linux/drivers/cup.c"


# locate


@pytest.mark.parametrize(("start", "end"), [(0, 52), (0, 20), (10, 30), (12, 13), (51 - 7, 52)])
def test_whole_lines(manifest: SealedManifest, texts: Texts, start: int, end: int) -> None:
    text = "".join(LINES[start:end])
    assert facts(locate(text, manifest)) == (CUP_PATH, start, end, end - start)
    assert facts(locate(text, manifest, texts)) == (CUP_PATH, start, end, end - start)


def test_a_first_and_a_last_line_that_are_cut(manifest: SealedManifest, texts: Texts) -> None:
    text = LINES[9][3:] + "".join(LINES[10:30]) + LINES[30][:4]
    assert facts(locate(text, manifest)) == (CUP_PATH, 10, 30, 20)
    assert locate(text, manifest) == locate(text, manifest, manifest) == locate(text, manifest, texts)


def test_cut_lines_that_are_others(manifest: SealedManifest, texts: Texts) -> None:
    text = "not from here\n" + "".join(LINES[10:30]) + "nor this"
    assert facts(locate(text, manifest, texts)) == (CUP_PATH, 10, 30, 20)


@pytest.mark.parametrize("cut", [1, 5, 17])
def test_a_text_cut_at_any_character(manifest: SealedManifest, texts: Texts, cut: int) -> None:
    whole = "".join(LINES[12:28])
    for stop in range(len(whole) // 2, len(whole)):
        text = whole[cut:stop]
        location = locate(text, manifest, texts)
        assert location is not None
        assert location.file.path == CUP_PATH
        assert location.end == 12 + whole.count("\n", 0, stop)
        assert location.following == 12 + len(split_lines(whole[:stop]))


def test_a_changed_line_in_the_middle_stands_in_the_span(manifest: SealedManifest) -> None:
    text = "".join([*LINES[10:20], "\tsomething else;\n", *LINES[21:30]])
    assert facts(locate(text, manifest)) == (CUP_PATH, 10, 30, 19)


def test_the_longest_run_that_is_in_one_place_only(manifest: SealedManifest) -> None:
    text = NOTICE + "".join(LINES[12:16])
    location = locate(text, manifest)
    assert location is not None
    assert (location.file.path, location.end) == (CUP_PATH, 16)


def test_the_file_s_last_line_has_no_newline(manifest: SealedManifest, texts: Texts) -> None:
    text = TREE["linux/kernel/last.c"].decode()
    assert facts(locate(text, manifest)) == ("linux/kernel/last.c", 0, 9, 9)
    assert facts(locate(text[-30:], manifest, texts)) == ("linux/kernel/last.c", 9, 9, 0)


@pytest.mark.parametrize(
    "text", ["", "\n", "}\n", "{\n}\n", "x", NOTICE, "int a_made_up_line;\n" * 5, "\n" * 4000, "x" * 4000, "\ud800\n", "\0\n"]
)
def test_what_is_nowhere_or_in_many_places(manifest: SealedManifest, texts: Texts, text: str) -> None:
    assert locate(text, manifest) is None
    assert locate(text, manifest, texts) is None


def test_one_line_in_a_text_of_another_make_proves_nothing(manifest: SealedManifest) -> None:
    other = [f"int of_another_make_{number};\n" for number in range(20)]
    assert locate("".join([*other, LINES[12]]), manifest) is None
    assert locate("".join([*other, *LINES[12:20]]), manifest) is not None


@pytest.mark.parametrize(("end", "characters", "is_proof"), [(18, 50, False), (19, 66, True)])
def test_lines_of_sixty_characters_in_a_text_of_another_make_are_proof(
    manifest: SealedManifest, end: int, characters: int, is_proof: bool
) -> None:
    other = [f"int of_another_make_{number};\n" for number in range(20)]
    assert sum(len(line.strip()) for line in LINES[14:end]) == characters
    assert (locate("".join([*other, *LINES[14:end]]), manifest) is not None) == is_proof


def test_a_piece_of_one_line_is_found_by_content_alone(manifest: SealedManifest, texts: Texts) -> None:
    assert locate("static int cup_3(int cu", manifest) is None
    assert facts(locate("static int cup_3(int cu", manifest, texts)) == (CUP_PATH, 28, 28, 0)
    assert facts(locate("tic int cup_3(int cups)", manifest, texts)) == (CUP_PATH, 28, 28, 0)
    assert facts(locate("tic int cup_3(int cups)\n{", manifest, texts)) == (CUP_PATH, 29, 29, 0)
    assert locate("static int c", manifest, texts) is None  # too short to say anything
    assert locate("\tmany_of_them_have_this(", manifest, texts) is None  # in twelve places


@pytest.mark.parametrize("text", ["\n" * 200_000, "}\n\n" * 50_000, "\treturn 0;\n}\n" * 30_000, "x\n" * 100_000])
def test_many_lines_that_anyone_has_are_from_nowhere(linux: SealedManifest, text: str) -> None:
    assert locate(text, linux) is None


# credit_lines


def test_each_line_is_credited_to_its_files(manifest: SealedManifest) -> None:
    credits = credit_lines(["int nowhere;\n", LINES[12], " * word for word, over several lines\n"], manifest)
    assert credits == [
        LineCredit(1, (Place(CUP_PATH, 13),), 1, False),
        LineCredit(2, (Place(CUP_PATH, 3), Place("linux/drivers/pot.c", 3)), 2, False),
    ]


def test_a_line_of_more_than_ten_files_is_boilerplate(manifest: SealedManifest) -> None:
    (credit,) = credit_lines(["\tmany_of_them_have_this();\n"], manifest)
    assert (credit.files, credit.boilerplate, len(credit.places)) == (12, True, COMMON_FILES)


def test_a_line_goes_on_where_the_one_before_it_was(manifest: SealedManifest) -> None:
    for path in (CUP_PATH, POT_PATH):  # whichever comes first in the catalogue: both have the braces and the blank lines
        credits = credit_lines(split_lines(TREE[path].decode())[20:44], manifest)
        assert [credit.places[0] for credit in credits] == [Place(path, number) for number in range(21, 45)]


def test_all_lines_of_the_tree_are_credited_to_their_own_file(manifest: SealedManifest) -> None:
    for path, data in TREE.items():
        lines = split_lines(data.decode())
        credits = credit_lines(lines, manifest)
        assert len(credits) == len(lines)
        assert all(any(place.path == path for place in credit.places) or credit.boilerplate for credit in credits)


def test_no_lines(manifest: SealedManifest) -> None:
    assert credit_lines([], manifest) == []
    assert credit_lines(["", "\ud800\n", "{"], manifest) == []


# The index


def test_the_index_is_built_once_by_any_number_of_threads(manifest: SealedManifest) -> None:
    fresh = SealedManifest(seal_tree(TREE, SHIPPED))
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(line_index, [fresh] * 8))
    assert len(set(map(id, indexes))) == 1
    assert line_index(manifest) is not indexes[0]


def test_the_index_of_the_kernel_holds_every_line(linux: SealedManifest) -> None:
    assert len(line_index(linux).digests) == 170_581
    assert all(credit.boilerplate for credit in credit_lines(["\n", "}\n"], linux))
