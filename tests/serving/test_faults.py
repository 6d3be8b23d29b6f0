import pytest

from laam.corpus.catalog import UnknownFile
from laam.corpus.sealed import SealedManifest
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


def test_what_a_visitor_typed_is_said_as_it_was_typed(manifest: SealedManifest) -> None:
    with pytest.raises(UnknownFile) as unknown:
        manifest.catalog.find("/etc/a script>/sched.c<")
    assert for_visitors(unknown.value) == str(unknown.value)
    assert "'/etc/a script>/sched.c<'" in str(unknown.value)


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
