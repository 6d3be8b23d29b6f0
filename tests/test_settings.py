import socket
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from unittest.mock import Mock

import pytest

from laam.settings import ASSETS, Settings, check_address, read_settings


def test_the_defaults_are_local() -> None:
    settings = read_settings({})
    assert settings == Settings(cache=Path.home() / ".cache" / "laam")
    assert (settings.host, settings.port, settings.model, settings.assets) == ("127.0.0.1", 7860, "auto", ASSETS)
    assert (settings.originals, settings.offline) == ("auto", False)


def test_every_variable_is_honoured() -> None:
    environment = {
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": "8001",
        "LAAM_MODEL": "runs/all/model",
        "LAAM_CACHE": "/var/cache/laam",
        "LAAM_RELEASE": "toy-0.1",
        "LAAM_RECORD": "off",
    }
    assert read_settings(environment) == Settings(
        "0.0.0.0", 8001, "runs/all/model", ASSETS, Path("/var/cache/laam"), release="toy-0.1", record=False
    )


def test_an_empty_variable_is_as_good_as_none() -> None:
    names = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "LAAM_MODEL", "LAAM_CACHE", "SPACE_ID")
    assert read_settings(dict.fromkeys(names, "")) == read_settings({})


@pytest.mark.parametrize(
    ("environment", "name", "value"),
    [
        ({"LAAM_CACHE": "~/elsewhere"}, "cache", Path.home() / "elsewhere"),
        ({"SPACE_ID": "someone/exhibit"}, "host", "0.0.0.0"),
        ({"SPACE_ID": "someone/exhibit", "GRADIO_SERVER_NAME": "127.0.0.1"}, "host", "127.0.0.1"),
        ({"LAAM_ADDRESS": "https://example.org/laam/"}, "public_url", "https://example.org/laam"),
        ({"SPACE_HOST": "someone-exhibit.hf.space"}, "public_url", "https://someone-exhibit.hf.space"),
        ({"SPACE_HOST": "someone-exhibit.hf.space", "LAAM_ADDRESS": "http://laam.example"}, "public_url", "http://laam.example"),
        ({}, "proxies", ("127.0.0.1", "::1")),
        ({"LAAM_PROXIES": "192.0.2.7, 10.0.0.0/8,"}, "proxies", ("192.0.2.7", "10.0.0.0/8")),
        ({"LAAM_PROXIES": "none"}, "proxies", ()),
        ({"LAAM_PROXIES": "none", "SPACE_ID": "x/y"}, "proxies", ()),
        ({"GRADIO_SERVER_PORT": "1"}, "port", 1),
        ({"GRADIO_SERVER_PORT": "65535"}, "port", 65535),
        ({"LAAM_ORIGINALS": "sealed"}, "originals", "sealed"),
        ({"LAAM_ORIGINALS": ""}, "originals", "auto"),
        ({"LAAM_ORIGINALS": "~/linux-1.0.tar.gz"}, "originals", str(Path("~/linux-1.0.tar.gz").expanduser())),
        *(({"HF_HUB_OFFLINE": value}, "offline", True) for value in ("1", "True", "ON", "yes")),
        *(({"HF_HUB_OFFLINE": value}, "offline", False) for value in ("0", "")),
    ],
)
def test_what_a_variable_means(environment: dict[str, str], name: str, value: object) -> None:
    assert getattr(read_settings(environment), name) == value


def test_a_space_s_proxies_are_private_and_the_hub_frames_it() -> None:
    settings = read_settings({"SPACE_ID": "someone/exhibit"})
    assert {"127.0.0.1", "10.0.0.0/8"} < set(settings.proxies)
    assert (settings.framed_by, read_settings({}).framed_by) == ("https://huggingface.co", "")


