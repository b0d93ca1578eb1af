"""The three roles. Staff of before there were any keeps doing what it did.

The roles as they were then, as literals: what the code says today is stored by the receiver of
`post_migrate` (dashboard/permissions/groups.py), and must not decide what this migration does.
"""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "Viewer": ["view_interviews"],
    "Interviewer": [
        "view_interviews",
        "see_credentials",
        "invite_candidates",
        "manage_interviews",
        "edit_challenges",
    ],
    "Administrator": [
        "view_interviews",
        "see_credentials",
        "invite_candidates",
        "manage_interviews",
        "delete_interviews",
        "edit_challenges",
        "see_audit_trail",
        "administer_platform",
    ],
}


def forwards(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    # Django makes permissions after all migrations, and these are needed now.
    config = apps.get_app_config("dashboard")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=using)
    config.models_module = None
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    permissions = permissions.filter(content_type__app_label="dashboard")
    for role, codenames in ROLES.items():
        group, _ = groups.get_or_create(name=role)
        group.permissions.add(*permissions.filter(codename__in=codenames))
    administrators = groups.get(name="Administrator")
    users = apps.get_model("auth", "User").objects.using(using)
    for user in users.filter(is_staff=True, is_superuser=False):
        user.groups.add(administrators)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
