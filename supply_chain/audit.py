"""`python -m supply_chain.audit`: ask PyPI and npm for known vulnerabilities of what is pinned.

Ends with 1 if there is one, and with 2 if a service could not be asked about everything: then a
sentence says what was not checked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = (sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "constraints.txt"))
PIP_OPTIONS = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
NPM_OPTIONS = ("audit", "--package-lock-only", "--json")
# A service that does not answer must not hold the build.
TIMEOUT_SECONDS = 300
MAX_NAMED = 5


@dataclass
class Result:
    """The answer of one service: how much was checked, what was found, and what was not checked."""

    source: str
    checked: int = 0
    vulnerabilities: list[str] = field(default_factory=list)
    not_checked: str = ""

    def lines(self) -> list[str]:
        lines = [f"{self.source}: {each}" for each in self.vulnerabilities]
        if self.checked and not self.vulnerabilities:
            lines.append(f"{self.source}: {self.checked} packages, no known vulnerability.")
        if self.not_checked:
            lines.append(f"{self.source}: NOT CHECKED: {self.not_checked}")
        return lines


def read_pip_audit(output: str, errors: str) -> Result:
    """Read what pip-audit printed.

    pip-audit ends with 0 if PyPI does not know a package: such a package was not checked.
    """
    result = Result("PyPI")
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        result.not_checked = f"the service could not be asked ({_last_line(errors)})."
        return result
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    result.checked = len(packages) - len(skipped)
    result.vulnerabilities = [
        f"{each['name']} {each['version']} has {found['id']}"
        f" (fixed in {', '.join(found['fix_versions']) or 'no version'})"
        for each in packages
        for found in each.get("vulns", ())
    ]
    if skipped:
        more = f" and {len(skipped) - MAX_NAMED} more" if len(skipped) > MAX_NAMED else ""
        named = ", ".join(skipped[:MAX_NAMED])
        result.not_checked = f"the service had no answer about {named}{more}."
    return result


def read_npm_audit(output: str, errors: str) -> Result:
    """Read what `npm audit` printed."""
    result = Result("npm")
    try:
        answer: dict[str, Any] = json.loads(output)
        result.checked = int(answer["metadata"]["dependencies"]["total"])
        found: dict[str, Any] = answer["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        result.not_checked = f"the service could not be asked ({_last_line(errors)})."
        return result
    result.vulnerabilities = [
        f"{name} {each['range']} is vulnerable ({each['severity']})" for name, each in found.items()
    ]
    return result


def exit_code(results: Sequence[Result]) -> int:
    if any(each.vulnerabilities for each in results):
        return 1
    return 2 if any(each.not_checked for each in results) else 0


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reasons = [line for line in lines if not line.startswith("npm error A complete log")]
    return reasons[-1][:200].rstrip(".") if reasons else "no answer"


def _run(command: Sequence[str]) -> tuple[str, str]:
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {TIMEOUT_SECONDS} s"
    return done.stdout, done.stderr


def main(npm: Sequence[str]) -> int:
    results = [
        read_pip_audit(*_run([*PIP_AUDIT, *PIP_OPTIONS])),
        read_npm_audit(*_run([*npm, *NPM_OPTIONS])),
    ]
    for result in results:
        for line in result.lines():
            print(line, file=sys.stderr if result.not_checked else sys.stdout)
    return exit_code(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["npm"]))
