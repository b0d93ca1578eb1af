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
from takehome_platform.local_stack.stamp import ONLY_ADMIN, note_prepared


def prepare(admin_password: str, *, only_admin: bool = False) -> None:
    if not only_admin:
        prepare_stores(_create_tables)
    ensure_admin(admin_password)


def _create_tables() -> None:
    from django.conf import settings  # only after django.setup()

    from takehome_platform.local_stack.rebuild_tables import rebuild_tables

    call_command("create_tables", no_indexes=True)
    rebuild_tables(settings.DATA_DIR)


def main() -> int:
    # As the supervisor has it, which compares it: the settings may set more.
    environ = dict(os.environ)
    try:
        setup_django()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    prepare(os.environ.pop("ADMIN_PASSWORD"), only_admin=ONLY_ADMIN in sys.argv)
    note_prepared(Path(environ["DATA_DIR"]), environ)
    return 0


if __name__ == "__main__":
    sys.exit(main())
