"""The criteria and the policy of a challenge, in its form."""

from django.test import Client

from interviews.challenges import library
from tests.dashboard.html import soup
from tests.dashboard.views.challenge_editor.form import FORM, create, version


def criteria(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    names = ("criterion_name", "criterion_good", "criterion_weight")
    return {name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}


README = {"text_new": "yes", "text_path": "README.md", "text": "# Sum"}


def test_criteria_are_saved_in_their_order_and_blank_rows_left_out(staff_client: Client) -> None:
    rows = criteria(("Tests", "", "1"), ("", "", "1"), ("Clarity", "Short.", "4"))
    assert create(staff_client, **README, **rows).status_code == 302
    made = version().about.criteria
    assert [(each.name, each.good, each.weight) for each in made] == [
        ("Tests", "", 1),
        ("Clarity", "Short.", 4),
    ]
    page = soup(staff_client.get("/challenges/sum-up/edit/"))
    rows_there = page.select("[data-criteria-rows] [data-criterion]")
    assert [row.select_one("input")["value"] for row in rows_there] == ["Tests", "Clarity"]
    shown = soup(staff_client.get("/challenges/sum-up/")).select_one("#part-criteria")
    assert "Clarity" in shown.get_text()


def test_a_wrong_criterion_is_named_and_nothing_is_lost(staff_client: Client) -> None:
    rows = criteria(("", "Typed for long.", "2"), ("Clarity", "", "9"))
    response = create(staff_client, **README, **rows)
    assert response.status_code == 422
    there = soup(response).select("[data-criteria-rows] [data-criterion]")
    assert [row.select_one(".field-error").get_text() for row in there] == [
        "Enter a name.",
        "Enter 5 or less.",
    ]
    assert there[0].select_one("textarea").get_text().strip() == "Typed for long."
    assert library.get_challenge("sum-up") is None


def test_a_change_of_criteria_alone_is_a_conflict_that_is_named(staff_client: Client) -> None:
    create(staff_client, **README)
    fields = {**FORM, "base": "1", "start": "1"}
    first = staff_client.post("/challenges/sum-up/edit/", fields | criteria(("Tests", "", "1")))
    assert first.status_code == 302
    second = staff_client.post("/challenges/sum-up/edit/", fields | criteria(("Speed", "", "1")))
    assert second.status_code == 409
    assert "Changed: criteria." in soup(second).select_one(".conflict").get_text()


POLICY = {"ai_assistants": "not_allowed", "internet": "", "libraries": "allowed"}


def test_what_is_allowed_is_saved_and_shown_again(staff_client: Client) -> None:
    assert create(staff_client, **README, **POLICY, policy_note="Ask us.").status_code == 302
    policy = version().policy
    assert [line.words for line in policy.lines] == [
        "AI assistants: not allowed",
        "Libraries: allowed",
    ]
    page = soup(staff_client.get("/challenges/sum-up/edit/"))
    assert page.select_one("#id_ai_assistants option[selected]")["value"] == "not_allowed"
    assert page.select_one("#id_internet option[selected]")["value"] == ""
    assert page.select_one("#id_policy_note")["value"] == "Ask us."
    shown = soup(staff_client.get("/challenges/sum-up/")).select_one("#part-policy")
    assert "AI assistants: not allowed" in shown.get_text()
    assert "Ask us." in shown.get_text()


def test_a_wrong_stance_is_named_and_a_change_alone_is_a_conflict(staff_client: Client) -> None:
    wrong = create(staff_client, **README, **POLICY | {"internet": "sometimes"})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#id_internet_error") is not None
    create(staff_client, **README, **POLICY)
    fields = {**FORM, "base": "1", "start": "1"}
    first = staff_client.post("/challenges/sum-up/edit/", fields | POLICY | {"internet": "allowed"})
    assert first.status_code == 302
    second = staff_client.post("/challenges/sum-up/edit/", fields | POLICY)
    assert "Changed: what's allowed." in soup(second).select_one(".conflict").get_text()
