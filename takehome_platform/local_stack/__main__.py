"""`python -m takehome_platform.local_stack`, which `make run` executes.

Exit codes: 0 when it was asked to stop, 2 when it cannot start; stderr then has one sentence that
says what to do.
"""

import os
import secrets
import sys
from pathlib import Path

import environ

from takehome_platform.local_stack import pidfile, services, stamp
from takehome_platform.local_stack.config import (
    ROOT,
    Config,
    StartupError,
    check_port_is_free,
    free_port,
    read_config,
)
from takehome_platform.local_stack.disk_space import require_room
from takehome_platform.local_stack.shutdown import ShutdownListener
from takehome_platform.local_stack.supervisor import Supervisor


def main() -> int:
    environ.Env.read_env(ROOT / ".env")
    shutdown = ShutdownListener()
    try:
        config = read_config(os.environ)
        require_room(config.data_dir)
        with pidfile.lock_data_dir(config.data_dir) as path:
            for name in pidfile.kill_leftover_processes(path):
                sys.stderr.write(f"ended {name}, left behind by a killed run\n")
            check_port_is_free(config.host, config.port)
            run(config, path, shutdown)
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def run(config: Config, pid_path: Path, shutdown: ShutdownListener) -> None:
    """Run the platform until it is asked to stop.

    Raises:
        StartupError: if a service cannot be started.
    """
    redis_port, dynamodb_port = free_port(), free_port()
    run_id = secrets.token_hex(16)
    environment = services.service_environment(config, redis_port, dynamodb_port, os.environ)
    supervisor = Supervisor(
        services.platform_services(
            config,
            redis_port,
            dynamodb_port,
            is_prepared=stamp.is_prepared(config.data_dir, environment),
        ),
        environment | pidfile.run_environment(run_id),
        config.logs,
        pidfile.PidFile(pid_path, run_id),
        keep_running=lambda: not shutdown.is_requested(),
    )
    try:
        if supervisor.start():
            sys.stdout.write(f"{config.base_url}  sign in as admin / {config.admin_password}\n")
            sys.stdout.flush()
            supervisor.watch()
    finally:
        shutdown.ignore_signals()
        supervisor.stop(lambda: stop_workspaces(config.data_dir))


def stop_workspaces(data_dir: Path) -> None:
    """Stop the processes of every workspace, and keep their folders."""
    # Imported here, as they bring Django and every engine, of which the supervisor needs nothing
    # while it runs.
    from operations.provisioners.local import provisioner
    from operations.provisioners.local.processes import StillRunningError

    try:
        provisioner.stop_all_workspaces(data_dir / "workspaces", grace_seconds=1.0)
        # The next start runs them again.
        provisioner.stop_all_workspaces(data_dir / "checks", grace_seconds=0)
    except StillRunningError as error:
        sys.stderr.write(f"these workspaces couldn't be stopped: {error}\n")


if __name__ == "__main__":
    sys.exit(main())
