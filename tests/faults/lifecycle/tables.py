"""The tables of the model: DynamoDB in this process, asked without botocore."""

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.connection import Connection

from tests.dynamodb.errors import RequestError
from tests.dynamodb.expressions import Item
from tests.dynamodb.server import DynamoDB

# What a request does at a moment: (the moment's name, the request) -> its answer.
Moment = Callable[[str, Callable[[], Any]], Any]
Observe = Callable[[str, Item | None, Item | None], None]

WRITES = {"PutItem", "UpdateItem", "DeleteItem"}


def copied(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


class TablesAwayError(EndpointConnectionError):  # type: ignore[misc]
    """The server was not reached, or its answer was lost."""

    def __init__(self) -> None:
        super().__init__(endpoint_url="the tables")


class Client:
    """Stands in for botocore's client, which costs each request ten times as long."""

    def __init__(self, dynamodb: DynamoDB, moment: Moment, observe: Observe) -> None:
        self._dynamodb = dynamodb
        self._moment = moment
        self._observe = observe

    def _make_api_call(self, name: str, request: dict[str, Any]) -> Any:
        return self._moment(f"table {name}", lambda: self._answer(name, request))

    def _answer(self, name: str, request: dict[str, Any]) -> Any:
        method = getattr(self._dynamodb, re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower())
        old = self._row(request) if name in WRITES else None
        try:
            # A copy: the client may change what it gets, and the server keeps what it was given.
            answer = copied(method(copied(request)))
        except RequestError as error:
            raise ClientError(error.answer, name) from None
        if name in WRITES:
            self._observe(request["TableName"], old, self._row(request))
        return answer

    def _row(self, request: dict[str, Any]) -> Item | None:
        table = self._dynamodb.tables[request["TableName"]]
        return table.find(table.key(request.get("Key") or request["Item"]))


@contextmanager
def direct_requests(dynamodb: DynamoDB, moment: Moment, observe: Observe) -> Iterator[None]:
    """Each request of pynamodb is a moment, and each write of one row is observed."""
    with mock.patch.object(Connection, "client", Client(dynamodb, moment, observe)):
        yield
