"""`python -m takehome_platform.local_stack`: what `make run` ends in.

Exit codes: 0 stopped as asked, 2 cannot start; then one sentence on stderr says what to do.
"""

import os
import secrets
import sys
from pathlib import Path

import environ

from operations.provisioners.local import provisioner
from operations.provisioners.local.processes import StillRunningError
from takehome_platform.local_stack import config, pidfile, services
from takehome_platform.local_stack.shutdown import StopAsked
from takehome_platform.local_stack.supervisor import Supervisor


def main() -> int:
    environ.Env.read_env(config.ROOT / ".env")
    stop_asked = StopAsked()
    try:
        chosen = config.read(os.environ)
        with pidfile.only_supervisor_of(chosen.data_dir) as path:
            for name in pidfile.end_leftovers(path):
                sys.stderr.write(f"ended {name}, which a killed run had left behind\n")
            config.check_port_is_free(chosen.host, chosen.port)
            run(chosen, path, stop_asked)
    except config.StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def run(chosen: config.Config, path: Path, stop_asked: StopAsked) -> None:
    """Until it is asked to stop; raises StartupError."""
    redis_port, dynamodb_port = config.free_port(), config.free_port()
    mark = secrets.token_hex(16)
    environment = services.environment(chosen, redis_port, dynamodb_port, os.environ)
    supervisor = Supervisor(
        services.platform_parts(chosen, redis_port, dynamodb_port),
        environment | {pidfile.MARK: mark},
        chosen.logs,
        pidfile.PidFile(path, mark),
        is_wanted=lambda: not stop_asked(),
    )
    try:
        if supervisor.start():
            sys.stdout.write(f"{chosen.base_url}  sign in as admin / {chosen.admin_password}\n")
            sys.stdout.flush()
            supervisor.watch()
    finally:
        stop_asked.is_final()
        supervisor.stop(between=lambda: stop_workspaces(chosen.data_dir))


def stop_workspaces(data_dir: Path) -> None:
    """Ends their processes and keeps their folders."""
    try:
        provisioner.stop_all_workspaces(data_dir / "workspaces", grace_seconds=1.0)
    except StillRunningError as error:
        sys.stderr.write(f"these workspaces could not be ended: {error}\n")


if __name__ == "__main__":
    sys.exit(main())
