"""The world of real processes: `make run` with the local engine, whose workspaces are processes."""

import email
import json
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.contrib.auth.models import Group, User

from dashboard.permissions.roles import ADMINISTRATOR
from interviews.challenges import library, versions
from interviews.dynamodb import now
from interviews.models import Interview
from operations import models
from operations.checks import preparation
from operations.provisioners import get_provisioner
from operations.provisioners.base import WorkspaceSpec
from operations.provisioners.checks import get_check_runner
from operations.provisioners.local import processes
from operations.provisioners.local.workdirs import read_state
from operations.webhooks.models import Webhook
from operations.worker import runner
from tests.faults.kills.world import CHALLENGE, STAFF, WORK, Case, World, make_webhook, row

# The environment variable with the receiver's address, and the file in which it writes what it got.
RECEIVER = "FAULTS_RECEIVER"
RECEIVED = "FAULTS_RECEIVED"


class Processes(World):
    """Other processes are there, unless the driver has stopped them to act before they do."""

    def __init__(self) -> None:
        self.root = settings.DATA_DIR / "workspaces"
        user, is_new = User.objects.get_or_create(username=STAFF, is_staff=True)
        if is_new:
            user.groups.add(Group.objects.get(name=ADMINISTRATOR))
        self.open_browsers(user)
        if library.get_challenge(CHALLENGE) is None:
            versions.put_challenge(
                CHALLENGE,
                name="Word count",
                description="Count the words of a text.",
                language="Python",
                duration_minutes=60,
                files={"README.md": b"# Word count\n", "count.py": b"print(1)\n"},
            )

    def write_work(self, interview: Interview, work: tuple[str, bytes] = WORK) -> None:
        name, content = work
        (self.root / interview.workspace_name / "files" / name).write_bytes(content)

    def stop_workspace(self, interview: Interview) -> None:
        os.kill(read_state(self.root / interview.workspace_name)["pid"], signal.SIGKILL)

    def lose_workspace(self, interview: Interview) -> None:
        self.stop_workspace(interview)
        shutil.rmtree(self.root / interview.workspace_name)

    def answer_late(self, interview: Interview) -> None:
        """No editor answers at the first look, right after it was started."""

    def leave_workspace(self, name: str) -> None:
        spec = WorkspaceSpec(name, "a password", dict([WORK]), ends_at=now())
        get_provisioner("local").provision(spec, lambda line: None)

    def workspaces(self) -> set[str]:
        return {each.id for each in get_provisioner("local").list_owned()}

    def left_of_checks(self) -> set[str]:
        root = settings.DATA_DIR / "checks"
        names = {*get_check_runner("local").list_left()}
        names |= {each.name for each in preparation.prepared_folders()}
        for process in processes.workspace_processes(root):
            with suppress(psutil.Error):
                names.add(Path(process.environ().get(processes.MARKER, "")).name)
        return names

    def settle(self, case: Case) -> None:
        """Do the interview's own work: while a scenario is prepared no worker runs."""
        for _ in range(200):
            operation = models.get_operation(row(case["id"]).operation_id or "")
            if operation is None or not operation.is_unfinished:
                return
            runner.run_operation(operation.id)
            time.sleep(0.05)
        raise AssertionError(f"{case} was not prepared")

    def new_webhook(self) -> Webhook:
        return make_webhook(f"{os.environ[RECEIVER]}/{self.new_key()}")

    def received(self, webhook_id: int) -> list[str]:
        path = urlsplit(Webhook.objects.get(pk=webhook_id).url).path
        lines = Path(os.environ[RECEIVED]).read_text().splitlines()
        return [each["id"] for each in map(json.loads, lines) if each["path"] == path]

    def sent_to(self, address: str) -> list[str]:
        found = []
        for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
            with suppress(FileNotFoundError):
                message = email.message_from_bytes(path.read_bytes())
                if address in str(message["To"]):
                    found.append(str(message["Message-ID"]))
        return found
