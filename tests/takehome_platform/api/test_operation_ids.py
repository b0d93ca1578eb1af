"""The operation ids of the OpenAPI document, from which clients are generated."""

import json
from pathlib import Path

from takehome_platform.api.app import api

KNOWN = Path(__file__).with_name("operation_ids.json")


def test_operation_ids_stay_when_modules_move() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    found = {
        f"{method} {path}": operation["operationId"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    assert found == json.loads(KNOWN.read_text())
