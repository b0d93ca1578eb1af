"""`manage.py load_samples`: load the shipped challenges into the library. Idempotent."""

import stat
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from interviews.challenges import library, versions
from interviews.challenges.criteria import parse_criteria
from interviews.challenges.schemas import OptionalChallengeFields
from interviews.challenges.starting_files import StartingFiles
from interviews.challenges.versions import SHIPPED

DESCRIPTION = "challenge.toml"
# What candidates may use.
POLICY_FIELDS = ("ai_assistants", "internet", "libraries", "policy_note")


class Command(BaseCommand):
    help = "Add the sample challenges to the library. Existing ones stay."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in sorted((settings.BASE_DIR / "challenges").glob(f"*/{DESCRIPTION}")):
            try:
                changed = load_challenge(path.parent)
            except (ValueError, KeyError) as error:
                raise CommandError(f"{path}: {error}") from error
            self.stdout.write(f"{path.parent.name}: {'loaded' if changed else 'unchanged'}")


def load_challenge(folder: Path) -> bool:
    """Load a challenge from its folder; return False if it is unchanged or staff has edited it.

    Raises:
        KeyError: if challenge.toml lacks a field.
        ValueError: if challenge.toml or a file is invalid.
    """
    current = library.get_version(folder.name, None)
    if current is not None and current.created_by not in (None, SHIPPED):
        return False
    about = tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    policy = OptionalChallengeFields.model_validate(
        {name: about[name] for name in POLICY_FIELDS if name in about}
    ).policy
    paths = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != DESCRIPTION and "__pycache__" not in path.parts
    }
    return versions.put_challenge(
        folder.name,
        name=about["name"],
        description=about["description"],
        language=about["language"],
        duration_minutes=about["duration_minutes"],
        criteria=parse_criteria(about.get("criteria", ())),
        policy=policy,
        files=StartingFiles(
            {name: path.read_bytes() for name, path in paths.items()},
            [name for name, path in paths.items() if path.stat().st_mode & stat.S_IXUSR],
        ),
    )
