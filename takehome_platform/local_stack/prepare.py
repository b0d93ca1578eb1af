"""Prepare the stores and the admin for `make run`; the one-shot service `prepare` runs this.

The steps are those of `bootstrap`, except that the local DynamoDB server cannot add an index to a
table. The admin's password comes in the environment: every user of the machine can read arguments.
"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from takehome_platform.bootstrap import ensure_admin, prepare_stores, setup_django


def prepare(admin_password: str) -> None:
    prepare_stores(_create_tables)
    ensure_admin(admin_password)


def _create_tables() -> None:
    from django.conf import settings  # only after django.setup()

    from takehome_platform.local_stack.rebuild_tables import rebuild_tables

    call_command("create_tables", no_indexes=True)
    rebuild_tables(settings.DATA_DIR)


def main() -> int:
    try:
        setup_django()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    prepare(os.environ.pop("ADMIN_PASSWORD"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
