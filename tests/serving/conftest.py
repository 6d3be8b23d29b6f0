"""An exhibit whose recordings note what is asked of them. A test file that needs other services has its own."""

from dataclasses import replace

import pytest

from laam.corpus.sealed import SealedManifest
from laam.model.model import Model
from laam.serving.services import Services
from tests.serving.made_up import Watched, services_of


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def services(model: Model, manifest: SealedManifest, watched: Watched) -> Services:
    return replace(services_of(model, manifest), recordings=watched)
