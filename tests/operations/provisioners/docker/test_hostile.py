"""What a candidate may do to their own workspace: it is mended, saved or told, and hurts nobody."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import naming, sidecar, volume
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import Lines
from tests.operations.provisioners.docker.conftest import HELPER, editor, inside, spec, up
from tests.services import wait_until

pytestmark = pytest.mark.docker

WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"

STOP_THE_EDITOR = """
import os, pathlib, signal
for folder in pathlib.Path('/proc').iterdir():
    if folder.name.isdecimal() and b'/editor.py' in (folder / 'cmdline').read_bytes().split(b'\\0'):
        os.kill(int(folder.name), signal.SIGSTOP)
"""


def test_an_editor_that_has_hung_is_started_again(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, monkeypatch: Any
) -> None:
    """A candidate could stop it, work on by a way of their own, and the clock would stand still."""
    up(engine)
    inside(editor(client, options), WRITE, "answer.txt", "42")
    before = editor(client, options).id
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(0))
    engine.provision(spec(files=None), Lines())
    assert editor(client, options).id == before
    inside(editor(client, options), STOP_THE_EDITOR)
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(minutes=1))
    engine.provision(spec(files=None), Lines())
    assert editor(client, options).id == before
    monkeypatch.setattr(sidecar, "STARTUP_TIME", timedelta(0))
    log = Lines()
    workspace = engine.provision(spec(files=None), log)
    assert log[0] == "The workspace's editor had hung."
    wait_until(lambda: engine.is_ready(workspace), "It does not answer again.", 60)
    assert inside(editor(client, options), "print(open('answer.txt').read())") == "42"


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
def test_what_lies_in_the_way_of_its_settings_is_replaced(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, how: str
) -> None:
    up(engine)
    inside(editor(client, options), BAR_THE_SETTINGS, how)
    editor(client, options).kill()
    up(engine, spec(files=None))


def test_a_file_that_is_all_holes_is_told_and_leaves_nothing(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = up(engine)
    inside(editor(client, options), "import os; os.truncate(os.open('disk', 66), 2**40)")
    with pytest.raises(ProvisionError, match=r"the largest are 'disk' 1048576\.0 MB"):
        engine.export(workspace, tmp_path / "x.tar.gz")
    assert list(tmp_path.glob("*.gz")) == []
    engine.destroy(workspace, Lines())


def test_the_room_of_a_disk_is_taken_from_its_beginning(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    """Or else a neighbour, or the machine, could use up what was promised."""
    engine.provision(spec(), Lines())
    names = naming.names_of(options.platform, "takehome-1")
    said = client.containers.run(
        HELPER,
        ["du", "--block-size=1M", f"/disks/{names.editor}.img"],
        volumes={volume.store_name(options.platform): {"bind": "/disks", "mode": "ro"}},
        remove=True,
    )
    assert int(said.split()[0]) >= options.disk_mb
