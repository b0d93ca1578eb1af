"""What the scripts of forms say about time zones, in Chromium.

The pages are rendered here and handed to the browser, whose time zone data may be any.
"""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from dashboard.htmx import changed
from dashboard.models import Profile
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.models import Interview
from tests.dashboard.browser import ORIGIN, OpenPage
from tests.zones import replanned

# A browser that could not find out the zone of its machine.
UNKNOWN = """
const options = Intl.DateTimeFormat.prototype.resolvedOptions;
Intl.DateTimeFormat.prototype.resolvedOptions = function () {
  return { ...options.call(this), timeZone: "Etc/Unknown" };
};
"""


@pytest.fixture
def pages(staff_client: Client, challenge: Challenge) -> dict[str, bytes]:
    paths = ("/", "/live/", "/history/")
    return {path: staff_client.get(path).content for path in paths}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("own", "zone", "known"),
    [("America/St_Johns", "America/St_Johns", True), ("Mars/Base", "Europe/Berlin", False)],
)
def test_pages_are_in_the_own_zone_if_the_browser_knows_it(
    staff_client: Client,
    challenge: Challenge,
    own: str,
    zone: str,
    known: bool,
    browser_page: OpenPage,
) -> None:
    user = User.objects.get(pk=staff_client.session["_auth_user_id"])
    Profile.objects.create(user=user, time_zone=own)
    show = """() => {
      const full = Object.assign(document.createElement("time"), {dateTime: "2026-01-01T02:00Z"});
      const short = full.cloneNode();
      full.dataset.time = "full";
      short.dataset.when = "";
      document.body.append(full, short);
      formatShortTimes(document);
      return [full.textContent, short.textContent];
    }"""
    with browser_page({"/live/": staff_client.get("/live/").content}) as (page, _posted):
        page.goto(f"{ORIGIN}/live/")
        page.locator("#create-button").click()
        assert page.locator("#live-form [name=zone]").input_value() == zone
        full, short = page.evaluate(show)
    if known:
        # The old year: in St. John's the new one has not begun.
        assert "December 31, 2025" in full and "10:30 PM GMT-3:30" in full, full
        assert "Dec 31, 2025" in short and "10:30 PM" in short, short
    else:
        assert "January 1, 2026" in full and "3:00 AM GMT+1" in full, full


@pytest.mark.slow
@pytest.mark.django_db
def test_forms_say_which_zone_and_offset_the_browser_sees(
    pages: dict[str, bytes], browser_page: OpenPage
) -> None:
    with browser_page(pages) as (page, posted):
        page.goto(f"{ORIGIN}/live/")
        page.locator("#create-button").click()
        form = page.locator("#live-form")
        assert form.locator("[name=zone]").input_value() == "Europe/Berlin"
        offset = form.locator("[name=offset]")
        found = {}
        for at, zone in (
            ("2026-07-01T09:30", "Europe/Berlin"),
            ("2026-07-01T09:30", "kathmandu"),
            ("2026-07-01T09:30", "america/st johns"),
            # Twice, never, and a zone that there is not.
            ("2026-10-25T02:30", "Europe/Berlin"),
            ("2026-03-29T02:30", "Europe/Berlin"),
            ("2026-07-01T09:30", "Mars/Base"),
        ):
            form.locator("[name=at]").fill(at)
            form.locator("[name=zone]").fill(zone)
            found[at, zone] = offset.input_value()
        assert list(found.values()) == ["120", "345", "-150", "120,60", "", ""]
        assert page.locator("[data-zone-unknown]:visible").count() == 0
        form.locator("[name=zone]").fill("Asia/Kathmandu")
        with page.expect_request(f"{ORIGIN}/live/create/"):
            form.locator("button[type=submit]").click()
    assert posted[-1]["offset"] == ["345"]


