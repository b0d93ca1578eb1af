"""manage.py set_up_swarm: what PROVISIONER=swarm needs on the machines of the swarm."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.engine import connect
from operations.provisioners.swarm.agents import SOCKET
from operations.provisioners.swarm.options import read_options
from operations.provisioners.swarm.setup import SetUpError, set_up


class Command(BaseCommand):
    help = (
        "Set up the swarm of SWARM_HOST for workspaces: an encrypted network, certificates, and an"
        " agent on each machine. Safe to repeat; renews certificates that end within 60 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--socket",
            default=SOCKET,
            help=f"The Docker engine's socket on each machine. Default: {SOCKET}",
        )

        parser.add_argument(
            "--unencrypted",
            action="store_true",
            help="Don't encrypt the network below the agents' TLS: for kernels without IPsec,"
            " where nothing passes between machines otherwise.",
        )

    def handle(self, *args: Any, socket: str, unencrypted: bool, **options: Any) -> None:
        try:
            swarm = read_options(settings, autosave_wait_seconds=0)
            with connect(swarm.manager, "setup") as client:
                set_up(client, swarm, socket, self.stdout.write, is_encrypted=not unencrypted)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except SetUpError as error:
            raise CommandError(str(error)) from None
        except ProvisionError as error:
            raise CommandError(error.sentence) from None
