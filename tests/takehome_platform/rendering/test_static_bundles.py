"""What a browser loads with a page: bundles where static files are collected, else each file."""

import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from babel.messages import jslexer
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from interviews.models import Interview
from takehome_platform.rendering.static_bundles import BUNDLES, HASH, files_of, minified

FILES = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"')
COMMENT = re.compile(rb"/\*.*?\*/", re.S)


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


def files_in(page: str) -> list[str]:
    return FILES.findall(page)


def source(name: str) -> bytes:
    found = finders.find(name)
    assert found is not None, name
    return Path(found).read_bytes()


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_its_files_in_their_order(collected: Path, name: str) -> None:
    content = (collected / name).read_bytes()
    between = b"\n;\n" if name.endswith(".js") else b"\n"
    assert content == between.join(minified(each, source(each)) for each in BUNDLES[name])


@pytest.mark.parametrize("name", sorted({each for files in BUNDLES.values() for each in files}))
def test_what_is_left_out_is_no_part_of_a_script_or_style_sheet(name: str) -> None:
    whole = source(name)
    short = minified(name, whole)
    if ".min." in name:
        assert short == whole
    elif name.endswith(".js"):
        assert tokens(short) == tokens(whole)
        assert len(short) < len(whole)
    else:
        # Spaces, the last semicolon of a rule and the unit of a zero.
        assert len(short) < len(whole)
        assert short.count(b"{") == COMMENT.sub(b"", whole).count(b"{")


def tokens(script: bytes) -> str:
    """The tokens of a script, with a space between two."""
    found = " ".join(
        token.value
        for token in jslexer.tokenize(script.decode(), jsx=False)
        if token.type not in ("whitespace", "linecomment", "multilinecomment")
    )
    # The lexer takes a.b for one name, unless a new line is between them.
    return found.replace(" . ", ".")


def test_collecting_again_makes_the_same_bundles(collected: Path) -> None:
    before = {name: (collected / name).read_bytes() for name in BUNDLES}
    call_command("collectstatic", "--no-input", "--verbosity", "0")
    assert {name: (collected / name).read_bytes() for name in BUNDLES} == before


def sent(collected: Path, file: str) -> int:
    """The bytes that a browser which takes Brotli gets of a file."""
    compressed = collected / f"{file}.br"
    return (compressed if compressed.exists() else collected / file).stat().st_size


def received(client: Client, address: str, **headers: str) -> int:
    answer = client.get(address, headers={"Accept-Encoding": "gzip", **headers})
    assert answer.status_code == 200
    return len(answer.content)


@pytest.mark.parametrize(
    ("whose", "most_files", "most_bytes"), [("candidate", 3, 37_000), ("staff", 6, 48_000)]
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
    """Besides them a browser asks for the page, its icon, the event stream, and a candidate's
    whether it is as it was: together 7 requests of candidates, 9 of staff."""
    address = f"/take-home/{take_home.passcode}/" if whose == "candidate" else "/"
    visitor = client if whose == "candidate" else admin_client
    files = files_in(visitor.get(address).text)
    assert len(files) <= most_files, files
    assert all(HASH.search(file) for file in files), "cached for ever by their names"
    whole = received(visitor, address) + sum(sent(collected, each) for each in files)
    assert whole <= most_bytes, whole
    assert len({HASH.sub("", file) for file in files} & BUNDLES.keys()) >= 2


def test_each_file_has_a_shorter_one_for_browsers_that_take_brotli(collected: Path) -> None:
    files = [file for file in (collected / "bundles").iterdir() if HASH.search(file.name)]
    assert len(files) == len(BUNDLES)
    for whole in files:
        short = whole.with_name(f"{whole.name}.br")
        assert brotli.decompress(short.read_bytes()) == whole.read_bytes()
        assert short.stat().st_size < whole.with_name(f"{whole.name}.gz").stat().st_size


def test_without_bundles_a_page_loads_the_same_files(
    take_home: Interview, client: Client, admin_client: Client
) -> None:
    for answer, names in (
        (client.get(f"/take-home/{take_home.passcode}/"), ("candidate.css", "candidate.js")),
        (admin_client.get("/"), ("staff.css", "staff.js", "staff_live.js", "take_homes.js")),
        (admin_client.get("/live/"), ("live_list.js",)),
        (client.get("/login/"), ("base.css", "base.js")),
    ):
        files = files_in(answer.text)
        for name in names:
            parts = list(files_of(name, "en"))
            first = files.index(parts[0])
            assert files[first : first + len(parts)] == parts
