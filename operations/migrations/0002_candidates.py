"""Create bulk imports and e-mails."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("created_by", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("notices", models.JSONField(default=list)),
                ("challenge", models.CharField(blank=True, max_length=100)),
                ("duration_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("valid_days", models.PositiveIntegerField()),
                ("custom_instructions", models.CharField(blank=True, max_length=5000)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("send_email", models.BooleanField(default=False)),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["created_at"], name="batch_age")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("interview_id", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "Invitation"),
                            ("scheduled", "Scheduled"),
                            ("reminder", "Reminder"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveIntegerField(default=0)),
                ("to", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=500)),
                ("zone", models.CharField(default="UTC", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("send_at", models.DateTimeField()),
                ("rung_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("created_by", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["state", "send_at"], name="message_due"),
                    models.Index(fields=["created_at"], name="message_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("interview_id", "kind", "number"), name="one_message_of_a_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("cells", models.JSONField()),
                ("invitation", models.JSONField(null=True)),
                ("key", models.CharField(blank=True, db_index=True, max_length=64)),
                ("problem", models.TextField(blank=True)),
                ("twice", models.CharField(blank=True, max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("wanted", "Wanted"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        db_index=True,
                        default="new",
                        max_length=10,
                    ),
                ),
                ("wanted_by", models.CharField(blank=True, max_length=150)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("interview_id", models.CharField(blank=True, db_index=True, max_length=100)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="operations.batch",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="one_row_of_a_number")
                ],
            },
        ),
    ]
