"""Places that a failed start keeps until its workspace is removed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0025_admission"),
    ]

    operations = [
        migrations.AddField(
            model_name="admission",
            name="left_since",
            field=models.DateTimeField(null=True),
        ),
    ]
