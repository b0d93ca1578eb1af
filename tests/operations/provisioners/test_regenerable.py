"""Which folders can be made again, and are not saved."""

import pytest
from django.conf import settings

from operations.provisioners.regenerable import (
    CACHES,
    ENVIRONMENT_FOLDERS,
    ENVIRONMENTS,
    EVIDENCE,
    EVIDENCE_NAMES,
    RegenerableFolders,
)


def test_docs_name_every_folder_and_every_evidence() -> None:
    page = (settings.BASE_DIR / "docs/saved-files.md").read_text()
    environments = ENVIRONMENTS | ENVIRONMENT_FOLDERS
    names = sorted(CACHES | EVIDENCE.keys() | EVIDENCE_NAMES | environments)
    assert [name for name in names if f"`{name}`" not in page] == []


def left_out(*paths: str, starting_paths: tuple[str, ...] = ()) -> set[str]:
    """Return the outermost folders that are left out of a workspace with these files."""
    folders = RegenerableFolders(starting_paths, lambda path: path in paths)
    found = (folders.outermost(path, is_folder=False) for path in paths)
    return {folder for folder in found if folder is not None}


@pytest.mark.parametrize("name", sorted(CACHES))
def test_caches_are_left_out_by_their_name(name: str) -> None:
    assert left_out(f"{name}/made", f"a/b/{name}/c/made") == {name, f"a/b/{name}"}
    assert left_out(name, f"{name}s/mine", f"src/{name}") == set()


@pytest.mark.parametrize(
    ("folder", "evidence"),
    [
        ("node_modules", "package.json"),
        (".venv/bin", ".venv/pyvenv.cfg"),
        ("venv/lib", "venv/pyvenv.cfg"),
        ("env/Scripts", "env/pyvenv.cfg"),
        ("target", "Cargo.toml"),
        ("target", "pom.xml"),
        ("target", "build.sbt"),
        ("target", "target/CACHEDIR.TAG"),
        ("build", "build.gradle"),
        ("build", "build.gradle.kts"),
        ("build", "build/CMakeCache.txt"),
        ("build", "build/CACHEDIR.TAG"),
        ("dist", "dist/CACHEDIR.TAG"),
    ],
)
def test_other_folders_are_left_out_on_evidence_only(folder: str, evidence: str) -> None:
    assert left_out(f"{folder}/made", evidence) == {folder}
    assert left_out(f"a/{folder}/made", f"a/{evidence}") == {f"a/{folder}"}
    assert left_out(f"{folder}/mine") == set()
    # That of another folder is none.
    assert left_out(f"a/{folder}/mine", evidence) == left_out(evidence)
    assert left_out(f"{folder}/mine", starting_paths=(evidence,)) == set()


def test_work_in_the_folder_of_a_python_environment_is_saved() -> None:
    """As after `python -m venv env && cd env && django-admin startproject shop`."""
    made = ("env/bin/python", "env/lib/python3.13/site-packages/django/urls.py", "env/pyvenv.cfg")
    mine = ("env/shop/manage.py", "env/shop/bin/run", "env/notes.txt")
    assert left_out(*made, *mine) == {"env/bin", "env/lib"}
    # Beside the file of an environment of another name may be a project of that name.
    assert left_out("shop/pyvenv.cfg", "shop/bin/run", "shop/lib/mine.py") == set()
    assert left_out("pyvenv.cfg", "bin/run", "lib/mine.py") == set()
    assert left_out("env/bin/mine", "env/lib/mine.py") == set()
    # The version has a file there.
    assert left_out(*made, *mine, starting_paths=("env/notes.txt",)) == set()


@pytest.mark.parametrize(
    ("project", "evidence"),
    [
        # CMake was run in place.
        ("build/CMakeLists.txt", "build/CMakeCache.txt"),
        ("build/build.gradle", "build.gradle"),
        ("build/build.gradle.kts", "build.gradle.kts"),
        ("target/Cargo.toml", "Cargo.toml"),
        ("target/Cargo.toml", "target/CACHEDIR.TAG"),
        ("target/pom.xml", "pom.xml"),
        ("target/build.sbt", "build.sbt"),
    ],
)
def test_folder_that_is_a_project_itself_is_saved(project: str, evidence: str) -> None:
    mine = f"{project.partition('/')[0]}/src/mine"
    assert left_out(mine, evidence, project) == set()
    assert left_out(mine, evidence, f"a/{project}") != set()


@pytest.mark.parametrize("folder", ["build", "dist", "out", "vendor"])
def test_folder_beside_a_package_json_or_a_setup_py_is_saved(folder: str) -> None:
    """Bundlers and setuptools do not delete what they did not make there."""
    assert left_out(f"{folder}/webpack.config.js", "package.json", "setup.py") == set()


def test_folder_in_which_the_version_has_a_file_is_saved_as_any_other() -> None:
    paths = ("pom.xml", "target/deep/given.txt", "target/mine.txt", "target/.cache/made")
    assert left_out(*paths) == {"target"}
    assert left_out(*paths, starting_paths=("target/deep/given.txt",)) == {"target/.cache"}
    # Also if the candidate deleted that file.
    assert left_out("pom.xml", "target/mine.txt", starting_paths=("target/gone",)) == set()


def test_folder_of_a_starting_file_of_the_same_name_elsewhere_is_left_out() -> None:
    assert left_out("a/.cache/x", starting_paths=("b/.cache/x",)) == {"a/.cache"}


def test_packages_that_the_version_has_are_saved_and_installed_ones_are_not() -> None:
    given = ("node_modules/ours/index.js", "node_modules/@us/lib/index.js")
    paths = (
        "package.json",
        *given,
        "node_modules/ours/mine.js",
        "node_modules/react/index.js",
        "node_modules/build/index.js",
        "node_modules/@us/other/index.js",
        "node_modules/@types/node/index.d.ts",
        "node_modules/.package-lock.json",
    )
    assert left_out(*paths) == {"node_modules"}
    assert left_out(*paths, starting_paths=given) == {
        "node_modules/react",
        "node_modules/build",
        "node_modules/@us/other",
        "node_modules/@types",
    }
    # Without a package.json nothing could install them again.
    assert left_out(*paths[1:], starting_paths=given) == set()
