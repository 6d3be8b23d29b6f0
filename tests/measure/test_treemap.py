import pytest

from laam.measure.treemap import HEIGHT, WIDTH, Box, layout_treemap

FOLDERS = {
    "kernel": {"a.c": 9000, "b.c": 5000, "c.h": 1000},
    "mm": {"d.c": 4000, "e.c": 4000},
    "tiny": {"f.h": 3},
    "none": {},
}


def overlap(one: Box, other: Box) -> float:
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(0.0, wide) * max(0.0, high)


def test_every_file_has_a_box_within_its_folder() -> None:
    found = layout_treemap(FOLDERS)
    assert {folder.name: set(folder.files) for folder in found} == {name: set(files) for name, files in FOLDERS.items() if files}
    for folder in found:
        for box in folder.files.values():
            assert overlap(box, folder.box) == pytest.approx(box.width * box.height)
            assert min(box.width, box.height) > 0
        assert -0.01 <= folder.box.left <= folder.box.left + folder.box.width <= WIDTH + 0.01
        assert -0.01 <= folder.box.top <= folder.box.top + folder.box.height <= HEIGHT + 0.01


def test_no_two_boxes_lie_on_each_other() -> None:
    found = layout_treemap(FOLDERS)
    for boxes in ([folder.box for folder in found], [box for folder in found for box in folder.files.values()]):
        assert all(overlap(one, other) < 1e-6 for number, one in enumerate(boxes) for other in boxes[:number])


def test_area_is_size_and_the_largest_comes_first() -> None:
    kernel = layout_treemap(FOLDERS)[0]
    assert (kernel.name, kernel.named, list(kernel.files)) == ("kernel", True, ["a.c", "b.c", "c.h"])
    areas = [box.width * box.height for box in kernel.files.values()]
    assert areas == pytest.approx([areas[2] * 9, areas[2] * 5, areas[2]])


def test_an_empty_file_and_an_empty_map() -> None:
    [folder] = layout_treemap({"lib": {"a.c": 0}})
    assert folder.files["a.c"].width > 900
    assert layout_treemap({}) == []


def test_a_small_folder_has_no_room_for_its_name() -> None:
    named = {folder.name: folder.named for folder in layout_treemap({"big": {"a": 10_000_000}, "small": {"b": 1}})}
    assert named == {"big": True, "small": False}
