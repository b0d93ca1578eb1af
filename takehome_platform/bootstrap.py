"""What the containers do before web and worker start: the key, the stores, and the first login.

Repeatable, and run at each `docker compose up`. Exit code 2: a setting cannot work; one sentence on
stderr says which.
"""

import os
import secrets
import sys
from functools import partial
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from takehome_platform.checks.startup import require_valid_settings
from takehome_platform.local_stack.config import kept
from takehome_platform.local_stack.prepare import ensure_admin, prepare_stores


def make_secret_key() -> None:
    """The file that SECRET_KEY_FILE names, where nobody gave a key: no two hosts share one."""
    path = os.environ.get("SECRET_KEY_FILE")
    if path and not os.environ.get("SECRET_KEY"):
        kept(Path(path), 50)


def first_login(password: str) -> str:
    """How one signs in, for the log. `password` is whose choice it is; empty: nobody's.

    The one that is made up is told this once: only its hash is kept.
    """
    from django.contrib.auth import get_user_model  # only after django.setup()

    if password:
        ensure_admin(password)
        return "sign in as admin, with the password that ADMIN_PASSWORD has"
    # Whoever came after the first admin is not disturbed, whatever has become of that account.
    if get_user_model()._default_manager.filter(is_superuser=True).exists():
        return "sign in as before"
    ensure_admin(made_up := secrets.token_urlsafe(12))
    return f"sign in as admin / {made_up}"


def main() -> int:
    try:
        make_secret_key()
        django.setup()
        require_valid_settings()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"SECRET_KEY_FILE cannot be written: {error}\n")
        return 2
    prepare_stores(partial(call_command, "create_tables"))
    how = first_login(os.environ.get("ADMIN_PASSWORD", ""))
    address = os.environ.get("DASHBOARD_URL", "").rstrip("/") + "/"
    sys.stdout.write(f"\nTakehome Platform, in a few seconds: {address}  {how}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
