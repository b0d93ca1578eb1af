"""Makes the stores ready in one go: schema, tables, sample challenges, the first member of staff.

The admin's password comes in the environment: arguments can be read by everybody on the machine.
"""

import os
import sys
from collections.abc import Callable

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from takehome_platform.checks.startup import require_valid_settings


def prepare(admin_password: str) -> None:
    """Repeatable: what is there already stays."""
    prepare_stores(_make_tables)
    ensure_admin(admin_password)


def prepare_stores(make_tables: Callable[[], object]) -> None:
    """Schema, tables and sample challenges. Repeatable."""
    call_command("migrate", interactive=False, verbosity=0)
    make_tables()
    call_command("load_samples")


def _make_tables() -> None:
    """The embedded server cannot add an index to a table that is there: it is made anew."""
    from django.conf import settings  # only after django.setup()

    from takehome_platform.local_stack.rebuild_tables import rebuild_tables

    call_command("create_tables", no_indexes=True)
    rebuild_tables(settings.DATA_DIR)


def ensure_admin(password: str) -> None:
    """The superuser `admin` with that password."""
    from django.contrib.auth import get_user_model  # only after django.setup()

    users = get_user_model()._default_manager
    admin, _ = users.get_or_create(username="admin")
    admin.is_staff = admin.is_superuser = admin.is_active = True
    # Setting the same password again would end every session that is signed in.
    if not admin.check_password(password):
        admin.set_password(password)
    admin.save()


def main() -> int:
    try:
        django.setup()
        require_valid_settings()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    prepare(os.environ.pop("ADMIN_PASSWORD"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
