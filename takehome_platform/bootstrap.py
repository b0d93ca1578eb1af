"""Prepare the secret key, the stores and the first login, before web and worker start.

`python -m takehome_platform.bootstrap` runs at each `docker compose up`; `make run` calls the same
steps from `local_stack.prepare`. Every step is repeatable. Exit code 2 means that a setting cannot
work; stderr then has one sentence that names it.
"""

import os
import secrets
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from takehome_platform.checks.startup import require_valid_settings

SECRET_KEY_BYTES = 50


def read_or_create_secret(path: Path, size: int) -> str:
    """The secret in the file. The first call makes it of `size` random bytes, with mode 0600."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if existing := path.read_text().strip():
            return existing
        # A crash between creating the file and filling it left it empty.
        path.unlink()
        return read_or_create_secret(path, size)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret := secrets.token_urlsafe(size))
    return secret


def ensure_secret_key_file() -> None:
    """Create the file that SECRET_KEY_FILE names, unless SECRET_KEY is set: hosts share no key."""
    path = os.environ.get("SECRET_KEY_FILE")
    if path and not os.environ.get("SECRET_KEY"):
        read_or_create_secret(Path(path), SECRET_KEY_BYTES)


def setup_django() -> None:
    """Load the apps and run the system checks, but for those of URLs, which web processes run.

    Raises:
        ImproperlyConfigured: if a setting is missing, wrong or contradicts another one.
    """
    django.setup()
    require_valid_settings(serves_pages=False)


def prepare_stores(create_tables: Callable[[], object]) -> None:
    """Migrate the SQL database, create the DynamoDB tables and load the sample challenges."""
    call_command("migrate", interactive=False, verbosity=0)
    create_tables()
    call_command("load_samples")


def ensure_admin(password: str) -> None:
    """Create or update the superuser `admin` with this password."""
    from django.contrib.auth import get_user_model  # only after django.setup()

    users = get_user_model()._default_manager
    admin, _ = users.get_or_create(username="admin")
    admin.is_staff = admin.is_superuser = admin.is_active = True
    # Setting the same password again would sign out every session of the admin.
    if not admin.check_password(password):
        admin.set_password(password)
    admin.save()


def ensure_first_login(password: str) -> str:
    """Make sure that an administrator can sign in, and return how, for the log.

    Without a `password` a random one is made for the first superuser. Only its hash is stored, so
    this is the one time that it can be read.
    """
    from django.contrib.auth import get_user_model  # only after django.setup()

    if password:
        ensure_admin(password)
        return "sign in as admin, with the password that ADMIN_PASSWORD has"
    # Once there is a superuser, `admin` stays as it is: it may have been deactivated on purpose.
    if get_user_model()._default_manager.filter(is_superuser=True).exists():
        return "sign in as before"
    ensure_admin(generated := secrets.token_urlsafe(12))
    return f"sign in as admin / {generated}"


def main() -> int:
    try:
        ensure_secret_key_file()
        setup_django()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"SECRET_KEY_FILE cannot be written: {error}\n")
        return 2
    prepare_stores(partial(call_command, "create_tables"))
    login = ensure_first_login(os.environ.get("ADMIN_PASSWORD", ""))
    url = os.environ.get("DASHBOARD_URL", "").rstrip("/") + "/"
    sys.stdout.write(f"\nTakehome Platform, in a few seconds: {url}  {login}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
