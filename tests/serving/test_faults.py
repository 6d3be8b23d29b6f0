import pytest

from laam.serving.faults import for_visitors


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("/srv/an exhibit/model/tokenizer.json: not readable", "tokenizer.json: not readable"),
        ("[Errno 2] No such file or directory: '/srv/a/config.json'", "[Errno 2] No such file or directory: 'config.json'"),
        ("can't read /srv/a/b nor (/tmp/c)", "can't read c)"),
    ],
)
def test_no_folder_of_the_machine_is_shown(fault: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    assert for_visitors(ValueError(fault)) == said
    assert caplog.messages == [repr(fault)]


@pytest.mark.parametrize(
    "fault",
    [
        "Linux 1.0 has no kernel/sched.d; did you mean linux/kernel/sched.c?",
        "url 'http://a/b' is no address of this exhibit; give one that begins with http://127.0.0.1/share/",
        "the text has 1/2 of what it should",
    ],
)
def test_other_sentences_stay_as_they_are(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    assert for_visitors(fault) == fault
    assert not caplog.messages
