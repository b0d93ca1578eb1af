"""The steps of the model: what people, workers, time and chance do to interviews."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from interviews.dynamodb import now
from interviews.lifecycle import FINAL, EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from operations import actions, health_watch, models, reconciler, retention
from operations.exceptions import InvalidInputError, WrongStateError
from operations.reaper import scan
from operations.reaper.actions import end_orphan_now, keep_orphan
from operations.reaper.models import Orphan, open_orphans
from operations.webhooks.periodic import relay_and_dispatch
from tests.faults.lifecycle import rules
from tests.faults.lifecycle.faults import Fault
from tests.faults.lifecycle.witness import Witness

REFUSALS = (WrongStateError, StaleWriteError, InvalidInputError)


class World(Witness):
    """One step after the other; each step takes the number of an interview or message."""

    def do(self, name: str, who: int) -> None:
        """Do a step without a fault of its own."""
        getattr(self, name)(who)

    # -- people ------------------------------------------------------------------------------------

    def create(self, create: Callable[[], Interview], fault: Fault | None = None) -> None:
        with self.platform.process("invite", fault):
            create()

    def invite(self, *, minutes: int = 60, allowance: int = 0, fault: Fault | None = None) -> None:
        invitation = TakeHomeInvitation(
            candidate_name="Ada",
            challenge="word-count",
            duration_minutes=minutes,
            allowance_percent=allowance,
            valid_days=7,
        )
        self.create(lambda: actions.invite(invitation, by="recruiter"), fault)

    def schedule(
        self, *, after: int | None, save_files: bool = True, fault: Fault | None = None
    ) -> None:
        invitation = LiveInvitation(
            candidate_name="Rita",
            challenge="word-count",
            duration_minutes=45,
            scheduled_at=None if after is None else now() + timedelta(minutes=after),
            save_files=save_files,
        )
        self.create(lambda: actions.schedule_live(invitation, by="recruiter"), fault)

    def act(
        self, name: str, who: int, act: Callable[[Interview], Any], fault: Fault | None = None
    ) -> None:
        """Act on a row that may have been read a while ago."""
        reader = self.read_a_while_ago(who)
        if reader is None:
            return
        given, given_sitting = copy_of(reader), reader.reopened
        before, written = self.row(reader.id), self._written
        is_alone = self.platform.is_idle and fault is None
        with self.platform.process(f"{name} {reader.id}, read as {reader.status}", fault):
            try:
                act(given)
            except REFUSALS as error:
                self.platform.story.append(f"  {type(error).__name__}: {error}")
                if is_alone and self._written != written and name != "activate":
                    self.broken.append(f"{name} was refused, and wrote")
        after = self.row(reader.id)
        if is_alone and before is not None and after is not None and self._written != written:
            is_of_another = name in rules.OF_ONE_SITTING and given_sitting != before.reopened
            if is_of_another or not rules.CHANGES[name](before, after):
                self.broken.append(f"{name} made {after.status} of {before.status}")

    def activate(self, who: int, fault: Fault | None = None, by: str = "candidate") -> None:
        self.act("activate", who, lambda row: actions.activate(row, by=by), fault)

    def submit(self, who: int, fault: Fault | None = None) -> None:
        self.act("submit", who, lambda row: actions.submit(row, by="candidate"), fault)

    def end(self, who: int, fault: Fault | None = None) -> None:
        reason = EndReason.ENDED_BY_STAFF
        self.act("end", who, lambda row: actions.end(row, by="staff", reason=reason), fault)

    def end_unsaved(self, who: int, fault: Fault | None = None) -> None:
        reason = EndReason.ENDED_BY_STAFF
        self.act(
            "end_unsaved",
            who,
            lambda row: actions.end(row, by="staff", reason=reason, save=False),
            fault,
        )

    def revoke(self, who: int, fault: Fault | None = None) -> None:
        self.act("revoke", who, lambda row: actions.revoke(row, by="staff"), fault)

    def retry(self, who: int, fault: Fault | None = None, by: str = "candidate") -> None:
        self.act("retry", who, lambda row: actions.retry(row, by=by), fault)

    def extend(self, who: int, minutes: int = 15, fault: Fault | None = None) -> None:
        self.act("extend", who, lambda row: actions.extend(row, minutes, by="staff"), fault)

    def shorten(self, who: int) -> None:
        self.extend(who, -15)

    def reopen(self, who: int, fault: Fault | None = None) -> None:
        self.act("reopen", who, lambda row: actions.reopen(row, 20, by="staff"), fault)

    def cancel(self, who: int, fault: Fault | None = None) -> None:
        def cancel(row: Interview) -> None:
            operation = models.get_operation(row.operation_id or "")
            if operation is not None:
                actions.cancel(operation, by="staff")

        self.act("cancel", who, cancel, fault)

    def delete(self, who: int, fault: Fault | None = None) -> None:
        """Staff deletes an ended interview with all that belongs to it."""
        row = self.chosen(who)
        if row is None or row.state not in FINAL:
            return
        with self.platform.process(f"delete {row.id}", fault):
            try:
                retention.delete_interview(copy_of(row), by="staff")
            except REFUSALS:
                return

    def keep_orphan(self, who: int) -> None:
        self._with_orphan(who, lambda orphan: keep_orphan(orphan, by="staff"))

    def end_orphan(self, who: int) -> None:
        self._with_orphan(who, lambda orphan: end_orphan_now(orphan, by="staff"))

    def _with_orphan(self, who: int, act: Callable[[Orphan], None]) -> None:
        orphans = list(open_orphans())
        if orphans:
            with self.platform.process("an administrator, at an orphan"):
                try:
                    act(orphans[who % len(orphans)])
                except WrongStateError:
                    return

    def work(self, who: int) -> None:
        """The candidate writes a file, with the password of the page."""
        row = self.chosen(who)
        if row is None or row.state is not Status.ACTIVE:
            return
        name = row.workspace_name
        if name in self.engine.running and self.engine.passwords[name] != row.password:
            self.broken.append("the page shows a password that does not work")
        self.engine.write(name, f"{len(self.engine.disks.get(name, ()))}.txt", str(now()).encode())

    # -- workers -----------------------------------------------------------------------------------

    def deliver(self, which: int, fault: Fault | None = None, again: bool = False) -> None:
        """Deliver one message, of any place in the queue; `again`: it will come once more."""
        queue = self.platform.queue
        if queue:
            place = which % len(queue)
            message = queue[place] if again else queue.pop(place)
            self.platform.deliver(message, fault)

    def lose(self, which: int) -> None:
        if queue := self.platform.queue:
            self.platform.story.append(f"lost: {queue.pop(which % len(queue))}")

    def tick(self, _: int = 0, fault: Fault | None = None) -> None:
        with self.platform.process("tick", fault):
            reconciler.run_due()

    def watch(self, _: int = 0, fault: Fault | None = None) -> None:
        with self.platform.process("watch", fault):
            health_watch.check_all()

    def scan(self, _: int = 0, fault: Fault | None = None) -> None:
        with self.platform.process("scan", fault):
            scan.scan_engines()

    def relay(self, _: int = 0, fault: Fault | None = None) -> None:
        with self.platform.process("relay", fault):
            relay_and_dispatch()

    def clean_up(self, _: int = 0, fault: Fault | None = None) -> None:
        with self.platform.process("clean up", fault):
            retention.keep_longer()
            retention.delete_expired()
            retention.delete_archive_copies()

    def deliver_all(self, _: int = 0) -> None:
        self.platform.deliver_all()

    # -- time and chance ---------------------------------------------------------------------------

    def pass_time(self, seconds: int) -> None:
        self.platform.pass_time(seconds)

    def pass_time_until_due(self, who: int, late: int = 0) -> None:
        """The next of all due times comes, and is missed or not by some seconds."""
        times = self.due_times()
        if times:
            at = sorted(times)[who % min(3, len(times))] + timedelta(seconds=late)
            self.platform.pass_time_until(at)

    def crash(self, who: int) -> None:
        if (row := self.chosen(who)) is not None:
            self.platform.is_harmed = True
            self.engine.crash(row.workspace_name)

    def silence(self, who: int) -> None:
        if (row := self.chosen(who)) is not None:
            self.platform.is_harmed = True
            self.engine.silent.add(row.workspace_name)

    def fail_engine(self, call: str, kinds: list[str]) -> None:
        self.platform.is_harmed = True
        self.engine.failures[call] += kinds


def copy_of(row: Interview) -> Interview:
    """For an action, which changes what it is given."""
    copy = Interview()
    copy.attribute_values = dict(row.attribute_values)
    return copy
