"""The candidate's pages in their states."""

from pathlib import Path

from tests.screenshots.pictures import Api, Screenshots, View, in_two_days, readme_picture


def candidate_pages(shots: Screenshots, api: Api) -> list[str]:
    """The whole life of a test on the candidate's page; returns the ids of what was created."""
    withdrawn = api.invite("Grace Hopper")
    api.post(f"/takehome/{withdrawn['passcode']}/revoke")
    test = api.invite(
        "Ada Lovelace",
        challenge="room-booking",
        durationMinutes=90,
        candidateEmail="ada@example.com",
        customInstructions="Please think aloud in NOTES.md.",
    )
    live = dict(
        api.post(
            "/interviews",
            {
                "candidateName": "Alan Turing",
                "challenge": "settlement-check",
                "timeZone": "Europe/Berlin",
                "scheduledLocal": in_two_days(),
            },
        )["interview"]
    )
    page = f"/take-home/{test['passcode']}/"
    with shots.views() as views:
        shots.take("candidate-withdrawn", views, f"/take-home/{withdrawn['passcode']}/")
        shots.take("candidate-unknown", views, "/take-home/ABCD1234/")
        shots.take("candidate-accessibility", views, "/accessibility/")
        shots.take("candidate-scheduled", views, f"/interview/{live['passcode']}/")
        shots.take("candidate-invited", views, page)
        for view in views:
            view.page.locator("[data-opens]").first.click()
        shots.take("candidate-confirm", views, whole=False)
        for view in views:
            view.page.keyboard.press("Escape")
        practice(shots, views)
        api.post(f"/interviews/{test['id']}/activate")
        views[0].page.locator("[data-countdown], ol.steps").first.wait_for()
        shots.take("candidate-starting", views)
        api.wait(test["id"], "active")
        for view in views:
            view.page.locator("[data-countdown]").first.wait_for()
        shots.take("candidate-running", views)
        _work_on(shots.platform.workspace(test["id"]) / "files")
        readme_picture(shots, page, "candidate")
        for view in views:
            view.page.locator("[data-opens]").last.click()
        shots.take("candidate-submit", views, whole=False)
        views[0].page.locator(
            "dialog[open] form button[type=submit], dialog[open] form button"
        ).last.click()
        api.wait(test["id"], "completed")
        for view in views:
            view.page.locator("#screen[data-status=completed]").wait_for()
        shots.take("candidate-submitted", views)
        for view in views:
            view.page.locator("#feedback input[value='4']").check()
            view.page.locator("#feedback-text").fill("A clear task. The terminal was slow.")
            view.page.locator("#feedback button").click()
            view.page.locator("#feedback [data-form-sent]").wait_for()
        shots.take("candidate-feedback", views)
    return [test["id"], withdrawn["id"], live["id"]]


def practice(shots: Screenshots, views: list[View]) -> None:
    """The practice workspace before the start, which is open on every page."""
    for button, phase in (("#practice-start", "ready"), ("#practice-end", "over")):
        views[0].page.locator(button).click()
        for view in views:
            view.page.locator(f"[data-practice={phase}]").wait_for()
        shots.take(f"candidate-practice-{phase}", views)


def _work_on(files: Path) -> None:
    """Change the first lines of a file, and add two."""
    readme = files / "README.md"
    readme.write_text("# Room booking, done\n\n" + readme.read_text().partition("\n")[2])
    (files / "NOTES.md").write_text("I began with the tests.\n")
    (files / "src" / "overlaps.py").write_text(
        "def overlaps(a: range, b: range) -> bool:\n"
        '    """Whether two bookings have a minute in common."""\n'
        "    return a.start < b.stop and b.start < a.stop\n"
    )
