"""The company's name, logo, color and contact address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0007_plan_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="BrandRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("company_name", models.CharField(blank=True, default="", max_length=60)),
                ("contact", models.CharField(blank=True, default="", max_length=254)),
                ("color", models.CharField(blank=True, default="", max_length=7)),
                ("logo", models.BinaryField(null=True)),
                ("logo_type", models.CharField(blank=True, default="", max_length=20)),
                ("logo_name", models.CharField(blank=True, default="", max_length=40)),
            ],
            options={"default_permissions": ()},
        ),
    ]
