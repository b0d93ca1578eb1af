"""The candidate in the workspace, and what is left of it."""

import io
import re
import tarfile

import psutil
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Platform, Staff

# What the pages of `tests/e2e/editor.py` do, signed in.
SAVE = """async ([path, body]) => (await fetch(`/files/${path}`, {method: "PUT", body})).status"""
READ = "async (path) => (await fetch(`/files/${path}`)).text()"

# What JupyterLab's page does, signed in.
SAVE_IN_JUPYTERLAB = """async ([path, content]) => {
    const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
    const answer = await fetch(`/api/contents/${path}`, {
        method: "PUT",
        headers: {"Content-Type": "application/json", "X-XSRFToken": token},
        body: JSON.stringify({type: "file", format: "text", content}),
    });
    return answer.status;
}"""
READ_IN_JUPYTERLAB = "async (path) => (await (await fetch(`/api/contents/${path}`)).json()).content"


def sign_in_to_workspace(page: Page) -> Page:
    """As the candidate does: open it, and be signed in."""
    with page.context.expect_page() as opened:
        page.locator("#open-workspace").click()
    workspace = opened.value
    expect(workspace).not_to_have_url(re.compile("/open$"))
    expect(workspace.locator("#main")).to_be_visible()
    return workspace


def saved_names(staff: Staff, interview_id: str) -> dict[str, bytes]:
    answer = staff.page.request.get(f"{staff.origin}/api/interviews/{interview_id}/files")
    assert answer.status == 200
    with tarfile.open(fileobj=io.BytesIO(answer.body())) as archive:
        return {
            member.name.split("/", 1)[1]: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            # Beside their folder there may be the list of what was not saved.
            if member.isfile() and "/" in member.name
        }


def no_trace_of(platform: Platform, interview_id: str) -> None:
    folder = platform.workspace(interview_id)
    assert not folder.exists()
    for process in psutil.process_iter(["cmdline"]):
        assert interview_id not in " ".join(process.info["cmdline"] or [])
