"""The roles as Django groups, brought up to date after every `migrate`."""

from typing import Any

import structlog
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import transaction

from dashboard.permissions.roles import ROLES, TITLES

logger = structlog.get_logger(__name__)


def update_roles(using: str, apps: Apps = installed_apps, **_: Any) -> None:
    """Receive `post_migrate`: store the permissions and roles of `roles.py` in the database.

    A role holds exactly the platform's permissions that the code gives it, because tokens and the
    documentation promise the same, and the admin does not let anybody change a role. Groups with
    other names belong to the administrators and are never touched; neither are permissions of
    other apps. A database that is up to date costs one query.
    """
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
        content_types = apps.get_model("contenttypes", "ContentType").objects.db_manager(using)
        carrier = apps.get_model("dashboard", "InterviewRecord")
    except LookupError:
        # Only some apps were migrated: the tables are not there yet.
        return
    if _is_up_to_date(permissions):
        return
    with transaction.atomic(using):
        content_type = content_types.get_for_model(carrier, for_concrete_model=False)
        stored = {
            code.value: permissions.update_or_create(
                content_type=content_type, codename=code.value, defaults={"name": title}
            )[0]
            for code, title in TITLES.items()
        }
        for role, granted in ROLES.items():
            group, _created = groups.get_or_create(name=role)
            codes = {code.value for code in granted}
            surplus = group.permissions.filter(content_type=content_type).exclude(
                codename__in=codes
            )
            group.permissions.remove(*surplus)
            group.permissions.add(*(stored[code] for code in codes))
    logger.info("roles_updated", roles=list(ROLES))


def _is_up_to_date(permissions: Any) -> bool:
    rows = permissions.filter(
        content_type__app_label="dashboard", content_type__model="interviewrecord"
    ).values_list("codename", "name", "group__name")
    titles = {(code, title) for code, title, _ in rows}
    grants = {(group, code) for code, _, group in rows if group in ROLES}
    return (
        {(code.value, title) for code, title in TITLES.items()} <= titles
        and grants == {(role, code.value) for role, codes in ROLES.items() for code in codes}
        # A role without permissions is in no row: look closer.
        and all(ROLES.values())
    )
