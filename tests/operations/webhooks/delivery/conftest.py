"""Outcomes of attempts."""

import pytest

from operations.webhooks import http_client
from tests.operations.webhooks.delivery.outcomes import OK


@pytest.fixture
def outcomes(monkeypatch):
    """Replace the HTTP client: set the next outcome, and read the posted requests."""

    class Outcomes:
        def __init__(self):
            self.next = OK
            self.posted = []

        def post(self, url, body, headers):
            self.posted.append((url, body, headers))
            return self.next() if callable(self.next) else self.next

    outcomes = Outcomes()
    monkeypatch.setattr(http_client, "post_json", outcomes.post)
    return outcomes
