"""Roles and permissions are stored after each migration and not by one of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0003_single_sign_on"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="interviewrecord",
            options={"default_permissions": (), "managed": False, "verbose_name": "interview"},
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="role",
            field=models.CharField(max_length=30),
        ),
    ]
