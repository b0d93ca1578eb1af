"""Run as a script: starts a program on its own, prints its process id, and is gone.

The program gets a session of its own and init as its parent, so it outlives the platform, leaves
no zombie in it, and its terminals understand Ctrl-C whatever the platform ignores.
"""

import os
import signal
import sys


def main(command: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    # The program's start closes the writing end: what arrives before tells why it did not start.
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(2, 1)
        try:
            os.execvp(command[0], command)  # noqa: S606
        except OSError as error:
            os.write(writing, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
    os.close(writing)
    if problem := os.read(reading, 4096):
        os.write(2, problem)
        return 1
    os.write(1, str(pid).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
