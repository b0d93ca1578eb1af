"""Create orphaned workspaces and the scans of the engines."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0002_candidates"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngineLook",
            fields=[
                ("engine", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(null=True)),
                ("held", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Orphan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("engine", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=100)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("stranger", "There is no interview of this name"),
                            ("over", "Its interview is over"),
                            ("other_opening", "Its interview goes on in another workspace"),
                        ],
                        max_length=20,
                    ),
                ),
                ("interview_id", models.CharField(blank=True, max_length=100)),
                ("since", models.DateTimeField()),
                ("state", models.JSONField(default=dict)),
                ("first_seen", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen", models.DateTimeField(default=django.utils.timezone.now)),
                ("end_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, max_length=150)),
                ("save_files", models.BooleanField(default=True)),
                ("kept_by", models.CharField(blank=True, max_length=150)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("failed_step", models.CharField(blank=True, max_length=20)),
                ("lease", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("saved_bytes", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ("first_seen", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("engine", "name"),
                        name="one_orphan_per_workspace",
                    )
                ],
            },
        ),
    ]
