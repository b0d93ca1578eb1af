"""The platform's settings as the tests want them: no file of the developer's, no address."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

data_dir = Path(tempfile.mkdtemp(prefix="takehome-test-"))


def _remove(folder: Path, pid: int) -> None:
    # A fork of this process leaves it alone.
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_remove, data_dir, os.getpid())
os.environ.update(
    DEBUG="true",
    SECRET_KEY="not-a-secret-" * 4,
    DATA_DIR=str(data_dir),
    DYNAMODB_ENDPOINT_URL=os.environ.get("TEST_DYNAMODB_ENDPOINT_URL", ""),
    REDIS_URL=os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:1/0"),
    TABLE_PREFIX="",
    DATABASE_URL="sqlite://:memory:",
    EMAIL_URL="",
)

from takehome_platform.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEBUG = False
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Nothing was collected here, and that is worth a warning to others only.
STATIC_ROOT = BASE_DIR / "static"  # noqa: F405
# pytest shows what was logged before a failure; a line for each record would be made for nobody.
LOGGING["root"]["handlers"] = []  # noqa: F405
