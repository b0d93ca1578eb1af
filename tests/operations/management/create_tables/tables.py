"""Tables and servers as the tests of create_tables need them."""

from io import StringIO
from typing import Any

from django.core.management import call_command

NAMES = [
    "interviews",
    "search_terms",
    "challenges",
    "challenge_versions",
    "operations",
    "operation_logs",
    "start_times",
]
INDEXES = [
    "ChallengeIndex",
    "EndedIndex",
    "KindIndex",
    "OutboxIndex",
    "PasscodeIndex",
    "StatusDueIndex",
    "StatusIndex",
    "TabIndex",
    "TypeStatusIndex",
]


def create(**options: Any) -> list[str]:
    out = StringIO()
    call_command("create_tables", stdout=out, **options)
    return out.getvalue().splitlines()


def indexes(client: Any, table: str) -> list[str]:
    described = client.describe_table(TableName=table)["Table"]
    return [index["IndexName"] for index in described.get("GlobalSecondaryIndexes", [])]
