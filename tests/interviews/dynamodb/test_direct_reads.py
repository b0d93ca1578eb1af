"""A read without botocore answers as botocore does, and botocore answers where it cannot."""

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ConnectTimeoutError

from interviews.dynamodb import connections, direct_reads
from interviews.models import Interview
from tests.conftest import fresh

AT = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
URLS = [
    "https://dynamodb.eu-central-1.amazonaws.com/",
    "http://127.0.0.1:8000/",
    "http://[::1]:8000/",
]


@pytest.mark.parametrize("token", [None, "a/token+=="])
@pytest.mark.parametrize("url", URLS)
def test_signature_is_that_of_botocore(url: str, token: str | None) -> None:
    credentials = ReadOnlyCredentials("AKID", "secret/+", token)
    body = '{"Key": {"id": {"S": "ä"}}}'.encode()
    headers = direct_reads.signed_headers(
        credentials, "eu-central-1", url, "DynamoDB_20120810.GetItem", body, AT
    )
    unsigned = {name: headers[name] for name in ("content-type", "x-amz-target")}
    request = AWSRequest("POST", url, unsigned, body)
    with time_machine.travel(AT, tick=False):
        SigV4Auth(credentials, "dynamodb", "eu-central-1").add_auth(request)
    assert request.headers["Authorization"] == headers["authorization"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations for which botocore was asked."""
    operations: list[str] = []
    make_api_call = BaseClient._make_api_call

    def noted(client: Any, operation: str, params: dict[str, Any]) -> Any:
        operations.append(operation)
        return make_api_call(client, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return operations


def client() -> Any:
    return Interview._get_connection().connection.client


def reads(interview: Interview) -> list[tuple[str, dict[str, Any]]]:
    table, key = Interview.Meta.table_name, {"id": {"S": interview.id}}
    by_list = {
        "TableName": table,
        "IndexName": "TabIndex",
        "KeyConditionExpression": "tab = :tab",
        "ExpressionAttributeValues": {":tab": {"S": interview.list_key}},
        "Limit": 1,
        "ReturnConsumedCapacity": "TOTAL",
    }
    return [
        ("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}),
        ("GetItem", {"TableName": table, "Key": {"id": {"S": "none"}}}),
        ("BatchGetItem", {"RequestItems": {table: {"Keys": [key], "ConsistentRead": True}}}),
        ("Query", by_list),
    ]


@pytest.mark.usefixtures("real_tables")
def test_answers_are_those_of_botocore(invite: Callable[..., Interview], asked: list[str]) -> None:
    interview = invite(candidate_name='Zoë "B": \\ 😀', custom_instructions="\n")
    fresh(interview)
    for operation, params in reads(interview):
        asked.clear()
        answer = client()._make_api_call(operation, dict(params))
        assert asked == []
        theirs = BaseClient._make_api_call(client(), operation, dict(params))
        del theirs["ResponseMetadata"]
        assert answer == theirs


@pytest.mark.usefixtures("real_tables")
def test_connection_is_used_again(
    invite: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = invite()
    fresh(interview)
    with monkeypatch.context() as patch:
        patch.delattr("botocore.httpsession.URLLib3Session.send")
        assert fresh(interview).candidate_name == interview.candidate_name


def response(content: bytes = b"{}", status: int = 200, **headers: str) -> connections.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return connections.Response(status, named, content)


@pytest.mark.usefixtures("real_tables")
@pytest.mark.parametrize(
    "unexpected",
    [
        None,
        response(status=500),
        response(b'{"__type": "com.amazonaws#ThrottlingException"}', status=400),
        response(b'{"Item": {"id": {"B": "AA=="}}}'),
        response(x_amz_crc32=str(zlib.crc32(b"{}") ^ 1)),
    ],
    ids=["no answer", "failed", "refused", "binary", "damaged"],
)
def test_botocore_is_asked_after_an_unexpected_answer(
    unexpected: Any,
    invite: Callable[..., Interview],
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interview = invite()
    monkeypatch.setattr(connections, "exchange", lambda *_: unexpected)
    asked.clear()
    assert fresh(interview).candidate_name == interview.candidate_name
    assert asked == ["GetItem"]


@pytest.mark.usefixtures("real_tables")
def test_right_checksum_is_no_reason_to_ask_again(
    invite: Callable[..., Interview], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = invite()
    content = json.dumps({"Item": {"id": {"S": "another"}}}).encode()
    right = response(content, x_amz_crc32=str(zlib.crc32(content)))
    monkeypatch.setattr(connections, "exchange", lambda *_: right)
    asked.clear()
    params = {"TableName": Interview.Meta.table_name, "Key": {"id": {"S": interview.id}}}
    assert client()._make_api_call("GetItem", params) == json.loads(content)
    assert asked == []


@pytest.mark.usefixtures("real_tables")
def test_binary_value_is_left_to_botocore(
    invite: Callable[..., Interview], asked: list[str]
) -> None:
    key = {"id": {"B": b"\0"}}
    with pytest.raises(client().exceptions.ClientError, match="ValidationException"):
        client()._make_api_call("GetItem", {"TableName": Interview.Meta.table_name, "Key": key})
    assert asked == ["GetItem"]


@pytest.mark.usefixtures("real_tables")
def test_write_is_left_to_botocore(invite: Callable[..., Interview], asked: list[str]) -> None:
    invite()
    assert "PutItem" in asked


def test_without_credentials_nothing_is_sent() -> None:
    signer = SimpleNamespace(_credentials=None, signature_version="v4")
    assert direct_reads._read(SimpleNamespace(_request_signer=signer), "GetItem", {}) is None


def test_exchange_after_a_time_limit_is_none() -> None:
    class Session:
        _proxy_config = SimpleNamespace(proxy_url_for=lambda _: None)

        def _get_connection_manager(self, *_: Any) -> Any:
            pool = SimpleNamespace(num_connections=0)
            return SimpleNamespace(connection_from_url=lambda _: pool)

        def send(self, _: Any) -> None:
            raise ConnectTimeoutError(endpoint_url="http://nowhere")

    assert connections.exchange(Session(), SimpleNamespace(url="http://nowhere")) is None
