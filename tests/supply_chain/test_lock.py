"""The image installs exactly what constraints.txt pins, each file by its hash."""

import re
import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LOCK = (ROOT / "requirements.lock").read_text()
PINS = re.compile(r"^([a-z0-9._-]+)==([^ \n]+)(?: ; [^\\\n]+)?", re.MULTILINE)


def pins(text):
    return {(name, version) for name, version in PINS.findall(text)}


def test_locked_versions_are_those_of_the_constraints():
    assert pins(LOCK)
    assert pins(LOCK) - pins((ROOT / "constraints.txt").read_text()) == set()


def test_every_dependency_of_the_image_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["postgres"]
    names = {re.match("[a-z0-9-]+", each)[0] for each in declared}
    assert names - {name for name, _ in pins(LOCK)} == set()


def test_every_locked_package_has_hashes_and_no_address():
    packages = re.split(r"\n(?=[a-z])", LOCK.partition("make lock\n")[2])
    assert [each for each in packages if "--hash=sha256:" not in each] == []
    assert "://" not in LOCK


def test_image_installs_only_wheels_with_a_known_hash():
    dockerfile = (ROOT / "Dockerfile").read_text()
    installs = re.findall(r"pip [^&]*install[^&]*", dockerfile)
    assert len(installs) == 1
    for option in ("--require-hashes", "--no-deps", "--only-binary :all:", "-r requirements.lock"):
        assert option in installs[0]
