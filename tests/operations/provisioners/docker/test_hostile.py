"""A candidate who damages their own workspace: it is repaired, exported or reported."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import naming, sidecar
from operations.provisioners.docker.files import volume
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
    HELPER,
    WRITE,
    editor,
    run_inside,
    spec,
    start_workspace,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker

STOP_THE_EDITOR = """
import os, pathlib, signal
for folder in pathlib.Path('/proc').iterdir():
    if folder.name.isdecimal() and b'/editor.py' in (folder / 'cmdline').read_bytes().split(b'\\0'):
        os.kill(int(folder.name), signal.SIGSTOP)
"""


def test_unresponsive_editor_is_restarted(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, monkeypatch: Any
) -> None:
    """A candidate could stop the editor and work on in another way while the timer is paused."""
    start_workspace(engine)
    run_inside(editor(client, options), WRITE, "answer.txt", "42")
    before = editor(client, options).id
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(0))
    engine.provision(spec(files=None), LogLines())
    assert editor(client, options).id == before
    run_inside(editor(client, options), STOP_THE_EDITOR)
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(minutes=1))
    engine.provision(spec(files=None), LogLines())
    assert editor(client, options).id == before
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(0))
    log = LogLines()
    workspace = engine.provision(spec(files=None), log)
    assert log[0] == "The workspace's editor had hung."
    wait_until(lambda: engine.is_ready(workspace), "It does not answer again.", 60)
    assert run_inside(editor(client, options), "print(open('answer.txt').read())") == "42"


BAR_THE_SETTINGS = """
import os, shutil, sys
home = '/home/coder'
shutil.rmtree(home + '/.config')
if sys.argv[1] == 'link':
    os.symlink('/etc', home + '/.config')
elif sys.argv[1] == 'pipe':
    os.makedirs(home + '/.config/code-server')
    os.mkfifo(home + '/.config/code-server/config.yaml')
else:
    os.makedirs(home + '/.config/code-server/config.yaml/full')
"""


@pytest.mark.parametrize("how", ["link", "pipe", "folder"])
def test_obstacle_at_the_config_path_is_replaced(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, how: str
) -> None:
    start_workspace(engine)
    run_inside(editor(client, options), BAR_THE_SETTINGS, how)
    editor(client, options).kill()
    start_workspace(engine, spec(files=None))


def test_sparse_file_is_an_error_and_leaves_no_archive(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = start_workspace(engine)
    run_inside(editor(client, options), "import os; os.truncate(os.open('disk', 66), 2**40)")
    with pytest.raises(ProvisionError, match=r"the largest: 'disk' 1048576\.0 MB"):
        engine.export(workspace, tmp_path / "x.tar.gz", [])
    assert list(tmp_path.glob("*.gz")) == []
    engine.destroy(workspace, LogLines())


def test_disk_reserves_all_its_space_at_once(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    """Otherwise another workspace or the machine could use the reserved space."""
    engine.provision(spec(), LogLines())
    names = naming.names_of(options.platform, "takehome-1")
    output = client.containers.run(
        HELPER,
        ["du", "--block-size=1M", f"/disks/{names.editor}.img"],
        volumes={volume.store_name(options.platform): {"bind": "/disks", "mode": "ro"}},
        remove=True,
    )
    assert int(output.split()[0]) >= options.disk_mb
