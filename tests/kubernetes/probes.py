"""The probes of a kubelet."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any


def is_answered(containers: Sequence[Any], kind: str, ports: Mapping[str, int]) -> bool:
    """Whether the probes of that kind, of all containers that have one, are answered well.

    `ports` are where the ports of the Pod are on this machine.
    """
    targets = [each[kind]["httpGet"] for each in containers if kind in each]
    return all(_answers(ports[str(each["port"])], each["path"]) for each in targets)


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
