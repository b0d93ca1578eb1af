"""manage.py candidate_data: export or delete what is stored about one candidate."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from interviews import queries
from operations import audit
from operations.audit import Channel, Origin
from operations.candidate_data import deletion, export, selection
from operations.candidate_data.selection import Candidate

ACTOR = "manage.py"


class Command(BaseCommand):
    help = (
        "Show, export or delete everything that is stored about a candidate. Name the candidate by"
        " email address, or by the ID of an interview; if that has an address, it is used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("show", "export", "delete"))
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--email", help="the candidate's email address, in upper or lower case")
        who.add_argument("--interview", metavar="ID", help="one of the candidate's interviews")
        parser.add_argument(
            "--output",
            type=Path,
            default=Path(export.FILE_NAME),
            help="export: the file to write, which must not exist yet (default: %(default)s)",
        )
        parser.add_argument(
            "--end-running",
            action="store_true",
            help="delete: stop tests in progress without saving their files",
        )
        parser.add_argument(
            "--no-input", action="store_true", help="delete: don't ask for confirmation"
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        candidate = _find(options["email"], options["interview"])
        inventory = candidate.inventory()
        if not inventory:
            self.stdout.write("Nothing is stored about this candidate.")
            return
        self.stdout.write(f"Stored: {inventory.in_english()}.")
        with audit.acting_as(Origin(ACTOR, Channel.COMMAND)):
            if action == "export":
                self._export(candidate, options["output"])
            elif action == "delete" and (options["no_input"] or self._is_confirmed(candidate)):
                self._delete(candidate, options["end_running"])

    def _export(self, candidate: Candidate, path: Path) -> None:
        try:
            with path.open("xb") as file:
                for chunk in export.export_candidate(candidate):
                    file.write(chunk)
        except FileExistsError:
            raise CommandError(f"{path} already exists. Name another file with --output.") from None
        except OSError as error:
            path.unlink(missing_ok=True)
            raise CommandError(f"{path} was not written: {error}") from None
        self.stdout.write(f"Exported to {path}.")

    def _is_confirmed(self, candidate: Candidate) -> bool:
        if candidate.not_started:
            self.stdout.write("Invitations that were not started are withdrawn first.")
        answer = input("Delete all of it permanently? Type yes: ")
        if answer.strip().lower() != "yes":
            self.stdout.write("Nothing was deleted.")
            return False
        return True

    def _delete(self, candidate: Candidate, end_running: bool) -> None:
        result = deletion.delete_candidate(candidate, by=ACTOR, end_running=end_running)
        with override("en"):
            sentences = result.sentences()
        for sentence in sentences:
            self.stdout.write(sentence)
        if not result.is_complete:
            raise CommandError("Not everything was deleted.")


def _find(email: str | None, interview_id: str | None) -> Candidate:
    if email is not None:
        return selection.find_by_email(email)
    interview = queries.get_interview(interview_id or "")
    if interview is None:
        raise CommandError("Interview not found.")
    return selection.find_by_interview(interview)
