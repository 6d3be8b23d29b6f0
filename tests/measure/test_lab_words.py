import re

from laam.corpus.sealed import SealedManifest
from laam.measure.lab_page import lab_of
from laam.model.model import Model, open_model
from laam.settings import Settings


def test_the_rows_of_the_lab_say_which_model_it_is() -> None:
    settings = Settings()
    html = lab_of(SealedManifest.open(settings.manifest_file), settings, open_model("embedded", settings))
    rows = re.findall(r'<th scope="row">(our own model[^<]*)</th>', html)
    assert len(rows) == 6
    assert all(row.startswith("our own model, ") for row in rows)
    assert 'data-model="our own model"' in html  # of which lab.js says whether it gives back more
    assert "As a compressor: our own model" in html
    assert "embedded" not in html


def test_the_lossy_copy_is_shown_of_the_very_weights_that_were_measured(model: Model) -> None:
    settings = Settings()
    manifest = SealedManifest.open(settings.manifest_file)
    assert "<h2>The lossy copy</h2>" in lab_of(manifest, settings, open_model("embedded", settings))
    assert "The lossy copy" not in lab_of(manifest, settings, model)  # others, under the same name
