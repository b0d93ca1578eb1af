"""Migrations of existing rows."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = ("operations", "0003_orphans")
AFTER = ("operations", "0004_one_invitation_unasked")


@pytest.fixture
def rows_before(transactional_db):
    """The tables before the migration; after the test they are migrated again."""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    yield executor.loader.project_state([BEFORE]).apps
    MigrationExecutor(connection).migrate(executor.loader.graph.leaf_nodes())


def test_candidates_of_two_files_are_duplicates_in_the_second(rows_before):
    batches = rows_before.get_model("operations", "Batch").objects
    for name in ("first.csv", "second.csv"):
        batch = batches.create(file_name=name, created_by="grace", valid_days=7)
        for number, (key, state) in enumerate([("ada", "done"), ("bob", "new"), ("", "done")], 1):
            batch.rows.create(number=number, line=number, cells={}, key=key, state=state)
    executor = MigrationExecutor(connection)
    executor.migrate([AFTER])
    rows = executor.loader.project_state([AFTER]).apps.get_model("operations", "BatchRow").objects
    duplicates = rows.order_by("batch__file_name", "number").values_list("twice", flat=True)
    assert list(duplicates) == [
        *("", "", ""),
        *("Invited to this challenge already, from “first.csv”.", "", ""),
    ]
