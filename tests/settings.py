"""The platform's settings as the tests want them: no file of the developer's, no address."""

import os
import tempfile

os.environ.update(
    DEBUG="true",
    SECRET_KEY="not-a-secret-" * 4,
    DATA_DIR=tempfile.mkdtemp(prefix="takehome-test-"),
    DYNAMODB_ENDPOINT_URL=os.environ.get("TEST_DYNAMODB_ENDPOINT_URL", ""),
    REDIS_URL=os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:1/0"),
    TABLE_PREFIX="",
    DATABASE_URL="sqlite://:memory:",
    EMAIL_URL="",
)

from takehome_platform.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEBUG = False
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Nothing was collected here, and that is worth a warning to others only.
STATIC_ROOT = BASE_DIR / "static"  # noqa: F405
