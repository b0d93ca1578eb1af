"""A program that calls the API of a platform with a token."""

import json
import urllib.request
from typing import Any

from tests.services import wait_until


class ApiClient:
    """Calls the platform at `origin`; an answer that is an error raises `HTTPError`."""

    def __init__(self, origin: str, token: str) -> None:
        self.origin = origin
        self.token = token

    def call(self, path: str, body: Any = None) -> bytes:
        """GET the path, or POST the body to it."""
        request = urllib.request.Request(
            f"{self.origin}/api/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())

    def interview(self, interview_id: str) -> dict[str, Any]:
        return dict(json.loads(self.call(f"interviews/{interview_id}")))

    def start_test(self, name: str) -> dict[str, Any]:
        """Invite a candidate who starts at once; return the test when it runs."""
        invitation = {"candidateName": name, "challenge": "settlement-check"}
        made = json.loads(self.call("takehome", invitation))["interview"]
        as_candidate = {"passcode": made["passcode"]}
        shown = json.loads(self.call(f"interviews/by-passcode/{made['passcode']}"))
        if shown["policy"] is not None:
            as_candidate["confirmedPolicy"] = shown["policy"]["id"]
        self.call(f"interviews/{made['id']}/activate", as_candidate)
        return self.wait_for(made["id"], "active")

    def end_test(self, interview_id: str) -> dict[str, Any]:
        self.call(f"interviews/{interview_id}/destroy", {})
        return self.wait_for(interview_id, "completed")

    def wait_for(self, interview_id: str, status: str) -> dict[str, Any]:
        def is_reached() -> bool:
            return bool(self.interview(interview_id)["status"] == status)

        # Asked without a pause, the platform spends as much on the answers as on the workspace.
        wait_until(is_reached, f"{interview_id} did not become {status}", 120, pause=0.25)
        return self.interview(interview_id)

    def saved_files(self, interview_id: str) -> bytes:
        return self.call(f"interviews/{interview_id}/files")
