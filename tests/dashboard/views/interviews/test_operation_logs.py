"""The log of a test, and its new lines."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from interviews.models import Interview
from operations import actions, models, operation_log
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.dashboard.html import soup
from tests.fakes import Broken


def line_texts(page: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in page.select(".line .words")]


def test_log_has_each_operation_oldest_first(
    staff_client: Client, take_home: Interview, use_engine: Callable[..., object]
) -> None:
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    first = operation_of(take_home)
    first.update(actions=[models.Operation.created_at.set(first.created_at.replace(year=2020))])
    staff_client.post(f"/interviews/{take_home.id}/retry/")
    page = soup(staff_client.get(f"/interviews/{take_home.id}/logs/"))
    assert [each["data-operation"] for each in page.select("[data-operation]")] == [
        first.id,
        fresh(take_home).operation_id,
    ]
    assert [each.get_text() for each in page.select(".state")] == ["failed", "queued"]
    assert page.select_one(".operation-error").get_text() == "No room for •••."


def test_log_of_what_was_never_started_says_so(staff_client: Client, take_home: Interview) -> None:
    page = soup(staff_client.get(f"/interviews/{take_home.id}/logs/"))
    assert page.select("[data-operation]") == []
    assert page.select_one("[data-log-empty]") is not None


def test_log_holds_no_secret(staff_client: Client, running: Interview) -> None:
    text = staff_client.get(f"/interviews/{running.id}/logs/").content.decode()
    assert running.password not in text
    assert running.passcode not in text


def test_lines_after_a_seq_are_those_that_came_since(
    staff_client: Client, running: Interview
) -> None:
    operation = operation_of(running)
    before = line_texts(soup(staff_client.get(f"/operations/{operation.id}/lines/")))
    last = soup(staff_client.get(f"/operations/{operation.id}/lines/")).select(".line")[-1][
        "data-seq"
    ]
    operation_log.add_line(operation, "<b>new</b>", level="warning")
    page = soup(staff_client.get(f"/operations/{operation.id}/lines/?after={last}"))
    assert line_texts(page) == ["<b>new</b>"]
    assert page.select_one(".line")["class"] == ["line", "line-warning"]
    assert line_texts(soup(staff_client.get(f"/operations/{operation.id}/lines/"))) == [
        *before,
        "<b>new</b>",
    ]


@pytest.mark.parametrize("after", ["abc", "-1", "1.5", "9" * 50, "²"])
def test_lines_after_nonsense_are_not_found(
    staff_client: Client, running: Interview, after: str
) -> None:
    operation = operation_of(running)
    assert staff_client.get(f"/operations/{operation.id}/lines/?after={after}").status_code == 404


def test_lines_of_an_unknown_operation_are_not_found(staff_client: Client, tables: None) -> None:
    for operation_id in ("none", "x" * 3000):
        assert staff_client.get(f"/operations/{operation_id}/lines/").status_code == 404
