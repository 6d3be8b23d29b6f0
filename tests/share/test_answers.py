from laam.emission.ask import Ask
from laam.serving.limits import Places
from laam.share.answers import TURN, Remembered

KEY = ("model", Ask("kernel/sched.c"))


def test_answers_of_all_kinds_are_worked_out_one_at_a_time() -> None:
    places = Places(2)
    for kind in (Remembered(places, 1), Remembered(places, 1)):
        assert kind.find(KEY, TURN.locked)
    assert not TURN.locked()
