"""One more reason for a workspace that no interview needs: its machine was down."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0034_machines"),
    ]

    operations = [
        migrations.AlterField(
            model_name="orphan",
            name="why",
            field=models.CharField(
                choices=[
                    ("stranger", "There is no interview of this name"),
                    ("over", "Its interview is over"),
                    ("other_opening", "Its interview goes on in another workspace"),
                    (
                        "left_behind",
                        "Its machine was down, and its interview went on without it",
                    ),
                ],
                max_length=20,
            ),
        ),
    ]
