"""`manage.py migrate_takehomes`: migrate the data of earlier versions."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from pynamodb.exceptions import PynamoDBException

from interviews import legacy
from interviews.legacy import migration, report, verification
from interviews.legacy.capacity_limiter import READ, WRITE, CapacityLimiter
from interviews.legacy.models import Takehome
from interviews.legacy.progress import ProgressBar
from interviews.legacy.report import Checkpoint
from interviews.models import Interview

# Capacity units per second; a table without traffic sustains at least as much.
DEFAULT_RATE = 500.0
# Rows migrated at the same time: DynamoDB has a high latency, but serves many at once.
WORKERS = 8
# How many unreadable rows and differences are printed; --json reports all of them.
MAX_LINES = 100


BOTH = (Takehome, Interview)


class Command(BaseCommand):
    help = (
        "Copy the take-home tests of the old table, and complete old rows of `interviews`. Deletes "
        "nothing. It can be stopped, repeated, and run while candidates are working."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--dry-run", action="store_true", help="Only show what would be done.")
        mode.add_argument(
            "--verify", action="store_true", help="Only compare the tables field by field."
        )
        mode.add_argument(
            "--delete-migrated",
            action="store_true",
            help="Permanently delete the old rows that are the same in both tables.",
        )
        parser.add_argument("--yes", action="store_true", help="Don't ask for confirmation.")
        parser.add_argument(
            "--open-interviews",
            action="store_true",
            help="Also live interviews that haven't ended. Only once the old portal is off.",
        )
        parser.add_argument(
            "--rate",
            type=float,
            default=DEFAULT_RATE,
            help="Capacity units per second, to read and to write; 0: no limit (%(default)s).",
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument(
            "--state",
            type=Path,
            default=settings.DATA_DIR / "migrate_takehomes.json",
            help="The file that keeps the progress (%(default)s).",
        )
        parser.add_argument(
            "--restart", action="store_true", help="Start over instead of continuing."
        )

    def handle(self, **options: Any) -> None:
        if not legacy.is_enabled():
            raise CommandError("LEGACY_TAKEHOME_TABLE is empty, so there's no old table to read.")
        if not 0 <= options["rate"] < 1_000_000:
            raise CommandError("--rate must be a number of units per second, or 0.")
        limiter = CapacityLimiter(options["rate"])
        try:
            if options["delete_migrated"]:
                self._delete(limiter, options)
            elif options["verify"]:
                self._verify(limiter, options)
            else:
                self._migrate(limiter, options)
        except (PynamoDBException, ClientError, BotoCoreError) as error:
            raise CommandError(f"DynamoDB: {error}. Run this again to continue.") from None
        except OSError as error:
            raise CommandError(f"{error}. Run this again to continue.") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run this again to continue.", returncode=130) from None

    def _migrate(self, limiter: CapacityLimiter, options: dict[str, Any]) -> None:
        """Migrate, and fail if a row could not be migrated."""
        path, dry_run = options["state"], options["dry_run"]
        tables = [str(m.Meta.host or m.Meta.region) + "/" + m.Meta.table_name for m in BOTH]
        checkpoint = Checkpoint(tables)
        if not dry_run:
            checkpoint = self._load_checkpoint(path, tables, options["restart"])
        with self._bar(BOTH, checkpoint.report.rows_read) as show_progress:

            def save(checkpoint: Checkpoint) -> None:
                if not dry_run:
                    checkpoint.save(path)
                show_progress(checkpoint.report.rows_read)

            migration.migrate(
                checkpoint,
                limiter,
                save=save,
                dry_run=dry_run,
                open_interviews=options["open_interviews"],
                workers=WORKERS,
            )
        # The next run starts over, since the old portal may have written more rows.
        if not dry_run:
            path.unlink(missing_ok=True)
        self._report(checkpoint.report, limiter, options)
        left = len(checkpoint.report.unreadable)
        if left:
            raise CommandError(
                "1 row can't be read and was left alone."
                if left == 1
                else f"{left:,} rows can't be read and were left alone."
            )

    def _load_checkpoint(self, path: Path, tables: list[str], restart: bool) -> Checkpoint:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if restart:
                path.unlink(missing_ok=True)
            checkpoint = report.load_checkpoint(path, tables)
            checkpoint.save(path)
        except report.OtherMigrationError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                f"{path} can't be written ({error.strerror}). Name another with --state."
            ) from None
        if checkpoint.after is not None:
            self.stderr.write(f"Continuing after {checkpoint.report.rows_read:,} rows.")
        return checkpoint

    def _report(
        self, report: report.Report, limiter: CapacityLimiter, options: dict[str, Any]
    ) -> None:
        if options["json"]:
            self._print_json({"dryRun": options["dry_run"], **report.as_json()}, limiter)
            return
        would = "would be " if options["dry_run"] else ""
        labels = {
            "copied": f"{would}copied",
            "joined": f"{would}joined with their running or ended interview",
            "there": "were copied already",
            "later": "are being started by the old portal now; run this again in five minutes",
            "gone": "disappeared meanwhile",
            "unreadable": "can't be read",
            "adopted": f"{would}finished",
            "open": "haven't ended, and stay with the old portal (see --open-interviews)",
        }
        self._print_counts(
            f"Take-home tests of {BOTH[0].Meta.table_name}", report.takehomes, labels
        )
        self._print_counts("  of those, by status", report.statuses, {})
        interview_labels = {
            **labels,
            "there": "already belong to this platform",
            "joined": "belong to the take-home tests above",
        }
        self._print_counts(
            f"Rows of {BOTH[1].Meta.table_name}", report.interviews, interview_labels
        )
        self._print_counts("Attributes that are only copied", report.carried, {})
        self._print_lines(
            "Can't be read", [f"{f.table} {f.key}: {f.reason}" for f in report.unreadable]
        )
        self._print_capacity(limiter)

    def _verify(self, limiter: CapacityLimiter, options: dict[str, Any]) -> None:
        """Compare the tables, and fail if they differ."""
        found = self._compare(limiter, options, delete=False)
        if found.differences:
            raise CommandError(f"{found.rows - found.same:,} of {found.rows:,} rows differ.")

    def _delete(self, limiter: CapacityLimiter, options: dict[str, Any]) -> None:
        """Delete migrated rows after confirmation, and fail if rows are left."""
        name = Takehome.Meta.table_name
        if not settings.UNIFIED_TAKEHOMES:
            raise CommandError(
                "UNIFIED_TAKEHOMES is off, so the old table is in use. Turn it on first."
            )
        if not options["yes"]:
            if not sys.stdin.isatty():
                raise CommandError("There is no terminal to confirm in. Add --yes to delete.")
            found = self._compare(limiter, options, delete=False)
            self.stderr.write(
                f"{found.same:,} of {found.rows:,} rows of {name} will be deleted permanently. "
                "The old portal will no longer find them."
            )
            if input(f"Type the name of the table to continue ({name}): ") != name:
                raise CommandError("Nothing was deleted.")
        found = self._compare(limiter, options, delete=True)
        if stay := found.rows - found.deleted:
            raise CommandError(
                "1 row stays, as it differs between the tables."
                if stay == 1
                else f"{stay:,} rows stay, as they differ between the tables."
            )

    def _compare(
        self, limiter: CapacityLimiter, options: dict[str, Any], *, delete: bool
    ) -> verification.VerificationResult:
        with self._bar(BOTH[:1], 0) as show_progress:
            found = verification.verify(
                limiter, lambda so_far: show_progress(so_far.rows), delete=delete, workers=WORKERS
            )
        if options["json"]:
            self._print_json(asdict(found), limiter)
            return found
        self.stdout.write(f"{found.rows:,} rows of {BOTH[0].Meta.table_name}")
        self.stdout.write(f"  {found.same:,} are the same in both tables")
        if delete:
            self.stdout.write(f"  {found.deleted:,} were deleted")
        self._print_lines("Different", [str(difference) for difference in found.differences])
        self._print_capacity(limiter)
        return found

    def _bar(self, models: tuple[Any, ...], done: int) -> ProgressBar:
        """Return a progress bar; DynamoDB updates its row counts only every six hours."""
        estimate = 0
        for model in models:
            client = model._get_connection().connection.client
            described = client.describe_table(TableName=model.Meta.table_name)["Table"]
            estimate += int(described.get("ItemCount", 0))
        return ProgressBar(estimate, done, self.stderr)

    def _print_counts(self, title: str, counts: Counter[str], labels: dict[str, str]) -> None:
        if counts:
            self.stdout.write(f"{title}:")
        for name, count in counts.most_common():
            self.stdout.write(f"  {count:>9,}  {labels.get(name, name)}")

    def _print_lines(self, title: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write(f"{title}:")
        for line in lines[:MAX_LINES]:
            self.stdout.write(f"  {line}")
        if len(lines) > MAX_LINES:
            more = len(lines) - MAX_LINES
            self.stdout.write(f"  and {more:,} more (--json lists all of them)")

    def _print_capacity(self, limiter: CapacityLimiter) -> None:
        used = limiter.used
        self.stdout.write(f"Capacity used: {used[READ]:,.0f} reads, {used[WRITE]:,.0f} writes")

    def _print_json(self, found: dict[str, Any], limiter: CapacityLimiter) -> None:
        self.stdout.write(json.dumps({**found, "capacity": limiter.used}, ensure_ascii=False))
