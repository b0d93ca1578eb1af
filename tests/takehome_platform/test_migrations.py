"""Migrations do the same whatever the code says today, and a new role needs none."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from dashboard.permissions.roles import ROLES

ROOT = Path(settings.BASE_DIR)
APPLICATION = {"candidate_portal", "dashboard", "interviews", "operations", "takehome_platform"}
MIGRATIONS = sorted(
    path for app in APPLICATION for path in ROOT.glob(f"{app}/**/migrations/*.py") if path.stem
)
# As if a later version had this role: before the models are loaded, as a change of the code is.
ADD_ROLE = """
import django
from dashboard.permissions import roles
roles.ROLES["Reviewer"] = frozenset({roles.Permission.VIEW})
django.setup()
from django.core.management import call_command
call_command("makemigrations", check_changes=True, dry_run=True)
from takehome_platform.api.app import api
described = api.get_openapi_schema()["paths"]["/api/interviews"]["get"]["description"]
assert "Reviewer" in described, described
"""
# Where people read which roles there are.
PAGES = ("README.md", ".env.example", "docs/api.md", "docs/single-sign-on.md")


def test_the_applications_migrations_are_found() -> None:
    found = {path.parent.parent.name for path in MIGRATIONS}
    assert {"dashboard", "operations"} <= found
    assert found <= {config.label for config in apps.get_app_configs()}


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_migration_imports_application_code(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [f"{'.' * node.level}{node.module or ''}"]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    # A relative import is one of the application as well.
    assert not {name for name in names if name.split(".")[0] in {*APPLICATION, ""}}


def test_a_role_that_is_added_needs_no_migration_and_is_in_the_api_description() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ADD_ROLE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_the_documentation_names_every_role(role: str, page: str) -> None:
    assert role in (ROOT / page).read_text()
