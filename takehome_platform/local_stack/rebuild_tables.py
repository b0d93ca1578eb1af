"""Add missing indexes to tables of an older version, for a server that cannot change a table.

The rows are saved to a file, the table is deleted and created again, and the rows are restored. The
file is only deleted after that, so that the next start finishes what an interrupted one left.
"""

import json
import os
from pathlib import Path
from typing import Any

from pynamodb.models import Model

from interviews.challenges import library
from interviews.derived_keys import type_status_key_of
from interviews.models import Interview
from interviews.search.index import index_interview
from operations.management import schema_sync
from operations.management.commands.create_tables import TABLES


def rebuild_tables(folder: Path) -> None:
    """Rebuild each table that lacks an index; repeatable."""
    for model in TABLES:
        file = folder / f"{model.Meta.table_name}.rows.json"
        if not file.exists() and model.exists() and _missing_indexes(model):
            _save_rows(model, file)
            model.delete_table()
        if file.exists():
            if not model.exists():
                schema_sync.create_table(model)
            _restore_rows(model, file)
            file.unlink()


def are_tables_complete() -> bool:
    return all(model.exists() and not _missing_indexes(model) for model in TABLES)


def _missing_indexes(model: type[Model]) -> set[str]:
    required = {index.Meta.index_name for index in model._indexes.values()}
    table = model._get_connection().describe_table()
    return required - {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}


def _save_rows(model: type[Model], file: Path) -> None:
    rows = [row.serialize() for row in model.scan(consistent_read=True)]
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(rows, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _restore_rows(model: type[Model], file: Path) -> None:
    with model.batch_write() as batch:
        for attributes in json.loads(file.read_text()):
            row = model()
            row.deserialize(attributes)
            batch.save(_with_current_keys(row))


def _with_current_keys(row: Any) -> Any:
    """Fill in the index keys and search terms that older versions did not store."""
    if isinstance(row, Interview) and row.type_status_key is None:
        row.type_status_key = type_status_key_of(row.type, row.state)
        index_interview(row, library.challenge_name(row.challenge))
    return row
