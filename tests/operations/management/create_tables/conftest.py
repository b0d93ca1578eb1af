"""Tables and servers as the tests of create_tables need them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from interviews.dynamodb import now
from tests import legacy_rows
from tests.dynamodb.server import DynamoDB


@pytest.fixture
def client(dynamodb: DynamoDB, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of moto's DynamoDB, which can alter tables, without tables."""
    monkeypatch.setattr(dynamodb, "is_on", False)
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture
def deployed(client: Any) -> Any:
    """The tables of an earlier release, with a row."""
    legacy_rows.create(client)
    row = legacy_rows.ended("aB3dE5gH", at=now(), tab={"S": "regular-ended"})
    legacy_rows.put(client, "interviews", [row])
    return client
