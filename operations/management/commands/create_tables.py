"""manage.py create_tables: create missing DynamoDB tables and indexes."""

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError
from pynamodb.exceptions import PynamoDBException, TableError
from pynamodb.models import Model

from interviews import legacy
from interviews.challenges.models import Challenge, Version
from interviews.dynamodb import error_code
from interviews.legacy.models import Takehome
from interviews.models import Interview
from interviews.search.index import SearchTerm
from operations.management import schema_sync, table_schema
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
        "Create missing DynamoDB tables and add missing indexes, one at a time, while the tables"
        " are in use. Safe to repeat; if stopped, run it again to continue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            "--dry-run",
            action="store_true",
            help="Only list what is missing; exit with 1 if anything is.",
        )
        parser.add_argument(
            "--no-indexes",
            action="store_true",
            help="Don't change existing tables.",
        )

    def handle(self, *args: Any, check: bool, no_indexes: bool, **options: Any) -> None:
        try:
            if check:
                self._check()
                return
            for model in TABLES:
                self._create_table(model)
            if not no_indexes:
                _require_old_table()
                for model in _models():
                    schema_sync.add_indexes(model, self._print)
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            raise CommandError(f"DynamoDB: {error}") from None
        except schema_sync.SchemaSyncError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. DynamoDB finishes the current index. Run this again for the rest.",
                returncode=130,
            ) from None

    def _create_table(self, model: type[Model]) -> None:
        name = model.Meta.table_name
        try:
            created = not model.exists()
            if created:
                schema_sync.create_table(model)
        except TableError as error:
            # Another process that started at the same time created it first.
            if error_code(error) != "ResourceInUseException":
                raise
            created = False
        self._print(f"{name}: {'created' if created else 'exists'}")
        lacks_ttl = schema_sync.is_ttl_missing(model)
        if lacks_ttl is None or (lacks_ttl and not schema_sync.enable_ttl(model)):
            self._print(f"{name}: this engine has no TTL, so expired rows stay")

    def _check(self) -> None:
        """List the differences between tables and models.

        Raises:
            CommandError: if anything is missing.
        """
        _require_old_table()
        incomplete = 0
        for model in _models():
            name = model.Meta.table_name
            differences = _differences(model)
            incomplete += bool(differences)
            for line in differences or ["complete"]:
                self._print(f"{name}: {line}")
            # A missing TTL is no error: the pages are right without it, and some servers have none.
            if model.exists() and schema_sync.is_ttl_missing(model):
                self._print(f"{name}: doesn't remove rows whose `ttl` has passed")
        if incomplete:
            tables = "1 table is" if incomplete == 1 else f"{incomplete} tables are"
            raise CommandError(f"{tables} incomplete. Run manage.py create_tables.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _models() -> list[type[Model]]:
    """The models of the tables, with that of the old portal, whose index the lists read."""
    return [*TABLES, Takehome] if legacy.is_enabled() else TABLES


def _require_old_table() -> None:
    if legacy.is_enabled() and not Takehome.exists():
        name = Takehome.Meta.table_name
        raise CommandError(
            f"There is no table {name}. Correct LEGACY_TAKEHOME_TABLE, or leave it empty."
        )


def _differences(model: type[Model]) -> list[str]:
    if not model.exists():
        return ["missing"]
    table = schema_sync.describe_table(model)
    lines = [*table_schema.schema_conflicts(table)]
    lines += [f"missing index {index['index_name']}" for index in table.missing_indexes]
    if table.pending_change:
        lines.append(f"not ready: {table.pending_change}")
    return lines
