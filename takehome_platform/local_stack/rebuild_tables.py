"""Brings tables of an older version up to date: the embedded server cannot add an index to a table.

The rows are written to a file, the table is made anew, and they are put back. The file stays until
they are: a start that was cut off half-way is finished by the next one.
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
from operations.management.commands.create_tables import TABLES


def rebuild_tables(folder: Path) -> None:
    """Repeatable: tables that have their indexes stay as they are."""
    for model in TABLES:
        file = folder / f"{model.Meta.table_name}.rows.json"
        if not file.exists() and model.exists() and _missing(model):
            _write_down(model, file)
            model.delete_table()
        if file.exists():
            if not model.exists():
                model.create_table(wait=True)
            _put_back(model, file)
            file.unlink()


def _missing(model: type[Model]) -> set[str]:
    """The indexes that the model has and its table has not."""
    wanted = {index.Meta.index_name for index in model._indexes.values()}
    table = model._get_connection().describe_table()
    return wanted - {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}


def _write_down(model: type[Model], file: Path) -> None:
    rows = [row.serialize() for row in model.scan(consistent_read=True)]
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(rows, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _put_back(model: type[Model], file: Path) -> None:
    with model.batch_write() as batch:
        for attributes in json.loads(file.read_text()):
            row = model()
            row.deserialize(attributes)
            batch.save(_as_of_now(row))


def _as_of_now(row: Any) -> Any:
    """What rows of before have not: the key of an index, and the words they are found by."""
    if isinstance(row, Interview) and row.type_status_key is None:
        row.type_status_key = type_status_key_of(row.type, row.state)
        challenge = library.get_challenge(row.challenge)
        index_interview(row, challenge.name if challenge is not None else row.challenge)
    return row
