"""The one-shot service `prepare` of `make run`."""

import pytest
from django.contrib.auth import get_user_model

from operations.management import schema_sync
from takehome_platform.local_stack.prepare import prepare

pytestmark = pytest.mark.django_db


def test_old_tables_are_rebuilt_and_not_changed_in_place(tables, monkeypatch) -> None:
    """The local DynamoDB server cannot add an index."""
    monkeypatch.setattr(schema_sync, "add_indexes", lambda *_: pytest.fail("asked for"))
    prepare("first")
    assert get_user_model().objects.get(username="admin").is_superuser
