"""What machines are told of a running platform, while its parts hang and come back."""

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    Platform,
    Staff,
    expect_live,
    expect_screen,
    never_reloaded,
    open_link,
)
from tests.services import wait_until


def ask(platform: Platform) -> tuple[int, dict[str, Any]]:
    """/readyz, as a load balancer reads it: within five seconds or not at all."""
    try:
        with urllib.request.urlopen(f"{platform.origin}/readyz", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@contextmanager
def hanging(platform: Platform, part: str) -> Iterator[None]:
    """Its process is stopped as it stands: connections to it stay open and say nothing."""
    pid = json.loads((platform.folder / "run.json").read_text())["parts"][part]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def missing(answer: tuple[int, dict[str, Any]]) -> tuple[int, str, list[str]]:
    status, body = answer
    away = [name for name, part in body["parts"].items() if part["status"] != "ok"]
    return status, body["status"], away


READY: tuple[int, str, list[str]] = (200, "ready", [])


@pytest.mark.parametrize(
    ("part", "status", "word", "named"),
    [("dynamodb", 503, "away", "tables"), ("redis", 200, "degraded", "redis")],
)
def test_a_part_that_hangs_is_told_in_time_and_so_is_its_return(
    platform: Platform, part: str, status: int, word: str, named: str
) -> None:
    wait_until(lambda: missing(ask(platform)) == READY, "the platform is not ready", 60)
    with hanging(platform, part):
        wait_until(lambda: named in missing(ask(platform))[2], f"{part} is not missed", 60)
        assert missing(ask(platform))[:2] == (status, word)
    wait_until(lambda: missing(ask(platform)) == READY, "it did not come back", 60)


@pytest.mark.parametrize("part", ["dynamodb", "redis"])
def test_open_pages_say_that_a_part_hangs_and_go_on_by_themselves(
    platform: Platform, staff: Staff, candidate: Page, part: str
) -> None:
    invitation = staff.invite("Ada Waiting")
    open_link(candidate, invitation)
    with hanging(platform, part):
        for page in (staff.page, candidate):
            expect(page.locator("[data-live]")).to_have_attribute("data-live", "reconnecting")
    for page in (staff.page, candidate):
        expect_live(page)
        assert never_reloaded(page)
    staff.withdraw(invitation)
    expect_screen(candidate, "revoked")


def test_figures_of_a_running_platform_tell_of_its_parts(platform: Platform) -> None:
    wait_until(lambda: missing(ask(platform)) == READY, "it is not ready", 60)
    with urllib.request.urlopen(f"{platform.origin}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    for part in ("tables", "database", "redis", "files", "stream", "worker"):
        assert f'takehome_part_up{{part="{part}"}} 1.0' in lines
    kinds = [line for line in lines if line.startswith("takehome_due_items{")]
    assert len(kinds) == 4
    [age] = [line for line in lines if line.startswith("takehome_tick_age_seconds ")]
    assert float(age.split()[1]) < 30
