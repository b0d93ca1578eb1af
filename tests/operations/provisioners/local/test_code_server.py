"""How code-server is started in a local workspace."""

from pathlib import Path

from operations.provisioners.base import EditorFeatures
from operations.provisioners.local.editors import CodeServer, EditorLocation


def test_workspaces_that_share_a_host_have_a_cookie_each(tmp_path: Path) -> None:
    """Cookies know no ports: without a name of its own, each sign-in would end the other's."""
    editor = CodeServer("code-server")
    suffixes = [
        editor.environment(EditorLocation(tmp_path / name, "192.0.2.1", 80), EditorFeatures())
        for name in ("takehome-1", "takehome-2")
    ]
    assert suffixes == [
        {"CODE_SERVER_COOKIE_SUFFIX": "takehome-1"},
        {"CODE_SERVER_COOKIE_SUFFIX": "takehome-2"},
    ]