@pytest.mark.slow
@pytest.mark.django_db
def test_browser_that_does_not_know_its_zone_says_utc(
    pages: dict[str, bytes], browser_page: OpenPage
) -> None:
    with browser_page(pages, UNKNOWN) as (page, _):
        page.goto(f"{ORIGIN}/")
        page.locator("#invite-button").click()
        assert page.locator("#invite-form [name=zone]").input_value() == "UTC"
        assert "doesn't know your time zone" in page.locator("#invite-form").inner_text()
        page.goto(f"{ORIGIN}/live/")
        page.locator("#create-button").click()
        assert page.locator("#live-form [name=zone]").input_value() == "UTC"
        assert "doesn't know your time zone" in page.locator("#live-form").inner_text()
        page.goto(f"{ORIGIN}/history/")
        assert "doesn't know your time zone" in page.locator("form.search").inner_text()
        page.locator("#id_from").fill("2026-03-01")
        with page.expect_request(lambda request: "from=" in request.url) as asked:
            page.get_by_role("button", name="Search").click()
        assert parse_qs(urlsplit(asked.value.url).query)["zone"] == ["UTC"]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("offset", "focused"),
    [("60", "input[name=reading]"), ("not minutes", ".message-bad")],
    ids=["two readings", "error of a hidden field"],
)
def test_refused_plan_fits_into_the_dialog_and_has_the_focus(
    staff_client: Client,
    schedule: Callable[..., Interview],
    offset: str,
    focused: str,
    browser_page: OpenPage,
) -> None:
    interview = schedule(time_zone="UTC")
    path = f"/interviews/{interview.id}/"
    at = f"{now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    sent = {"at": at, "zone": "UTC", "offset": offset, "duration_minutes": "60"}
    refused = staff_client.post(f"{path}reschedule/", sent, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    shown = {each: staff_client.get(each).content for each in (path, f"{path}reschedule/")}
    with browser_page(shown, refused=refused.content) as (page, _):
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(f"{ORIGIN}{path}")
        page.get_by_role("button", name="Reschedule").click()
        dialog = page.locator("#ask")
        dialog.locator("button[type=submit]").click()
        dialog.locator(focused).first.wait_for()
        page.wait_for_function("name => document.activeElement.matches(name)", arg=focused)
        assert dialog.evaluate("it => it.scrollWidth <= it.clientWidth")


@pytest.mark.slow
@pytest.mark.django_db
def test_decision_is_announced_even_if_an_event_replaces_the_notice_first(
    staff_client: Client, schedule: Callable[..., Interview], browser_page: OpenPage
) -> None:
    path = f"/interviews/{replanned(schedule).id}/"
    shown = staff_client.get(path).content
    done = changed(HttpResponse(status=204), "it", "The interview was moved.")
    accepted = {"HX-Trigger": done.headers["HX-Trigger"]}
    with browser_page({path: shown}, accepted=accepted) as (page, posted):
        page.goto(f"{ORIGIN}{path}")
        page.evaluate(
            """document.addEventListener("submit", () => setTimeout(() =>
                 document.querySelector(".zone-change").remove()))"""
        )
        page.get_by_role("button", name="Move to").click()
        page.locator("#spoken", has_text="The interview was moved.").wait_for(state="attached")
    assert [each["choice"] for each in posted] == [["move"]]


# One instant of last summer in each style of a list.
TIMES = """() => {
  const main = document.getElementById("main");
  const styles = ["data-when", "data-exact", "data-minute", "data-second", "data-time='clock'"];
  const time = (style) => `<time datetime="2026-07-01T06:05:09Z" ${style}></time>`;
  main.innerHTML = styles.map(time).join("");
  formatShortTimes(main);
  return [...main.children].map((each) => each.textContent.replaceAll("\u202f", " "));
}"""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("locale", "language", "times", "share"),
    [
        ("en-US", "en", ["Jul 1, 8:05 AM", "Jul 1, 8:05:09 AM", "8:05 AM", "8:05:09 AM"], "25%"),
        ("en-GB", "en", ["1 Jul, 08:05", "1 Jul, 08:05:09", "08:05", "08:05:09"], "25%"),
        ("de-DE", "de", ["1. Juli, 08:05", "1. Juli, 08:05:09", "08:05", "08:05:09"], "25\u202f%"),
    ],
)
def test_times_and_shares_are_written_as_the_language_does(
    staff_client: Client,
    challenge: Challenge,
    locale: str,
    language: str,
    times: list[str],
    share: str,
    browser_page: OpenPage,
) -> None:
    page_of_language = staff_client.get("/", headers={"Accept-Language": language}).content
    with browser_page({"/": page_of_language}, locale=locale) as (page, _):
        page.goto(f"{ORIGIN}/")
        page.locator("#invite-button").click()
        field = page.locator("#invite-form [name=allowance_percent]")
        field.select_option("25")
        assert field.locator("option:checked").inner_text() == f"+{share}"
        assert f"+ {share} =" in page.locator("#invite-form [data-total]").inner_text()
        *shown, clock = page.evaluate(TIMES)
    assert shown == times
    assert clock.startswith(f"{times[2]}")
