"""`make run` with the engine of `timed_engine`: `python -m timed_stack` in a checkout's root."""

import sys

from takehome_platform.local_stack import __main__ as local_stack
from takehome_platform.local_stack import services

environment_of = services.service_environment


def with_engine(*arguments: object) -> dict[str, str]:
    environment: dict[str, str] = environment_of(*arguments)  # type: ignore[arg-type]
    return environment | {"DJANGO_SETTINGS_MODULE": "timed_settings"}


services.service_environment = with_engine  # type: ignore[assignment]
sys.exit(local_stack.main())
