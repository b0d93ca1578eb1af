"""manage.py reset_second_factor: for who lost the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from dashboard.second_factor import actions
from operations import audit
from operations.audit import Channel, Origin

ACTOR = "manage.py"


class Command(BaseCommand):
    help = "Turn off somebody's two-step sign-in and sign them out. They get an email about it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="as on the page People")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"username: there is no user {username!r}.")
        with audit.acting_as(Origin(ACTOR, Channel.COMMAND)):
            if not actions.reset_by(ACTOR, person):
                raise CommandError(f"username: {username!r} doesn't use two-step sign-in.")
        self.stdout.write(f"{username} now signs in with the password alone.")
