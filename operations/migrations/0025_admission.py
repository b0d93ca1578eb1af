"""Limits of workspaces: who holds a place on an engine, and who waits in line for one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0024_checks_compared"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitedEngine",
            fields=[
                ("engine", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("changes", models.BigIntegerField(default=0)),
                ("is_counted", models.BooleanField(default=False)),
                ("freed", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Admission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=30)),
                ("workspace", models.CharField(max_length=100, unique=True)),
                ("interview_id", models.CharField(db_index=True, max_length=100)),
                ("shown_at", models.CharField(max_length=100)),
                ("type", models.CharField(max_length=20)),
                ("operation_id", models.CharField(blank=True, max_length=100)),
                (
                    "priority",
                    models.IntegerField(choices=[(10, "Live"), (20, "Take Home"), (30, "Trial")]),
                ),
                ("since", models.DateTimeField()),
                ("queued_at", models.DateTimeField()),
                ("admitted_at", models.DateTimeField(null=True)),
                ("length_seconds", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["engine", "admitted_at"], name="admission_places")
                ],
            },
        ),
    ]
