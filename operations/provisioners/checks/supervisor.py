"""A script that runs one command below limits, and exits as the command does.

It stands between the command and the worker: a command that signals its parent or its process group
reaches this process at most. Options before `--` limit the command and its children: `--data=N`
bytes of writable memory for each process, `--file=N` bytes for each file, `--cpu=N` seconds of
processor time, `--processes=N` processes and threads of the user.
"""

import contextlib
import os
import resource
import signal
import sys

LIMITS = {
    "--data": resource.RLIMIT_DATA,
    "--file": resource.RLIMIT_FSIZE,
    "--cpu": resource.RLIMIT_CPU,
    "--processes": resource.RLIMIT_NPROC,
}
# prctl(2): orphans become children of this process, and so are found.
PR_SET_CHILD_SUBREAPER = 36
# Each round ends all children; their own children then are the next ones.
MAX_ROUNDS = 1_000


def main(arguments: list[str]) -> int:
    separator = arguments.index("--")
    options, command = arguments[:separator], arguments[separator + 1 :]
    adopt_orphans()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for option in options:
                apply_limit(option)
            os.execvp(command[0], command)  # noqa: S606
        except (OSError, ValueError) as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
            os._exit(127)
    while True:
        ended, status = os.wait()
        if ended == pid:
            end_orphans()
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def end_orphans() -> None:
    """Kill what the command left behind. The worker finds those that this system does not list."""
    children = f"/proc/self/task/{os.getpid()}/children"
    for _ in range(MAX_ROUNDS):
        try:
            with open(children) as file:  # noqa: PTH123 - pathlib costs a tenth of a second
                pids = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in pids:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def adopt_orphans() -> None:
    """Become the parent of orphans, where the system knows that."""
    if sys.platform != "linux":
        return
    import ctypes  # a command of another system should not need it

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def apply_limit(option: str) -> None:
    """Apply one option to this process, as far as its hard limit allows it.

    Raises:
        OSError: if the system refuses.
        ValueError: if the value is invalid.
    """
    name, _, value = option.partition("=")
    limit = int(value)
    _, hard_limit = resource.getrlimit(LIMITS[name])
    if hard_limit != resource.RLIM_INFINITY:
        limit = min(limit, hard_limit)
    resource.setrlimit(LIMITS[name], (limit, limit))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
