"""The dialog that stops a running test, in Chromium."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from interviews.models import Interview
from operations.mail.models import Message
from tests.dashboard.browser import ORIGIN, OpenPage

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ADDRESS = "ada@example.com"


def test_only_a_stop_for_good_asks_whether_to_email(
    staff_client: Client, running: Interview, browser_page: OpenPage, settings: Any
) -> None:
    settings.MAIL_IS_ON = True
    running.change(candidate_email=ADDRESS)
    Message.objects.create(
        interview_id=running.id,
        kind="invitation",
        to=ADDRESS,
        subject="Your test",
        send_at=running.created_at,
        created_by="recruiter",
        state="sent",
    )
    at = f"/interviews/{running.id}/"
    pages = {path: staff_client.get(path).content for path in (at, f"{at}end/")}
    with browser_page(pages) as (page, _posted):
        page.goto(ORIGIN + at)
        page.locator(".sheet-actions [data-ask$='/end/']").click()
        dialog = page.locator("#ask")
        box, preview = dialog.locator("[name=notify]"), dialog.locator(".email-preview")
        silence = dialog.get_by_text("No email is sent.")
        expect(silence).to_be_visible()
        expect(box).to_be_hidden()
        expect(preview).to_be_hidden()
        dialog.locator("[value=withdraw]").check()
        expect(box).to_be_checked()
        expect(dialog.get_by_text(f"To: {ADDRESS}")).to_be_visible()
        expect(preview).to_be_visible()
        expect(silence).to_be_hidden()
        box.uncheck()
        expect(preview).to_be_hidden()
