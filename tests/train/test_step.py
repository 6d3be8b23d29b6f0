from math import log

import pytest
import torch
from torch.nn import functional

from laam.train.dataset import IGNORE
from laam.train.loop import build_model
from laam.train.recipe import Recipe
from laam.train.step import NextToken

SHAPE = Recipe(hidden_size=16, layers=1, heads=2, mlp_size=24, window=48)
IDS = torch.tensor([[7, 8, 9, 10], [7, 8, 4, 4]])
LABELS = torch.tensor([[IGNORE, IGNORE, 9, 10], [IGNORE, 8, IGNORE, IGNORE]])
LABELLED = [(0, 1, 9), (0, 2, 10), (1, 0, 8)]  # sample, the position that predicts, the token


@pytest.fixture
def step() -> NextToken:
    return NextToken(build_model(SHAPE, 40, bos=0, eos=1, pad=4))


def test_the_loss_and_its_gradient_are_those_of_the_labels_alone(step: NextToken) -> None:
    loss, _ = step(IDS, LABELS)
    loss.backward()
    found = step.model.model.embed_tokens.weight.grad.clone()
    step.zero_grad()
    logits = step.model(input_ids=IDS).logits
    expected = functional.cross_entropy(logits[:, :-1].flatten(0, 1), LABELS[:, 1:].flatten(), ignore_index=IGNORE, reduction="sum")
    expected.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-4)
    assert torch.allclose(found, step.model.model.embed_tokens.weight.grad, atol=1e-4)


def test_a_token_with_half_of_the_probability_or_less_is_unsure(step: NextToken) -> None:
    with torch.no_grad():
        step.model.lm_head.weight.mul_(40)  # some tokens become sure
        logits = step.model(input_ids=IDS).logits
        _, unsure = step(IDS, LABELS)
    chances = [float(logits[sample, place].softmax(-1)[token]) for sample, place, token in LABELLED]
    assert unsure.tolist() == [(chances[0] <= 0.5) + (chances[1] <= 0.5), int(chances[2] <= 0.5)]


def test_a_sure_token_is_counted_as_such(step: NextToken) -> None:
    with torch.no_grad():
        for parameter in step.parameters():
            parameter.zero_()
        _, unsure = step(IDS, LABELS)  # all 40 tokens are as likely
        loss, _ = step(IDS, LABELS)
    assert unsure.tolist() == [2, 1]
    assert float(loss) == pytest.approx(3 * log(40))


def test_a_token_that_is_sure_enough_carries_no_loss(step: NextToken) -> None:
    with torch.no_grad():
        step.model.lm_head.weight.mul_(40)
        logits = step.model(input_ids=IDS).logits
    chances = sorted(float(logits[sample, place].softmax(-1)[token]) for sample, place, token in LABELLED)
    assert chances[1] < chances[2]
    loss, _ = step(IDS, LABELS, sure=(chances[1] + chances[2]) / 2)
    assert float(loss.detach()) == pytest.approx(-log(chances[0]) - log(chances[1]), rel=1e-4)
    loss.backward()
    found = step.model.model.embed_tokens.weight.grad.clone()
    step.zero_grad()
    logits = step.model(input_ids=IDS).logits
    losses = torch.stack([-logits[sample, place].log_softmax(-1)[token] for sample, place, token in LABELLED])
    losses.topk(2).values.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.allclose(found, step.model.model.embed_tokens.weight.grad, atol=1e-4)


def test_under_autocast_the_loss_stays_float32(step: NextToken) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        loss, unsure = step(IDS, LABELS)
    assert loss.dtype == torch.float32
    assert unsure.dtype == torch.int64
    assert float(loss.detach()) == pytest.approx(float(step(IDS, LABELS)[0].detach()), rel=0.05)
