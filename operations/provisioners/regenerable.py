"""Which folders of a workspace are not saved, because their tool can make them again.

Two rules keep a candidate's work safe. A folder is left out only on evidence that a tool made it:
a name that only tools use, or a file of the tool in it or beside it. And a folder in which the
challenge's version has a file is saved like any other, whatever its name. So `dist/` is saved
unless its tool tagged it as a cache (https://bford.info/cachedir/), and so is a `build/` that is
not that of Gradle or CMake. People work in folders that a tool made for itself, too: of a Python
environment only what the tool put there is left out, and a `build/` or `target/` that is itself a
project, for example one in which CMake was run in place, is saved.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

NODE_MODULES = "node_modules"
CACHE_TAG = "CACHEDIR.TAG"

CACHES = frozenset(
    {
        ".cache",
        ".eggs",
        ".gradle",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".next",
        ".nox",
        ".npm",
        ".parcel-cache",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".turbo",
        "__pycache__",
    }
)
"""Names that only tools give to folders, for what they can make again."""


@dataclass(frozen=True)
class Evidence:
    """Files of which one shows that a tool made the folder: in it, or beside it.

    None of `not_inside` may be in it: they show that people work there.
    """

    inside: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    not_inside: tuple[str, ...] = ()


_JVM_AND_RUST = ("Cargo.toml", "pom.xml", "build.sbt")
_GRADLE = ("build.gradle", "build.gradle.kts")

EVIDENCE: dict[str, Evidence] = {
    NODE_MODULES: Evidence(beside=("package.json",)),
    "target": Evidence((CACHE_TAG,), _JVM_AND_RUST, not_inside=_JVM_AND_RUST),
    "build": Evidence((CACHE_TAG, "CMakeCache.txt"), _GRADLE, ("CMakeLists.txt", *_GRADLE)),
    "dist": Evidence((CACHE_TAG,)),
}
"""Names that people use as well. These tools delete the whole folder themselves to clean it."""

ENVIRONMENTS = frozenset({".venv", "env", "venv"})
ENVIRONMENT_FOLDERS = frozenset(
    {"Include", "Lib", "Scripts", "bin", "etc", "include", "lib", "lib64", "man", "share"}
)
"""What venv, virtualenv, uv and pip put into a Python environment. Beside it may be work: many a
tutorial says to create the environment first, and to work in its folder."""
_IN_ENVIRONMENT = Evidence(beside=("pyvenv.cfg",))

EVIDENCE_NAMES = frozenset(
    name
    for each in (*EVIDENCE.values(), _IN_ENVIRONMENT)
    for name in (*each.inside, *each.beside, *each.not_inside)
)


class RegenerableFolders:
    """Decides on the folders of one workspace; paths are relative to the candidate's folder."""

    def __init__(self, starting_paths: Collection[str], is_file: Callable[[str], bool]) -> None:
        """`starting_paths`: the files of the challenge's version.

        `is_file` returns whether the workspace has a regular file at a path.
        """
        self._is_file = is_file
        self._starting_folders = {
            str(folder) for path in starting_paths for folder in PurePosixPath(path).parents
        }
        self._known: dict[str, bool] = {}

    def outermost(self, path: str, *, is_folder: bool) -> str | None:
        """Return the outermost regenerable folder that is, or contains, the entry at `path`."""
        parts = path.split("/")
        folder = ""
        for name in parts if is_folder else parts[:-1]:
            folder = f"{folder}/{name}" if folder else name
            if self._is_regenerable(folder, name):
                return folder
        return None

    def _is_regenerable(self, folder: str, name: str) -> bool:
        if folder in self._starting_folders:
            return False
        if name in CACHES:
            return True
        if name in EVIDENCE and self._has_evidence(folder, EVIDENCE[name]):
            return True
        return self._is_of_environment(folder, name) or self._is_installed_package(folder)

    def _is_of_environment(self, folder: str, name: str) -> bool:
        environment = folder.rpartition("/")[0]
        return (
            name in ENVIRONMENT_FOLDERS
            and environment.rpartition("/")[2] in ENVIRONMENTS
            and environment not in self._starting_folders
            and self._has_evidence(folder, _IN_ENVIRONMENT)
        )

    def _is_installed_package(self, folder: str) -> bool:
        """Return whether it is a package beside those that the version has in `node_modules`."""
        above = folder.rpartition("/")[0]
        if above.rpartition("/")[2].startswith("@"):
            above = above.rpartition("/")[0]
        is_packages = above.rpartition("/")[2] == NODE_MODULES
        return is_packages and self._has_evidence(above, EVIDENCE[NODE_MODULES])

    def _has_evidence(self, folder: str, evidence: Evidence) -> bool:
        if folder not in self._known:
            parent = folder.rpartition("/")[0]
            beside = [f"{parent}/{name}" if parent else name for name in evidence.beside]
            inside = [f"{folder}/{name}" for name in evidence.inside]
            not_inside = [f"{folder}/{name}" for name in evidence.not_inside]
            self._known[folder] = any(map(self._is_file, beside + inside)) and not any(
                map(self._is_file, not_inside)
            )
        return self._known[folder]
