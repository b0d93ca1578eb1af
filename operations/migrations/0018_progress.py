"""What was kept of candidates' files while their workspaces ran."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0017_no_hidden_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProgressWatch",
            fields=[
                (
                    "interview_id",
                    models.CharField(max_length=100, primary_key=True, serialize=False),
                ),
                ("due_at", models.DateTimeField(db_index=True)),
                ("claim", models.CharField(blank=True, max_length=32)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("sitting", models.PositiveIntegerField(default=0)),
                ("since_ns", models.BigIntegerField(default=0)),
                ("kept_at", models.DateTimeField(null=True)),
                ("stored_bytes", models.BigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ProgressState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("interview_id", models.CharField(max_length=100)),
                ("number", models.PositiveIntegerField()),
                ("sitting", models.PositiveIntegerField()),
                ("since", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("key", models.CharField(max_length=300)),
                ("files", models.PositiveIntegerField()),
                ("lines", models.PositiveIntegerField()),
                ("files_added", models.PositiveIntegerField(default=0)),
                ("files_changed", models.PositiveIntegerField(default=0)),
                ("files_deleted", models.PositiveIntegerField(default=0)),
                ("lines_added", models.PositiveIntegerField(default=0)),
                ("lines_deleted", models.PositiveIntegerField(default=0)),
                ("largest", models.JSONField(default=list)),
                ("new_bytes", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ("number",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("interview_id", "number"), name="progress_state_once"
                    )
                ],
            },
        ),
    ]
