"""What submissions do to their checks, each in a harmless form; both engines run all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from operations.provisioners.checks.base import CheckJob, CheckOutcome, CheckRunner, StopReason

REPORT = '<testsuite name="s"><testcase name="a"/></testsuite>'
WRITE_REPORT = f"echo '{REPORT}' >\"$CHECK_REPORT\""
OUTPUT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Attack:
    """A command, with files of a submission, and what must come of it."""

    name: str
    command: str
    is_fine: Callable[[CheckOutcome], bool]
    files: Mapping[str, str] = field(default_factory=dict)
    report: str = ""
    seconds: float = 30


def _has_no_report(outcome: CheckOutcome) -> bool:
    return not outcome.reports and not outcome.report_is_too_large


FORKS = """
import os, sys, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(600)
print("left five")
"""
KILLS_ITS_PARENT = """
import os, signal, time
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(600)
"""

ATTACKS = [
    Attack("none", WRITE_REPORT, lambda outcome: outcome.exit_code == 0 and bool(outcome.reports)),
    Attack("fails", "echo no; exit 3", lambda o: o.exit_code == 3 and o.output == b"no\n"),
    Attack("no-such-command", "no-such-command", lambda o: o.exit_code == 127),
    Attack(
        "kills-its-group",
        "kill -KILL 0",
        lambda o: o.exit_code == 137 and o.stopped is None and _has_no_report(o),
    ),
    Attack(
        "kills-its-parent",
        "python3 kill.py",
        lambda o: _has_no_report(o) and o.exit_code != 0,
        files={"kill.py": KILLS_ITS_PARENT},
        seconds=5,
    ),
    Attack(
        "kills-the-supervisor",
        "exec python3 kill.py",
        lambda o: _has_no_report(o) and o.exit_code in (137, None),
        files={"kill.py": KILLS_ITS_PARENT},
        seconds=5,
    ),
    Attack(
        "leaves-children",
        f"python3 forks.py && {WRITE_REPORT}",
        lambda o: o.exit_code == 0 and bool(o.reports) and b"left five" in o.output,
        files={"forks.py": FORKS},
    ),
    Attack(
        "prints-too-much",
        "while :; do echo 0123456789012345678901234567890123456789; done",
        lambda o: o.stopped is StopReason.OUTPUT and len(o.output) == OUTPUT_BYTES,
    ),
    Attack(
        "prints-a-lot-and-ends",
        "head -c 3000000 /dev/zero",
        lambda o: o.stopped is StopReason.OUTPUT and len(o.output) == OUTPUT_BYTES,
    ),
    Attack(
        "waits-for-input",
        "read line; echo $?",
        lambda o: o.exit_code == 0 and o.output == b"1\n",
    ),
    Attack(
        "never-ends",
        "echo began; sleep 600",
        lambda o: o.stopped is StopReason.TIME and o.output == b"began\n" and o.exit_code is None,
        seconds=1,
    ),
    Attack(
        "never-ends-in-silence",
        "exec >&- 2>&-; sleep 600",
        lambda o: o.stopped is StopReason.TIME,
        seconds=1,
    ),
    Attack("has-no-report", "true", lambda o: o.exit_code == 0 and _has_no_report(o)),
    Attack(
        "reports-a-link",
        'ln -s /etc/passwd "$CHECK_REPORT"',
        _has_no_report,
    ),
    Attack(
        "reports-a-link-outside",
        f'echo \'{REPORT}\' >"$HOME/a.xml"; ln -s "$HOME" out',
        _has_no_report,
        report="out",
    ),
    Attack(
        "reports-a-pipe",
        'mkfifo "$CHECK_REPORT"',
        _has_no_report,
    ),
    Attack(
        "reports-too-much",
        'head -c 6000000 /dev/zero >"$CHECK_REPORT"',
        lambda o: o.report_is_too_large and not o.reports,
    ),
    Attack(
        "reports-a-folder",
        f"mkdir -p reports/deep; for n in 1 2; do echo '{REPORT}' >reports/$n.xml; done;"
        "echo no >reports/no.txt; echo no >reports/deep/3.xml; ln -s /etc/passwd reports/4.xml",
        lambda o: len(o.reports) == 2,
        report="reports",
    ),
    Attack(
        "sees-nothing-of-the-platform",
        "env",
        lambda o: b"SECRET_KEY" not in o.output and b"DATA_DIR" not in o.output,
    ),
]


def run(
    runner: CheckRunner,
    folder: Path,
    command: str,
    files: Mapping[str, str] = {},
    *,
    name: str = "run-1",
    report: str = "",
    seconds: float = 30,
    memory_mb: int = 256,
    should_stop: Callable[[], bool] = lambda: False,
) -> CheckOutcome:
    folder.mkdir(exist_ok=True)
    for path, text in files.items():
        (folder / path).write_text(text)
    job = CheckJob(name, folder, command, report, seconds, memory_mb, OUTPUT_BYTES)
    return runner.run(job, should_stop)


def attack(runner: CheckRunner, folder: Path, attack: Attack) -> CheckOutcome:
    return run(
        runner,
        folder,
        attack.command,
        attack.files,
        report=attack.report,
        seconds=attack.seconds,
    )
