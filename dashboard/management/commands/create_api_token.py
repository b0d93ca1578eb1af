"""manage.py create_api_token: create an API token and print it once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard import audit
from dashboard.auth import api_tokens
from dashboard.permissions.roles import INTERVIEWER, ROLES


class Command(BaseCommand):
    help = "Make a token for the API. It is printed once, and only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what it is for; shown in timelines and in the audit")
        parser.add_argument("--role", choices=ROLES, default=INTERVIEWER)

    def handle(self, *args: Any, **options: Any) -> None:
        name, role = options["name"].strip(), options["role"]
        if not 0 < len(name) <= 100 or not name.isprintable():
            raise CommandError("name: 1 to 100 characters that can be seen, on one line.")
        try:
            _, text = api_tokens.create(name, role, by="manage.py")
        except api_tokens.TokenNameTakenError:
            raise CommandError(
                f"name: there is a token {name!r} already; use another name."
            ) from None
        audit.write("manage.py", "token_created", via="command", target=name, detail=role)
        self.stdout.write(text)
        self.stderr.write(f"A token for the role {role}. It is not shown again.")
