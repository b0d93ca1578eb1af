"""The settings of `make run`, and the sentence for each that cannot be used."""

import re
import socket
import stat
from pathlib import Path

import pytest

from operations.provisioners.local.ports import PORTS
from takehome_platform.local_stack import config


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65536", "80.5", "²"])
def test_port_that_is_no_port_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(config.StartupError) as refusal:
        config.read_config({"PORT": port, "DATA_DIR": str(tmp_path)})
    assert str(refusal.value) == f"PORT must be a number from 1 to 65535, not {port!r}."


def test_data_dir_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    with pytest.raises(config.StartupError) as refusal:
        config.read_config({"DATA_DIR": str(folder)})
    assert str(refusal.value) == (
        f"DATA_DIR {folder} cannot be written (Not a directory): "
        "choose another with DATA_DIR=/some/folder make run."
    )


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    assert chosen.base_url == "http://127.0.0.1:8000/"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:81/"),
        ("0.0.0.0", "http://127.0.0.1:81/"),
        ("::", "http://[::1]:81/"),
    ],
)
def test_base_url_is_one_that_a_browser_here_can_open(tmp_path: Path, host: str, url: str) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path), "PORT": "81", "HOST": host})
    assert chosen.base_url == url


def test_password_from_the_environment_is_used_and_not_stored(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "of mine"})
    assert chosen.admin_password == "of mine"
    assert not (tmp_path / "admin_password").exists()


def test_generated_secrets_are_stored_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = config.read_config({"DATA_DIR": str(tmp_path)})
    assert config.read_config({"DATA_DIR": str(tmp_path)}) == first
    for name in ("admin_password", "secret_key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_secrets_of_two_folders_differ(tmp_path: Path) -> None:
    one = config.read_config({"DATA_DIR": str(tmp_path / "one")})
    two = config.read_config({"DATA_DIR": str(tmp_path / "two")})
    assert one.admin_password != two.admin_password
    assert one.secret_key != two.secret_key


def test_repr_has_no_secrets(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    assert chosen.admin_password not in repr(chosen)
    assert chosen.secret_key not in repr(chosen)


def test_busy_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(config.StartupError) as refusal:
            config.check_port_is_free("127.0.0.1", port)
    assert re.fullmatch(
        rf"Port {port} of 127\.0\.0\.1 cannot be used \(.*in use\): stop what uses it, "
        rf"or choose another with PORT={port + 1} make run\.",
        str(refusal.value),
    )


def test_host_that_does_not_exist_is_refused() -> None:
    with pytest.raises(config.StartupError) as refusal:
        config.check_port_is_free("no such host", 8000)
    assert str(refusal.value) == "HOST must be an address of this machine, not 'no such host'."


def test_free_port_is_accepted() -> None:
    config.check_port_is_free("127.0.0.1", config.free_port())


def test_free_ports_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(config, "FREE_PORTS", range(10_000, 10_200))
    monkeypatch.setattr(config, "_is_free", lambda port: port != 10_007)
    monkeypatch.setattr(config, "_returned", set())
    ports = [config.free_port() for _ in range(199)]
    assert sorted(ports) == [port for port in range(10_000, 10_200) if port != 10_007]
    with pytest.raises(config.StartupError, match=r"^No port of 127\.0\.0\.1 is free"):
        config.free_port()


def test_free_ports_are_neither_ephemeral_nor_those_of_workspaces() -> None:
    ephemeral = 32_768  # the first one of Linux, which is below those of macOS
    assert max(config.FREE_PORTS) < ephemeral
    assert not set(config.FREE_PORTS) & set(PORTS)
