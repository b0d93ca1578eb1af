"""Django's checks for deployment are clean, and HTTPS is demanded only where all of it has TLS."""

import os
import subprocess
import sys

import pytest

from interviews.local_time import zone_data
from takehome_platform.checks.zone_data import check_zone_data
from takehome_platform.local_stack.config import ROOT

WITH_TLS = "https://{name}.workspaces.example.com/"
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "b7!kq2-mXw9$z4Lr0pTn6vYc8sHd1fGj3aQe5uRi7oWx2yZt-KqPz",
    "ALLOWED_HOSTS": "tests.example.com",
    "SITE_URL": "https://tests.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://tests.example.com",
    "EMAIL_URL": "smtp://mail.example.com",
    "DEFAULT_FROM_EMAIL": "tests@example.com",
    "PROVISIONER": "docker",
    "DOCKER_WORKSPACE_URL": WITH_TLS,
    "DOCKER_NETWORK": "workspaces",
}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=PRODUCTION | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(bool(check_zone_data()), reason="old zone data is a finding of its own")
def test_check_deploy_finds_nothing() -> None:
    check = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (check.returncode, check.stdout) == (
        0,
        f"{zone_data.describe()}\nSystem check identified no issues (3 silenced).\n",
    ), check.stderr


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, 30 * 24 * 3600),
        # Browsers would turn the addresses of such workspaces into https, where nothing answers.
        ({"DOCKER_WORKSPACE_URL": "http://tests.example.com:{port}/"}, None),
        ({"DEBUG": "true"}, None),
    ],
)
def test_https_is_demanded_where_workspaces_have_it(
    variables: dict[str, str], seconds: int | None
) -> None:
    script = (
        "from takehome_platform import settings as s; print(vars(s).get('SECURE_HSTS_SECONDS'))"
    )
    assert run("-c", script, **variables).stdout == f"{seconds}\n"
