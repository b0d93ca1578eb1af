"""`python -m takehome_platform.docs.lifecycle`: draws docs/lifecycle.md from the state machine.

GitHub shows the drawing as a picture. A test compares the page with `TRANSITIONS`, and thereby
fails for a transition that nothing is said about here.
"""

import sys

from interviews.lifecycle import FINAL, TRANSITIONS, Status
from takehome_platform.local_stack.config import ROOT

PAGE = ROOT / "docs" / "lifecycle.md"

INTRODUCTION = """\
# The life cycle of an interview

<!-- Made from interviews/lifecycle.py by: make docs -->

Every take-home test and every live interview is always in one of these statuses, and only the
arrows lead from one to another: `TRANSITIONS` in `interviews/lifecycle.py` is the table that each
write of a status is checked against. The [README](../README.md#statuses) says what each means.
"""

CONCLUSION = """\
A workspace that stops answering changes no status: the clock pauses, and the workspace is started
again. `tests/faults/test_model.py` tries the table with any sequence of actions, timers and faults.
"""

# What leads from one status to the next.
CAUSES: dict[tuple[Status, Status], str] = {
    (Status.SCHEDULED, Status.ACTIVATED): "5 minutes before its time, or staff starts it",
    (Status.SCHEDULED, Status.CANCELLED): "revoked, or missed while the platform was down",
    (Status.AVAILABLE, Status.ACTIVATED): "the candidate or staff starts it",
    (Status.AVAILABLE, Status.EXPIRED): "its validity ends",
    (Status.AVAILABLE, Status.REVOKED): "revoked",
    (Status.ACTIVATED, Status.AVAILABLE): "the candidate leaves the line",
    (Status.ACTIVATED, Status.INITIALIZING): "a worker begins",
    (Status.ACTIVATED, Status.ERROR): "failed or cancelled",
    (Status.ACTIVATED, Status.DESTROYING): "ended or revoked",
    (Status.INITIALIZING, Status.CONFIGURING): "the workspace is provisioned",
    (Status.INITIALIZING, Status.ERROR): "failed or cancelled",
    (Status.INITIALIZING, Status.DESTROYING): "ended or revoked",
    (Status.CONFIGURING, Status.ACTIVE): "the workspace answers",
    (Status.CONFIGURING, Status.ERROR): "failed or cancelled",
    (Status.CONFIGURING, Status.DESTROYING): "ended or revoked",
    (Status.ACTIVE, Status.DESTROYING): "submitted, time up, ended, revoked or lost",
    (Status.ERROR, Status.ACTIVATED): "tried again",
    (Status.ERROR, Status.DESTROYING): "not tried again in time, ended or revoked",
    (Status.DESTROYING, Status.COMPLETED): "files saved, workspace destroyed",
    (Status.DESTROYING, Status.REVOKED): "the same, after it was revoked",
    (Status.EXPIRED, Status.AVAILABLE): "staff gives it a new deadline",
    (Status.COMPLETED, Status.ACTIVATED): "staff opens it again",
}

# What an interview begins as.
BEGINNINGS = {
    Status.AVAILABLE: "a take-home test",
    Status.SCHEDULED: "a live interview, dry run or practice workspace",
}


def render_diagram() -> str:
    """The state machine as a Mermaid diagram, in the order of the table.

    Raises:
        KeyError: if a transition has no cause.
    """
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f"    [*] --> {status}: {what}" for status, what in BEGINNINGS.items()]
    lines += [
        f"    {old} --> {new}: {CAUSES[old, new]}"
        for old in Status
        for new in Status
        if new in TRANSITIONS[old]
    ]
    lines += [f"    {status} --> [*]: deleted" for status in Status if status in FINAL]
    return "\n".join(lines)


def render_page() -> str:
    """Render the page as Markdown."""
    return f"{INTRODUCTION}\n```mermaid\n{render_diagram()}\n```\n\n{CONCLUSION}"


def main() -> int:
    PAGE.write_text(render_page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
