"""Provisioners by their short name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners
from operations.apps import check_provisioner
from operations.provisioners import get_provisioner
from operations.provisioners.base import Isolation
from operations.provisioners.local.editors import CodeServer, JupyterLab
from operations.provisioners.local.provisioner import LocalProvisioner
from tests.memory_engine import FakeProvisioner


def test_local_provisioner_uses_the_data_folder(settings: Any) -> None:
    settings.DEBUG = True
    engine = provisioners.get_provisioner("local")
    assert isinstance(engine, LocalProvisioner)
    assert engine.name == "local"
    assert engine.list_owned() == []
    (settings.DATA_DIR / "workspaces/takehome-1").mkdir(parents=True)
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]


def test_local_provisioner_needs_debug(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="without isolation"):
        provisioners.get_provisioner("local")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_local_provisioner_needs_a_host_for_browsers(settings: Any, host: str) -> None:
    settings.DEBUG = True
    settings.LOCAL_WORKSPACE_HOST = host
    with pytest.raises(ImproperlyConfigured, match="LOCAL_WORKSPACE_HOST"):
        provisioners.get_provisioner("local")


def test_an_engine_that_is_not_known_isolates_nothing() -> None:
    assert provisioners.isolation_of("nowhere") == frozenset()
    assert Isolation.INTERNET in provisioners.isolation_of("docker")


def test_unknown_name_error_lists_the_known_ones() -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"PROVISIONER=nowhere is unknown\. Use one of: "
    ):
        provisioners.get_provisioner("nowhere")


def test_code_server_setting_selects_the_editor(settings: Any, tmp_path: Path) -> None:
    settings.DEBUG = True
    program = tmp_path / "code-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    settings.CODE_SERVER = str(program)
    assert get_provisioner("local")._editor == CodeServer(str(program))  # type: ignore[attr-defined]
    settings.CODE_SERVER = "none"
    assert isinstance(get_provisioner("local")._editor, JupyterLab)  # type: ignore[attr-defined]
    settings.CODE_SERVER = str(tmp_path / "gone")
    with pytest.raises(ImproperlyConfigured, match="CODE_SERVER"):
        get_provisioner("local")


def test_system_check_reports_an_engine_without_a_runner_of_checks(
    use_engine: Callable[[Any], Any],
) -> None:
    use_engine(FakeProvisioner())
    [error] = check_provisioner()
    assert error.msg == (
        "PROVISIONER=fake has no runner of automated checks. Those that have: docker, "
        "kubernetes, local, swarm."
    )


def test_system_check_reports_an_invalid_setting(settings: Any) -> None:
    settings.DEBUG = True
    settings.CODE_SERVER = "none"
    assert check_provisioner() == []
    settings.PROVISIONER = "dokcer"
    [error] = check_provisioner()
    assert (
        error.msg == "PROVISIONER=dokcer is unknown. Use one of: docker, kubernetes, local, swarm."
    )
