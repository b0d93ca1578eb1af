"""Prepare the stores and the admin for `make run`; the one-shot service `prepare` runs this.

The steps are those of `bootstrap`, except that the local DynamoDB server cannot add an index to a
table, and that stores which are as they should be (`stamp`) are left alone, as web and workers use
them already. The admin's password comes in the environment: every user of the machine can read
arguments.
"""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from takehome_platform.bootstrap import ensure_admin, prepare_stores, setup_django
from takehome_platform.local_stack import stamp

# The next start prepares everything.
REPLACED = "DATA_DIR has data of an older version. Start again.\n"


class ReplacedDataError(Exception):
    """The stores are not as they were prepared, although web and workers are starting with them."""


def prepare(admin_password: str, *, only_admin: bool = False) -> None:
    """Prepare the stores unless they are prepared, and the admin.

    Raises:
        ReplacedDataError: if the stores that are said to be prepared are not.
    """
    if not only_admin:
        prepare_stores(_create_tables)
    elif not _are_prepared():
        raise ReplacedDataError
    ensure_admin(admin_password)


def _create_tables() -> None:
    from django.conf import settings  # only after django.setup()

    from takehome_platform.local_stack.rebuild_tables import rebuild_tables

    call_command("create_tables", no_indexes=True)
    rebuild_tables(settings.DATA_DIR)


def _are_prepared() -> bool:
    """A few requests, in case somebody put a backup in the place of the files."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from takehome_platform.local_stack.rebuild_tables import are_tables_complete

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not missing and are_tables_complete()


def main() -> int:
    # As the supervisor has it, which compares it: the settings may set more.
    code = stamp.code_stamp(dict(os.environ))
    try:
        setup_django()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        prepare(os.environ.pop("ADMIN_PASSWORD"), only_admin=stamp.ONLY_ADMIN in sys.argv)
    except ReplacedDataError:
        sys.stderr.write(REPLACED)
        return 2
    stamp.note_prepared(Path(os.environ["DATA_DIR"]), code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
