"""manage.py create_tables: the DynamoDB tables and their indexes, where they are not there yet."""

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError
from pynamodb.exceptions import PynamoDBException, TableError
from pynamodb.models import Model

from interviews import legacy
from interviews.challenges.models import Challenge, Version
from interviews.legacy.models import Takehome
from interviews.models import Interview
from interviews.search.index import SearchTerm
from operations import schema_sync
from operations.models import Operation
from operations.operation_log import OperationLog
from operations.start_times.models import StartTime

TABLES: list[type[Model]] = [
    Interview,
    SearchTerm,
    Challenge,
    Version,
    Operation,
    OperationLog,
    StartTime,
]


class Command(BaseCommand):
    help = (
        "Create the DynamoDB tables that are not there yet, and add the indexes that a table lacks,"
        " one at a time, while it is in use. Safe to repeat; stopped, it goes on when run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            "--dry-run",
            action="store_true",
            help="Change nothing: list what is missing, and end with 1 if anything is.",
        )
        parser.add_argument(
            "--no-indexes",
            action="store_true",
            help="Leave tables that are there as they are.",
        )

    def handle(self, *args: Any, check: bool, no_indexes: bool, **options: Any) -> None:
        try:
            if check:
                self._check()
                return
            for model in TABLES:
                self._create(model)
            if not no_indexes:
                _require_old_table()
                for model in _all():
                    schema_sync.add_indexes(model, self._say)
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            raise CommandError(f"DynamoDB: {error}") from None
        except schema_sync.SchemaSyncError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. DynamoDB finishes the index that it is at; run this again for the rest.",
                returncode=130,
            ) from None

    def _create(self, model: type[Model]) -> None:
        name = model.Meta.table_name
        try:
            created = not model.exists()
            if created:
                model.create_table(wait=True)
        except TableError as error:
            # Two that start at once: the other one was first.
            if error.cause_response_code != "ResourceInUseException":
                raise
            created = False
        self._say(f"{name}: {'created' if created else 'is there'}")
        lacks_ttl = schema_sync.lacks_ttl(model)
        if lacks_ttl is None or (lacks_ttl and not schema_sync.expire_rows(model)):
            self._say(f"{name}: this engine has no TTL, so ended rows stay")

    def _check(self) -> None:
        """Raises CommandError where something is missing."""
        _require_old_table()
        lacking = 0
        for model in _all():
            name = model.Meta.table_name
            lacks = _lacks(model)
            lacking += bool(lacks)
            for line in lacks or ["has all that it needs"]:
                self._say(f"{name}: {line}")
            # No fault: nothing is shown wrongly for it, and not every server can.
            if model.exists() and schema_sync.lacks_ttl(model):
                self._say(f"{name}: does not remove rows whose `ttl` is over")
        if lacking:
            tables = "1 table lacks" if lacking == 1 else f"{lacking} tables lack"
            raise CommandError(f"{tables} something: run manage.py create_tables.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _all() -> list[type[Model]]:
    """The old portal's table is made by nobody here, but lists read it by its index."""
    return [*TABLES, Takehome] if legacy.is_enabled() else TABLES


def _require_old_table() -> None:
    if legacy.is_enabled() and not Takehome.exists():
        name = Takehome.Meta.table_name
        raise CommandError(
            f"There is no table {name}, which LEGACY_TAKEHOME_TABLE names: correct or empty that."
        )


def _lacks(model: type[Model]) -> list[str]:
    if not model.exists():
        return ["is not there"]
    table = schema_sync.look(model)
    lines = [*schema_sync.conflicts(table)]
    lines += [f"has no index {index['index_name']}" for index in table.missing]
    if table.waits_for:
        lines.append(f"is not ready: {table.waits_for}")
    return lines
