"""What a browser loads with a page: bundles where static files are collected, else each file."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from interviews.models import Interview
from takehome_platform.rendering.static_bundles import BUNDLES

FILES = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"')
# The hash that collectstatic puts into a name.
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


@pytest.fixture(scope="module")
def collected_into(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def collected(settings: Any, collected_into: Path) -> Path:
    """Static files as a deployment has them."""
    settings.STATIC_ROOT = collected_into
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "takehome_platform.rendering.static_bundles.BundledStaticFilesStorage"
        }
    }
    if not any(collected_into.iterdir()):
        call_command("collectstatic", "--no-input", "--verbosity", "0")
    return collected_into


def files_of(page: str) -> list[str]:
    return FILES.findall(page)


def source(name: str) -> bytes:
    found = finders.find(name)
    assert found is not None, name
    return Path(found).read_bytes()


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_its_files_in_their_order(collected: Path, name: str) -> None:
    content = (collected / name).read_bytes()
    places = [content.index(source(each)) for each in BUNDLES[name]]
    assert places == sorted(places)
    between = 3 if name.endswith(".js") else 1
    whole = sum(len(source(each)) + between for each in BUNDLES[name])
    assert len(content) == whole - between


def test_collecting_again_makes_the_same_bundles(collected: Path) -> None:
    before = {name: (collected / name).read_bytes() for name in BUNDLES}
    call_command("collectstatic", "--no-input", "--verbosity", "0")
    assert {name: (collected / name).read_bytes() for name in BUNDLES} == before


@pytest.mark.parametrize(
    ("whose", "most_files", "most_bytes"), [("candidate", 6, 45_000), ("staff", 10, 58_000)]
)
def test_a_first_visit_loads_few_files(
    collected: Path,
    take_home: Interview,
    client: Client,
    admin_client: Client,
    whose: str,
    most_files: int,
    most_bytes: int,
) -> None:
    if whose == "candidate":
        answer = client.get(f"/take-home/{take_home.passcode}/")
    else:
        answer = admin_client.get("/")
    files = files_of(answer.text)
    assert len(files) <= most_files, files
    assert all(HASH.search(file) for file in files), "cached for ever by their names"
    sent = sum(len(gzip.compress((collected / file).read_bytes())) for file in files)
    assert sent <= most_bytes, sent
    assert len({HASH.sub("", file) for file in files} & BUNDLES.keys()) >= 3


def test_without_bundles_a_page_loads_the_same_files(
    take_home: Interview, client: Client, admin_client: Client
) -> None:
    for answer, names in (
        (client.get(f"/take-home/{take_home.passcode}/"), ("base.css", "base.en.js")),
        (client.get(f"/take-home/{take_home.passcode}/"), ("candidate.js",)),
        (admin_client.get("/"), ("staff.css", "staff_live.js", "list.js")),
    ):
        files = files_of(answer.text)
        for name in names:
            parts = list(BUNDLES[f"bundles/{name}"])
            first = files.index(parts[0])
            assert files[first : first + len(parts)] == parts
