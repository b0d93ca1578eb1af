"""The three roles. Staff of before there were any keeps doing what it did."""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

from dashboard.permissions.roles import ADMINISTRATOR, make_groups


def forwards(apps: Any, schema_editor: Any) -> None:
    # Django makes permissions after all migrations, and these are needed now.
    config = apps.get_app_config("dashboard")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    groups = apps.get_model("auth", "Group").objects
    make_groups(groups, apps.get_model("auth", "Permission").objects)
    administrators = groups.get(name=ADMINISTRATOR)
    users = apps.get_model("auth", "User").objects
    for user in users.filter(is_staff=True, is_superuser=False):
        user.groups.add(administrators)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
