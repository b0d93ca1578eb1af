"""What a candidate changed in `build/` is in the archive, and all are told what is not."""

import io
import stat
import tarfile
import zipfile
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    Invitation,
    Platform,
    Staff,
    expect_screen,
    open_link,
    press_start,
    press_submit,
)
from tests.e2e.workspace import READ, SAVE, sign_in_to_workspace


def challenge_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, mode in (("README.md", 0o644), ("build/app.js", 0o644), ("run.sh", 0o755)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | mode) << 16
            archive.writestr(info, f"{name} as given\n")
    return made.getvalue()


def post(staff: Staff, path: str, **content: Any) -> Any:
    """POST to the API as the browser that is signed in."""
    cookies = staff.page.context.cookies(staff.origin)
    token = next(each["value"] for each in cookies if each["name"] == "csrftoken")
    response = staff.page.request.post(
        f"{staff.origin}/api{path}", headers={"X-CSRFToken": token}, **content
    )
    assert response.status == 201, response.text()
    return response.json()


def test_build_folder_of_the_challenge_is_saved_and_what_is_left_out_is_listed(
    platform: Platform, staff: Staff, candidate: Page
) -> None:
    upload = {"name": "task.zip", "mimeType": "application/zip", "buffer": challenge_zip()}
    post(staff, "/challenges", multipart={"name": "Builder", "id": "builder", "archive": upload})
    made = post(
        staff,
        "/takehome",
        data={
            "candidateName": "Ada",
            "challenge": "builder",
            "durationMinutes": 60,
            "validDays": 3,
            "customInstructions": "",
        },
    )["interview"]
    invitation = Invitation(made["id"], f"{staff.origin}/take-home/{made['passcode']}/")

    open_link(candidate, invitation)
    candidate.get_by_text("What is saved, and what isn't").click()
    expect(candidate.get_by_text("next to a package.json")).to_be_visible()
    press_start(candidate)
    expect_screen(candidate, "active")
    workspace = sign_in_to_workspace(candidate)
    assert workspace.evaluate(READ, "build/app.js") == "build/app.js as given\n"
    folder = platform.workspace(invitation.id) / "files"
    assert (folder / "run.sh").stat().st_mode & 0o111
    for path in ("build/app.js", "build/mine.js", "package.json"):
        assert workspace.evaluate(SAVE, [path, "by the candidate"]) == 200
    # As `npm install` does, which this editor has no terminal for.
    (folder / "node_modules").mkdir()
    (folder / "node_modules/index.js").write_text("x" * 2048)

    press_submit(candidate)
    expect_screen(candidate, "completed")
    listed = "node_modules (1 file, 2.0\xa0KB)"
    candidate.get_by_text("1 file or folder").click()
    expect(candidate.locator(".not-saved")).to_be_visible()
    expect(candidate.locator(".not-saved")).to_have_text(listed)

    response = staff.page.request.get(f"{staff.origin}/api/interviews/{invitation.id}/files")
    with tarfile.open(fileobj=io.BytesIO(response.body())) as archive:
        files = {each.name.partition("/")[2]: each for each in archive if each.isfile()}
        changed = archive.extractfile(files["build/app.js"])
        assert changed is not None and changed.read() == b"by the candidate"
    assert "build/mine.js" in files
    assert (files["run.sh"].mode, files["README.md"].mode) == (0o755, 0o644)
    assert not any(name.startswith("node_modules") for name in files)
    staff.page.goto(f"{staff.origin}/interviews/{invitation.id}/")
    staff.page.get_by_text("Left out (1)").click()
    expect(staff.page.locator(".not-saved")).to_have_text(listed)
