"""What the routes are made of. A test file that needs a fresh one, or another, has its own."""

import pytest

from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.serving.services import Services
from tests.serving.made_up import services_of


@pytest.fixture(scope="module")
def services(model: Model, manifest: SealedManifest) -> Services:
    return services_of(model, manifest)
