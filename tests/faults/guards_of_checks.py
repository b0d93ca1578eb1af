"""The guards of automated checks, and of the files that a killed worker leaves."""

from tests.faults.guard import Guard

GUARDS_OF_CHECKS = (
    Guard(
        "checks: only the worker that has the lease writes",
        "operations/checks/queue.py",
        "        pk=run.pk, state=run.state, attempts=run.attempts, lease_token=run.lease_token\n",
        "        pk=run.pk\n",
    ),
    Guard(
        "checks: a worker has the lease that it wrote",
        "operations/checks/queue.py",
        "            for name, value in lease.items():\n"
        "                setattr(run, name, value)\n",
        "            run.refresh_from_db()\n",
    ),
    Guard(
        "checks: a dead worker's run is due",
        "operations/checks/queue.py",
        " | Q(state=RunState.RUNNING, lease_until__lte=at)",
        "",
    ),
    Guard(
        "checks: a dead worker's place is free",
        "operations/checks/queue.py",
        "        _free_slots_of_the_dead()\n        taken",
        "        taken",
    ),
    Guard(
        "checks: what earlier attempts left is removed",
        "operations/checks/executor.py",
        "    remove_left_of(run, runner)\n    expected",
        "    expected",
    ),
    Guard(
        "checks: what a later attempt has stays",
        "operations/checks/models.py",
        " or int(attempt) < self.attempts",
        " or int(attempt) != self.attempts",
    ),
    Guard(
        "checks: an end queues them once",
        "operations/checks/actions.py",
        "        automatic_key=str(interview.history_s3_key),\n",
        "",
    ),
    Guard(
        "checks: webhooks are told with the end",
        "operations/checks/queue.py",
        "            messages.queue_checks_finished(interview, run)\n",
        "            pass\n",
    ),
    Guard(
        "files: a temporary folder in use stays",
        "operations/provisioners/temporary_folder.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
    ),
    Guard(
        "files: the reaper's are told of",
        "operations/reaper/end.py",
        "write(outbox=OUTBOX_PENDING, **archive",
        "write(**archive",
    ),
)
