"""A table without an index that a query needs: staff, candidates and logs get one sentence."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import Client
from pynamodb.exceptions import QueryError, VerboseClientError
from pynamodb.indexes import GlobalSecondaryIndex

from interviews.dynamodb import missing_index_message
from interviews.indexes import (
    EndedByStatusIndex,
    ListKeyIndex,
    OutboxIndex,
    PasscodeIndex,
    StatusDueIndex,
)
from interviews.models import Interview
from operations import reconciler
from takehome_platform.errors import BEING_UPDATED
from takehome_platform.observability import logging_config
from tests import legacy_rows
from tests.conftest import forget_connections

MISSING = "The table interviews has no index {} yet. Run manage.py create_tables."


Without = Callable[[type[GlobalSecondaryIndex]], None]


def refusal(index: str) -> QueryError:
    """The error of pynamodb; the last test compares its text with that of a real server."""
    words = f"The table does not have the specified index: {index}"
    answer = {"Error": {"Code": "ValidationException", "Message": words}}
    cause = VerboseClientError(answer, "Query", {"table_name": "interviews", "request_id": "1"})
    return QueryError(f"Failed to query items: {cause}", cause)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Without:
    """Call it with an index that the table then lacks."""

    def call(index: type[GlobalSecondaryIndex]) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise refusal(index.Meta.index_name)

        monkeypatch.setattr(index, "query", refuse)

    return call


@pytest.fixture
def staff_client(client: Client, staff: User, take_home: Interview) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log lines of the workers."""
    formatter = logging_config.configure_logging(readable=False)["formatters"]["lines"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_staff_reads_which_index_is_missing_and_the_remedy(
    staff_client: Client, without: Without
) -> None:
    without(ListKeyIndex)
    answer = staff_client.get("/api/takehome")
    sentence = MISSING.format("TabIndex")
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": {"code": "unavailable", "message": sentence}},
    )
    page = staff_client.get("/")
    assert page.status_code == 503
    assert sentence in page.content.decode()
    fragment = staff_client.get("/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.content.decode()) == (503, sentence)


def test_candidate_reads_that_nothing_is_lost(
    client: Client, take_home: Interview, without: Without
) -> None:
    without(PasscodeIndex)
    page = client.get(f"/take-home/{take_home.passcode}/")
    assert page.status_code == 503
    assert str(BEING_UPDATED) in page.content.decode()
    answer = client.get(f"/api/interviews/by-passcode/{take_home.passcode}")
    assert (answer.status_code, answer.json()["error"]["message"]) == (503, str(BEING_UPDATED))
    for response in (page, answer):
        assert "create_tables" not in response.content.decode()


def test_requests_without_that_index_work(
    staff_client: Client, take_home: Interview, without: Without
) -> None:
    without(ListKeyIndex)
    without(EndedByStatusIndex)
    assert staff_client.get(f"/api/interviews/{take_home.id}").status_code == 200


def test_worker_logs_the_remedy(
    take_home: Interview, written: io.StringIO, without: Without
) -> None:
    without(StatusDueIndex)
    reconciler.run_due()
    assert MISSING.format("StatusDueIndex") in written.getvalue()


def test_every_log_line_with_such_an_error_has_the_remedy(
    take_home: Interview, written: io.StringIO, without: Without
) -> None:
    without(OutboxIndex)
    try:
        list(Interview.outbox_index.query("1"))
    except QueryError:
        # As Celery logs the failure of a task.
        logging.getLogger("celery.app.trace").error("Task failed", exc_info=True)
    assert MISSING.format("OutboxIndex") in written.getvalue()


def test_other_error_is_no_missing_index_message() -> None:
    assert missing_index_message(QueryError("no answer")) is None
    assert missing_index_message(ValueError(str(refusal("TabIndex")))) is None


def test_index_that_is_being_filled_is_missing() -> None:
    words = "Cannot read from backfilling global secondary index: TabIndex"
    answer = {"Error": {"Code": "ValidationException", "Message": words}}
    cause = VerboseClientError(answer, "Query", {"table_name": "interviews", "request_id": "1"})
    assert missing_index_message(QueryError(str(cause), cause)) == MISSING.format("TabIndex")


def test_real_server_raises_the_same_error(
    dynamodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"host": dynamodb_url, "table_name": "without-indexes"}.items():
        monkeypatch.setattr(Interview.Meta, name, value)
    monkeypatch.setattr(Interview.Meta, "aws_access_key_id", "local")
    monkeypatch.setattr(Interview.Meta, "aws_secret_access_key", "local")
    forget_connections()
    table = legacy_rows.TABLES["interviews"] | {"TableName": "without-indexes"}
    client = Interview._get_connection().connection.client
    client.create_table(**table)
    with pytest.raises(QueryError) as refused:
        list(Interview.list_key_index.query("regular"))
    client.delete_table(TableName="without-indexes")
    forget_connections()
    wanted = MISSING.format("TabIndex").replace("interviews", "without-indexes")
    assert missing_index_message(refused.value) == wanted
    ours = refusal("TabIndex").cause_response_message
    assert refused.value.cause_response_message == ours
