import torch

from laam.train.order import FOCUS_REPEATS, POLISH_REPEATS, focused, polished


def draw() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def test_the_share_that_gives_way_is_drawn_and_the_rest_keeps_its_place() -> None:
    order, exact = torch.randperm(4000, generator=draw()), torch.arange(4000) >= 1000
    focus = focused(order, exact, 4000, 0.5, draw())
    changed = focus != order
    assert 0.45 < changed[exact[order]].float().mean() < 0.55
    assert not exact[focus[changed]].any()
    assert len(set(focus[changed].tolist())) > 500
    assert not changed[~exact[order]].any()
    assert torch.equal(focus, focused(order, exact, 4000, 0.5, draw()))


def test_a_few_samples_with_errors_do_not_take_over_the_pass() -> None:
    order, exact = torch.randperm(4000, generator=draw()), torch.arange(4000) >= 3
    focus = focused(order, exact, 4000, 0.5, draw())
    assert (focus != order).sum() <= 3 * FOCUS_REPEATS
    assert (focus < 3).sum() == 3 + 3 * FOCUS_REPEATS


def test_windows_take_no_more_of_the_places_than_segments_do() -> None:
    order = torch.randperm(4000, generator=draw())
    exact = (torch.arange(4000) >= 100) & (torch.arange(4000) < 3000)
    focus = focused(order, exact, 3000, 0.5, draw())
    taken = focus[focus != order]
    assert len(taken) > 1200
    assert 0.45 < (taken < 100).float().mean() < 0.55
    many = focused(order, torch.arange(4000) == 2999, 3000, 1.0, draw())  # there are more segments with errors than windows
    assert (many != order).sum() <= 1


def test_a_pass_of_the_polish_takes_all_segments_and_what_is_not_safe_more_often() -> None:
    safe = torch.arange(200) >= 10
    order = polished(safe, draw())
    assert order.bincount().tolist() == [POLISH_REPEATS] * 10 + [1] * 190
    assert not torch.equal(order, polished(safe, torch.Generator().manual_seed(6)))
    assert len(polished(torch.zeros(7, dtype=torch.bool), draw())) == 7 * POLISH_REPEATS  # none is safe yet


def test_nothing_gives_way_where_none_or_all_are_exact_or_no_share_is_wanted() -> None:
    order = torch.randperm(40, generator=draw())
    for exact, share in ((torch.zeros(40, dtype=torch.bool), 1.0), (torch.ones(40, dtype=torch.bool), 1.0), (order > 20, 0.0)):
        assert torch.equal(focused(order, exact, 40, share, draw()), order)
