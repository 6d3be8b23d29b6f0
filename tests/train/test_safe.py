import torch

from laam.train.dataset import IGNORE
from laam.train.loop import build_model
from laam.train.recipe import Recipe
from laam.train.safe import least_lead


def test_the_least_lead_is_that_of_the_right_token_over_the_next_best() -> None:
    model = build_model(Recipe(hidden_size=16, layers=1, heads=2, mlp_size=24, window=12), 40, bos=0, eos=1, pad=4)
    ids = torch.arange(6, 18).reshape(1, 12)
    labels = ids.clone()
    labels[0, :3] = labels[0, 9:] = IGNORE  # a prompt, and padding
    logits = model(input_ids=ids).logits[0].detach()
    leads = []
    for place, label in enumerate(labels[0, 1:].tolist()):
        if label != IGNORE:
            others = torch.cat([logits[place, :label], logits[place, label + 1 :]])
            leads.append(logits[place, label] - others.max())
    assert len(leads) == 6
    torch.testing.assert_close(least_lead(model, ids, labels)[0], min(leads))
