"""In which order a pass takes its samples, and which of them more than once."""

import torch
from torch import Tensor

FOCUS_REPEATS = 8  # the most repeats of a sample with errors in one pass
POLISH_REPEATS = 12  # places of a segment that isn't safe in a pass of the polish


def focused(order: Tensor, exact: Tensor, segments: int, share: float, draw: torch.Generator) -> Tensor:
    """An order of sample numbers in which a random `share` of the exact samples give their places to samples with errors.

    `order` and the result: int64 of shape (samples,); `exact`: bool of shape (samples,), by sample number, of which the first `segments`
    are segments. Windows without a header, which are never called exact, take such places too, but at most as many as the segments do.
    No sample takes more than FOCUS_REPEATS places on average.
    """
    wrong = int((~exact[:segments]).sum())
    wants = (~exact).double()  # how likely a sample is to take a place, beside the others
    wants[segments:] *= min(1.0, wrong / max(1, len(exact) - segments))
    if not wrong:
        return order
    gives_way = exact[order] & (torch.rand(len(order), generator=draw) < share)
    gives_way &= gives_way.cumsum(0) <= FOCUS_REPEATS * float(wants.sum())
    return torch.where(gives_way, torch.multinomial(wants, len(order), replacement=True, generator=draw), order)


def polished(safe: Tensor, draw: torch.Generator) -> Tensor:
    """The segments of a pass of the polish, in an order: each once, and POLISH_REPEATS times if it isn't safe.

    `safe`: bool of shape (segments,), by number: whether it was before each pass so far, or two that are much alike would spoil each
    other in turn. The result: int64. All take part, since what mends one segment may spoil another.
    """
    order = torch.arange(len(safe)).repeat_interleave(torch.where(safe, 1, POLISH_REPEATS))
    return order[torch.randperm(len(order), generator=draw)]
