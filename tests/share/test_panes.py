from laam.compare.live import compare_text
from laam.corpus.releases import SHIPPED
from laam.emission import wording
from laam.settings import Settings
from laam.share.panes import exhibit_html
from tests.compare.made_up import MadeUpOriginal


def test_the_panes_have_a_place_for_every_field_of_a_score() -> None:
    score = compare_text("one\r\ntwo\r\n", MadeUpOriginal("one\ntwo\n"), line_files={}, reach=8).score
    fields = {*wording.score_fields(score), "reproduced", "measure", "second"}
    assert {"difference", "similarity", "within_reach", "without_boilerplate"} <= fields
    html = exhibit_html(Settings().assets, SHIPPED)
    assert [name for name in fields if f'data-field="{name}"' not in html] == []
