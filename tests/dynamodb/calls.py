"""Look at the requests to DynamoDB before they are answered, or make them fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pynamodb.models import Model


@contextmanager
def before_each_call(handler: Callable[..., Any], *models: type[Model]) -> Iterator[None]:
    """Call `handler(model, params, **more)`, as botocore's event `before-call` does.

    `model` is that of the operation, such as PutItem. Tables may share a client.
    """
    all_clients = (model._get_connection().connection.client for model in models)
    clients = list({id(client): client for client in all_clients}.values())
    for client in clients:
        client.meta.events.register("before-call.dynamodb", handler)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-call.dynamodb", handler)
