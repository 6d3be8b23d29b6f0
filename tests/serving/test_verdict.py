from dataclasses import replace

import pytest

from laam.compare.credit import CreditScore
from laam.serving.verdict import LITTLE, kind_of

FOUND = CreditScore(1.0, 1.0, 100, 100, 10, 10, (), "", 0)


@pytest.mark.parametrize(("found", "without_boilerplate", "kind"), [(1.0, 0.0, "none"), (1.0, LITTLE, "part"), (LITTLE, 0.0, "none")])
def test_boilerplate_makes_no_text_a_part_of_the_kernel(found: float, without_boilerplate: float, kind: str) -> None:
    assert kind_of(replace(FOUND, found=found, found_without_boilerplate=without_boilerplate)) == kind
