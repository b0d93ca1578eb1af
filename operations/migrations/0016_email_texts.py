"""The texts of emails that administrators edited."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0015_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmailText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=10)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("body", models.TextField(blank=True, default="", max_length=5000)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "language"), name="one_text_of_a_language"
                    )
                ],
            },
        ),
    ]
