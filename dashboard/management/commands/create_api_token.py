"""manage.py create_api_token: create an API token and print it once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.auth import api_tokens
from dashboard.permissions.roles import INTERVIEWER, ROLES
from operations import audit
from operations.audit import Channel, Origin


class Command(BaseCommand):
    help = "Create an API token. It is printed once; only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what it's for; its actions are logged under this name")
        parser.add_argument("--role", choices=ROLES, default=INTERVIEWER)

    def handle(self, *args: Any, **options: Any) -> None:
        name, role = options["name"].strip(), options["role"]
        if not 0 < len(name) <= 100 or not name.isprintable():
            raise CommandError("name: use 1 to 100 visible characters on one line.")
        try:
            with audit.acting_as(Origin("manage.py", Channel.COMMAND)):
                _, text = api_tokens.create(name, role, by="manage.py")
        except api_tokens.TokenNameTakenError:
            raise CommandError(
                f"name: a token named {name!r} already exists. Use another name."
            ) from None
        self.stdout.write(text)
        self.stderr.write(f"A token for the role {role}. Copy it now, it isn't shown again.")
