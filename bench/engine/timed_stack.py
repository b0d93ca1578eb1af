"""`make run` with the engine of `timed_engine`: `python -m timed_stack` in a checkout's root.

With METER_URL its processes find their tables there, and the meter (`bench/scale/meter.py`) finds
these where the file `tables` in DATA_DIR says.
"""

import os
import sys
from pathlib import Path

from takehome_platform.local_stack import __main__ as local_stack
from takehome_platform.local_stack import services

environment_of = services.service_environment


def with_engine(*arguments: object) -> dict[str, str]:
    environment: dict[str, str] = environment_of(*arguments)  # type: ignore[arg-type]
    if meter := os.environ.get("METER_URL"):
        tables = environment["DYNAMODB_ENDPOINT_URL"]
        (Path(environment["DATA_DIR"]) / "tables").write_text(tables.removeprefix("http://"))
        environment["DYNAMODB_ENDPOINT_URL"] = meter
    return environment | {"DJANGO_SETTINGS_MODULE": "timed_settings"}


services.service_environment = with_engine  # type: ignore[assignment]
sys.exit(local_stack.main())
