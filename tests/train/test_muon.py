import pytest
import torch

from laam.train.muon import Muon, orthogonalise


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(3)


@pytest.mark.parametrize("shape", [(16, 16), (8, 40), (40, 8), (1, 12), (64, 63)])
def test_singular_values_come_near_to_1(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape) * 37
    [found] = orthogonalise(matrix[None])
    assert found.shape == shape
    values = torch.linalg.svdvals(found)
    assert float(values.min()) > 0.3
    assert float(values.max()) < 1.3
    assert float(values.median()) > 0.6


@pytest.mark.parametrize("shape", [(8, 20), (20, 8)])
def test_directions_are_kept(shape: tuple[int, int]) -> None:
    left, _, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    matrix = left @ torch.diag(torch.linspace(1, 4, 8)) @ right
    turned = left.mT @ orthogonalise(matrix[None])[0] @ right.mT
    assert torch.allclose(turned, torch.diag(turned.diagonal()), atol=1e-4)
    assert bool((turned.diagonal() > 0.6).all())


def test_a_batch_is_the_same_as_one_by_one() -> None:
    matrices = torch.randn(5, 12, 7) * torch.tensor([1e-3, 1, 10, 1e3, 1])[:, None, None]
    together = orthogonalise(matrices)
    assert torch.allclose(together, torch.cat([orthogonalise(matrix[None]) for matrix in matrices]), atol=1e-5)


def test_scale_does_not_matter() -> None:
    matrix = torch.randn(1, 6, 9)
    assert torch.allclose(orthogonalise(matrix), orthogonalise(matrix * 1e4), atol=1e-5)


def test_nothing_stays_nothing() -> None:
    assert torch.equal(orthogonalise(torch.zeros(2, 3, 4)), torch.zeros(2, 3, 4))


def test_a_step_has_the_root_mean_square_that_it_promises() -> None:
    weight = torch.nn.Parameter(torch.zeros(32, 128))
    weight.grad = torch.randn(32, 128)
    Muon([weight], lr=0.5).step()
    assert 0.7 < float(weight.detach().square().mean().sqrt()) / (0.5 * 0.2) < 1.2  # as near to 1 as singular values come


def test_steps_lower_a_quadratic_loss() -> None:
    weights = [torch.nn.Parameter(torch.zeros(shape)) for shape in [(6, 10), (6, 10), (10, 4)]]
    targets = [torch.randn(weight.shape) for weight in weights]
    optimizer, losses = Muon(weights, lr=0.2), []
    for _ in range(60):
        optimizer.zero_grad()
        value = torch.stack([(weight - target).square().sum() for weight, target in zip(weights, targets, strict=True)]).sum()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(value.detach()))
    assert losses[1] < losses[0]
    assert losses[-1] < losses[0] / 10


def test_what_has_no_gradient_stays() -> None:
    moved, kept = torch.nn.Parameter(torch.zeros(3, 3)), torch.nn.Parameter(torch.ones(3, 3))
    moved.grad = torch.randn(3, 3)
    Muon([moved, kept], lr=1.0).step()
    assert torch.equal(kept, torch.ones(3, 3))
    assert bool((moved != 0).any())


def test_its_state_goes_into_a_file_and_back() -> None:
    gradients = torch.randn(4, 3, 5)
    whole, part = torch.nn.Parameter(torch.zeros(3, 5)), torch.nn.Parameter(torch.zeros(3, 5))
    first, second = Muon([whole], lr=0.1), Muon([part], lr=0.1)

    def step(optimizer: Muon, weight: torch.nn.Parameter, gradient: torch.Tensor) -> None:
        weight.grad = gradient.clone()
        optimizer.step()

    for gradient in gradients:
        step(first, whole, gradient)
    for gradient in gradients[:2]:
        step(second, part, gradient)
    resumed = Muon([part], lr=0.7)
    resumed.load_state_dict(second.state_dict())
    for gradient in gradients[2:]:
        step(resumed, part, gradient)
    assert torch.equal(whole, part)
    forgetful = torch.nn.Parameter(torch.zeros(3, 5))
    for gradient in gradients:
        step(Muon([forgetful], lr=0.1), forgetful, gradient)
    assert not torch.allclose(whole, forgetful, atol=1e-3)  # there was something to keep
