"""`python -m takehome_platform.prepared COMMAND...` runs the command once the stores are prepared.

Where nothing starts in an order, as in a swarm, each process waits by itself until the schema and
the tables are those of its code. `takehome_platform.bootstrap` prepares them. During an update the
earlier version goes on meanwhile.
"""

import os
import sys
import time
from io import StringIO

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from takehome_platform.bootstrap import setup_django

logger = structlog.get_logger(__name__)

INTERVAL_SECONDS = 2.0


def missing() -> str | None:
    """Return what the stores lack, as a sentence; None if they are as this code needs them."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, MigrationSchemaMissing) as error:
        return f"The SQL database of DATABASE_URL doesn't answer ({type(error).__name__})."
    finally:
        connection.close()
    if pending:
        return "The SQL database isn't migrated to this version."
    try:
        call_command("create_tables", check=True, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return None


def wait() -> None:
    """Return once the stores are prepared, and log each new reason why they are not."""
    said = None
    while (reason := missing()) is not None:
        if reason != said:
            logger.info("stores_not_prepared", says=reason)
            said = reason
        time.sleep(INTERVAL_SECONDS)


def main(command: list[str]) -> int:
    if not command:
        sys.stderr.write("Name the command to run: python -m takehome_platform.prepared COMMAND\n")
        return 2
    # The settings add what is in .env, which a command reads itself: nobody else needs to see it.
    environment = dict(os.environ)
    try:
        setup_django()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    wait()
    os.execvpe(command[0], command, environment)  # noqa: S606 - the container's own command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
