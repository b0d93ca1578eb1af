"""A script that starts a detached program (double fork), prints its process id and exits.

The program gets its own session and init as its parent. So it outlives the platform, leaves no
zombie, and its terminals react to Ctrl-C even if the platform ignores SIGINT. Options before `--`
limit the program and its children: `--cpus=0,3` to these processors, `--data=N` to N bytes of
writable memory for each process.
"""

import os
import resource
import signal
import sys


def main(arguments: list[str]) -> int:
    separator = arguments.index("--")
    options, command = arguments[:separator], arguments[separator + 1 :]
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    # exec closes the write end. Anything that arrives before is the reason why it failed.
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(2, 1)
        try:
            for option in options:
                apply_option(option)
            os.execvp(command[0], command)  # noqa: S606
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            os.write(write_end, f"{command[0]}: {reason}\n".encode())
            os._exit(127)
    os.close(write_end)
    if problem := os.read(read_end, 4096):
        os.write(2, problem)
        return 1
    os.write(1, str(pid).encode())
    return 0


def apply_option(option: str) -> None:
    """Apply one option to this process.

    Raises:
        OSError: if the system refuses.
        ValueError: if the value is invalid.
    """
    name, _, value = option.partition("=")
    if name == "--cpus":
        os.sched_setaffinity(0, {int(number) for number in value.split(",")})
    elif name == "--data":
        _, hard_limit = resource.getrlimit(resource.RLIMIT_DATA)
        limit = int(value)
        if hard_limit != resource.RLIM_INFINITY:
            limit = min(limit, hard_limit)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