@pytest.mark.parametrize("names", ["proxy.example", "10.0.0.1,none", "10.0.0.0/99"])
def test_a_proxy_that_is_no_address_is_named(names: str) -> None:
    with pytest.raises(ValueError, match=r"LAAM_PROXIES is .*give the addresses or networks"):
        read_settings({"LAAM_PROXIES": names})


def test_the_environment_is_what_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "8002")
    assert read_settings().port == 8002


def test_what_is_shipped_lies_below_the_assets() -> None:
    settings = replace(Settings(), assets=Path("there"))
    assert settings.manifest_file == Path("there/manifest.sealed")
    assert settings.embedded_folder == Path("there/model")


def test_an_exhibit_of_one_s_own_has_its_own_manifest_and_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"LAAM_EXHIBIT is .*no manifest\.sealed is there"):
        read_settings({"LAAM_EXHIBIT": str(tmp_path)})
    (tmp_path / "manifest.sealed").touch()
    settings = read_settings({"LAAM_EXHIBIT": str(tmp_path)})
    assert (settings.assets, settings.model) == (ASSETS, "embedded")
    assert (settings.manifest_file, settings.embedded_folder) == (tmp_path / "manifest.sealed", tmp_path / "model")
    assert read_settings({"LAAM_EXHIBIT": str(tmp_path), "LAAM_MODEL": "auto"}).model == "auto"


def test_a_survey_s_folder_has_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"LAAM_SURVEY is .*no survey\.json is there"):
        read_settings({"LAAM_SURVEY": str(tmp_path)})
    (tmp_path / "survey.json").write_text("{}", "utf-8")
    assert read_settings({"LAAM_SURVEY": str(tmp_path)}).survey == tmp_path


def test_another_manifest_is_a_name_or_a_file() -> None:
    settings = Settings(assets=Path("there"))
    assert replace(settings, release="toy-0.1").manifest_file == Path("there/sealed/toy-0.1.sealed")
    assert replace(settings, release="/data/toy.sealed").manifest_file == Path("/data/toy.sealed")
    assert read_settings({"LAAM_RELEASE": "/data/toy.sealed"}).release == "/data/toy.sealed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("GRADIO_SERVER_PORT", port) for port in ("0", "65536", "-1", "80.5", "http", " ", "²", "1e3", "\N{ARABIC-INDIC DIGIT THREE}")),
        ("GRADIO_NUM_PORTS", "x"),
        ("GRADIO_DEBUG", "yes"),
        ("LAAM_ADDRESS", "example.org"),
        ("LAAM_ADDRESS", "https://"),
        ("LAAM_ADDRESS", "https://example.org:99999"),
        ("LAAM_ADDRESS", "https://example.org/?x"),
        ("LAAM_ADDRESS", "https://example.org/<b>"),
        ("LAAM_RECORD", "maybe"),
        ("LAAM_MCP", "perhaps"),
        ("LAAM_RELEASE", "../x"),
        ("HF_ENDPOINT", "nonsense"),
        ("HF_ENDPOINT", "https://"),
        ("HF_ENDPOINT", "ftp://hub.example"),
        ("HF_HUB_ETAG_TIMEOUT", "soon"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "1e3"),
        ("WEB_CONCURRENCY", "many"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        read_settings({name: value})
    assert value in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_is_not_told() -> None:
    with pytest.raises(ValueError, match=r"HF_ENDPOINT is 'ftp://hub\.example'"):
        read_settings({"HF_ENDPOINT": "ftp://me:secret@hub.example"})


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a..b"])
def test_a_host_at_which_nothing_can_listen_is_named(host: str) -> None:
    with pytest.raises(ValueError, match=f"GRADIO_SERVER_NAME '{host}'"):
        check_address(Settings(host=host))


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"GRADIO_SERVER_PORT {port}: "):
            check_address(Settings(port=port))
    check_address(Settings(port=port))


def test_who_has_no_home_has_a_cache_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "expanduser", Mock(side_effect=RuntimeError))
    assert read_settings({}).cache.is_relative_to(gettempdir())
