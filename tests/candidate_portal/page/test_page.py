"""The candidate's page in every status."""

import re

from markupsafe import escape

from interviews.dynamodb import now
from interviews.indexes import PasscodeIndex
from interviews.lifecycle import Status
from tests.candidate_portal.conftest import PASSWORD, URL
from tests.candidate_portal.page.reading import buttons, fragment_of, headings, path, text

HEADINGS = {
    Status.AVAILABLE: "Word count",
    Status.ACTIVATED: "Getting your workspace ready",
    Status.INITIALIZING: "Getting your workspace ready",
    Status.CONFIGURING: "Getting your workspace ready",
    Status.ACTIVE: "Word count In progress",
    Status.DESTROYING: "Closing your test",
    Status.COMPLETED: "Your test is over",
    Status.EXPIRED: "This invitation has expired",
    Status.REVOKED: "This test was withdrawn",
    Status.CANCELLED: "This test was withdrawn",
    Status.SCHEDULED: "This test was withdrawn",
    Status.ERROR: "Your workspace couldn't be started",
}
BUTTONS = {
    Status.AVAILABLE: ["Start test", "Start practice workspace", "Not yet", "Start test"],
    Status.ACTIVE: ["Copy", "Copy", "Submit test", "Keep working", "Submit test"],
    Status.ERROR: ["Try again"],
}
NAMES = [
    "陳小明", "عائشة", "O'Brien \"Bob\"", "$(reboot)", "<script>alert(1)</script>", "{{ 7*7 }}"
]  # fmt: skip


def in_every_status(client, interview_in, look):
    return {status: look(client.get(path(interview_in(status)))) for status in Status}


def test_page_has_one_heading_in_every_status(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: headings(answer.text))
    assert found == {status: [heading] for status, heading in HEADINGS.items()}


def test_page_offers_only_allowed_actions(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: buttons(answer.text)[:-1])
    assert found == {status: BUTTONS.get(status, []) for status in Status}


def test_page_shows_url_and_password_only_while_active(client, interview_in):
    found = in_every_status(
        client, interview_in, lambda answer: (PASSWORD in answer.text, URL in answer.text)
    )
    assert found == {status: (status is Status.ACTIVE,) * 2 for status in Status}


def test_page_is_never_cached(client, interview_in):
    found = in_every_status(client, interview_in, lambda answer: answer["Cache-Control"])
    assert found == dict.fromkeys(Status, "no-store, private")


def test_page_shows_nothing_of_another_candidate(client, interview_in, invite):
    interview_in(Status.ACTIVE, {"candidate_name": "Grace Hopper"})
    body = client.get(path(invite(candidate_name="Ada"))).text
    assert [secret in body for secret in (PASSWORD, URL, "Grace Hopper")] == [False] * 3


def test_page_describes_the_test_before_the_start(client, invite):
    body = text(
        client.get(path(invite(duration_minutes=90, custom_instructions="Use a debugger."))).text
    )
    wanted = ["Ada", "Word count", "Count the words of a text.", "1 hour 30 minutes",
              "Use a debugger.", "The clock starts when the workspace is ready"]  # fmt: skip
    assert [words for words in wanted if words not in body] == []


def test_page_shows_the_last_start_time_with_its_zone(client, take_home):
    assert f'datetime="{take_home.valid_until.isoformat()}"' in client.get(path(take_home)).text


def test_page_escapes_names_and_instructions(client, invite):
    for name in NAMES:
        interview = invite(candidate_name=name, custom_instructions=f"For {name}\nonly")
        body = client.get(path(interview)).text
        escaped = escape(name)
        assert f"<bdi>{escaped}</bdi>" in body
        assert f">For {escaped}\nonly</p>" in body
        assert "<script>" not in body


def test_page_has_no_inline_script_or_style(client, interview_in):
    body = client.get(path(interview_in(Status.ACTIVE))).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", body) == []


def test_page_csp_allows_nothing_inline(client, take_home):
    policy = client.get(path(take_home))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_fragment_equals_the_page_content(client, take_home):
    def same(body):
        body = re.sub(r'data-now="\d+"|value="\w{64}"', "", body)
        return body[body.index("<article") : body.index("</article>")]

    assert same(fragment_of(client, take_home)) == same(client.get(path(take_home)).text)
    assert fragment_of(client, take_home).lstrip().startswith("<article")


def test_fragment_version_changes_only_with_its_data(client, take_home):
    def version():
        return re.findall(r'data-version="(\w+)"', fragment_of(client, take_home))

    first = version()
    assert version() == first
    take_home.change(duration_minutes=61)
    assert version() != first


def test_unknown_and_malformed_passcodes_get_the_same_response(client, take_home):
    unknown = client.get("/take-home/YYYYYYYY/")
    assert headings(unknown.text) == ["We can't find this test"]
    for passcode in ("A", "0O1I0O1I", "<b>", "%00", "ZZZZZZZZ" * 400, "é" * 8):
        answer = client.get(f"/take-home/{passcode}/")
        assert (answer.status_code, answer.text) == (404, unknown.text)
        assert answer["Cache-Control"] == "no-store, private"


def test_unknown_and_malformed_passcodes_cost_the_same_work(client, take_home, monkeypatch):
    asked = []
    query = PasscodeIndex.query
    # On the class, as all tests do: what is set on the index itself is put back there as well, and
    # would come before what the next test sets on its class.
    monkeypatch.setattr(
        PasscodeIndex,
        "query",
        lambda index, key, **options: asked.append(len(key)) or query(index, key, **options),
    )
    for passcode in ("ZZZZZZZZ", "A", "0O1I0O1I", "Z" * 5000):
        client.get(f"/take-home/{passcode}/")
    assert asked == [8, 8, 8, 8]


def test_passcode_is_case_insensitive(client, take_home):
    assert client.get(f"/take-home/{take_home.passcode.lower()}/").status_code == 200


def test_passcode_of_a_live_interview_is_unknown(client, interview_in):
    assert client.get(path(interview_in(Status.ACTIVE, type="regular"))).status_code == 404


def test_other_methods_are_not_allowed(client, take_home):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path(take_home)).status_code == 405


def test_all_forms_of_a_page_have_one_token(client, take_home):
    tokens = re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path(take_home)).text
    )
    assert len(tokens) > 2
    assert len(set(tokens)) == 1


def test_page_that_shows_the_current_state_is_told_so(client, interview_in):
    interview = interview_in(Status.ACTIVE)
    version = re.findall(r'data-version="(\w+)"', client.get(path(interview)).text)[0]
    headers = {"HX-Request": "true", "If-None-Match": f'"{version}"'}
    answer = client.get(path(interview), headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert abs(int(answer["X-Now"]) - now().timestamp() * 1000) < 60_000
    interview.change(restarting=True)
    answer = client.get(path(interview), headers=headers)
    assert answer.status_code == 200
    assert "and is restarting" in text(answer.text)
