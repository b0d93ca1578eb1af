"""manage.py create_tables: the DynamoDB tables, where they are not there yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pynamodb.exceptions import PynamoDBException, TableError
from pynamodb.models import Model

from interviews.challenges import Challenge, Version
from interviews.models import Interview
from interviews.search import SearchTerm
from operations.models import Operation, OperationLog
from operations.timings import StartTime

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
    help = "Create the DynamoDB tables that are not there yet. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        for model in TABLES:
            try:
                self._create(model)
            except PynamoDBException as error:
                raise CommandError(f"DynamoDB: {error}") from None

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
        self.stdout.write(f"{name}: {'created' if created else 'is there'}")
        self._expire_rows(model)

    def _expire_rows(self, model: type[Model]) -> None:
        """Switch on the removal of rows past their `ttl`, where the engine has such a thing."""
        if "ttl" not in model.get_attributes():
            return
        name = model.Meta.table_name
        client = model._get_connection().connection.client
        try:
            description = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
            if description["TimeToLiveStatus"] in ("ENABLED", "ENABLING"):
                return
            client.update_time_to_live(
                TableName=name,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
            )
        except client.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in ("UnknownOperationException", "ValidationException"):
                raise CommandError(f"{name}: could not switch on its TTL: {error}") from None
            self.stdout.write(f"{name}: this engine has no TTL, so ended rows stay")
