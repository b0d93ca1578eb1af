"""nginx has the limits of the platform, and logs nothing of what it refuses."""

import re
from pathlib import Path

import pytest

from takehome_platform.request_limits import server
from takehome_platform.request_limits.body_sizes import MAX_BODY_BYTES, UPLOAD_PATHS

PROXY = Path(__file__).resolve().parents[2] / "proxy"
PLATFORM = (PROXY / "platform.conf").read_text()
NGINX = (PROXY / "nginx.conf").read_text()
UNITS = {"k": 1024, "m": 1024 * 1024}


def size(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def directive(name: str) -> str:
    [value] = re.findall(rf"^\s*{name} (.+);", NGINX, re.MULTILINE)
    return str(value)


def test_bodies_have_the_same_limits() -> None:
    general = re.findall(r"^client_max_body_size (\w+);", PLATFORM, re.MULTILINE)
    assert [size(text) for text in general] == [MAX_BODY_BYTES]
    uploads = re.findall(r"location ~ \^(\S+)\$ {\s+client_max_body_size (\w+);", PLATFORM)
    assert {pattern: size(text) for pattern, text in uploads} == {
        each.pattern: each.max_body for each in UPLOAD_PATHS
    }


def test_refusal_names_the_same_limits() -> None:
    [block] = re.findall(r"map \$uri \$max_body {(.+?)\n    }", NGINX, re.DOTALL)
    assert re.findall(r"default (\d+);", block) == [str(MAX_BODY_BYTES // UNITS["m"])]
    assert dict(re.findall(r"~\^(\S+)\$ (\d+);", block)) == {
        each.pattern: str(each.megabytes) for each in UPLOAD_PATHS
    }


def test_headers_have_the_same_limits() -> None:
    count, each = directive("large_client_header_buffers").split()
    assert int(count) * size(each) == server.MAX_HEADER_BYTES


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("client_header_timeout", server.HEADER_SECONDS),
        ("client_body_timeout", server.IDLE_SECONDS),
    ],
)
def test_slow_clients_have_the_same_limits(name: str, seconds: float) -> None:
    assert directive(name) == f"{seconds:.0f}s"


def test_nothing_that_names_a_passcode_is_logged() -> None:
    # From the level `error` down a line has the request that it is about.
    assert re.findall(r"^\s*(error_log .+|access_log .+);", NGINX, re.MULTILINE) == [
        "error_log stderr crit",
        "access_log off",
    ]


def test_bodies_are_not_collected_before_the_platform_may_refuse_them() -> None:
    assert "\nproxy_request_buffering off;" in PLATFORM
