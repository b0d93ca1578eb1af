"""The one-shot service `prepare` of `make run`."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from operations.management import schema_sync
from takehome_platform.local_stack import prepare as module
from takehome_platform.local_stack.prepare import prepare

pytestmark = pytest.mark.django_db


def test_old_tables_are_rebuilt_and_not_changed_in_place(tables, monkeypatch) -> None:
    """The local DynamoDB server cannot add an index."""
    monkeypatch.setattr(schema_sync, "add_indexes", lambda *_: pytest.fail("asked for"))
    prepare("first")
    assert get_user_model().objects.get(username="admin").is_superuser


def test_prepared_stores_are_left_alone_but_the_password_is_set(tables, monkeypatch) -> None:
    monkeypatch.setattr(module, "prepare_stores", lambda _: pytest.fail("prepared again"))
    prepare("another one", only_admin=True)
    assert get_user_model().objects.get(username="admin").check_password("another one")


def test_a_backup_in_the_place_of_prepared_tables_is_noticed(dynamodb) -> None:
    with pytest.raises(module.ReplacedDataError):
        prepare("another one", only_admin=True)


def test_a_backup_in_the_place_of_the_database_is_noticed(tables) -> None:
    ((app, newest),) = MigrationLoader(connection).graph.leaf_nodes("operations")
    MigrationRecorder(connection).record_unapplied(app, newest)
    with pytest.raises(module.ReplacedDataError):
        prepare("another one", only_admin=True)
