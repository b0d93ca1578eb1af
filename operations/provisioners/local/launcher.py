"""Run as a script: starts a program on its own, prints its process id, and is gone.

The program gets a session of its own and init as its parent, so it outlives the platform, leaves
no zombie in it, and its terminals understand Ctrl-C whatever the platform ignores. Options before
`--` hold it, and all that it starts: `--cpus=0,3` to these processors, `--data=N` to so many bytes
of memory that a process may write.
"""

import os
import resource
import signal
import sys


def main(arguments: list[str]) -> int:
    end = arguments.index("--")
    options, command = arguments[:end], arguments[end + 1 :]
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    # The program's start closes the writing end: what arrives before tells why it did not start.
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(2, 1)
        try:
            for option in options:
                hold(option)
            os.execvp(command[0], command)  # noqa: S606
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            os.write(writing, f"{command[0]}: {reason}\n".encode())
            os._exit(127)
    os.close(writing)
    if problem := os.read(reading, 4096):
        os.write(2, problem)
        return 1
    os.write(1, str(pid).encode())
    return 0


def hold(option: str) -> None:
    """Apply one option to this process. Raises OSError or ValueError."""
    name, _, value = option.partition("=")
    if name == "--cpus":
        os.sched_setaffinity(0, {int(number) for number in value.split(",")})
    elif name == "--data":
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = int(value) if most == resource.RLIM_INFINITY else min(int(value), most)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, wanted))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
