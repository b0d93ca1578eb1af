"""Pictures of reviews: a scorecard, side by side, the decision, the comparison, hidden names."""

from typing import Any

from tests.e2e.conftest import PASSWORD
from tests.screenshots.pictures import Api, Screenshots

REVIEWERS = {"rita": ("Rita", "Levi-Montalcini"), "otto": ("Otto", "Hahn")}
HIRE = """
from django.contrib.auth.models import Group, User
for username, (first, last) in {people!r}.items():
    user, _ = User.objects.get_or_create(username=username, is_staff=True)
    user.first_name, user.last_name = first, last
    user.set_password({password!r})
    user.save()
    user.groups.set([Group.objects.get(name="Reviewer")])
"""
SCORES = {"rita": (4, 3, 4, 2), "otto": (3, 3, 2, 4)}
COMMENTS = [
    {"text": "Handles bookings that touch.", "where": "src/overlaps.py:3"},
    {"text": "Says where it stopped, and why.", "where": "NOTES.md:1"},
]


def review_pages(
    shots: Screenshots, session: Any, api_of: Any, interview_id: str, challenge: str
) -> None:
    """A finished submission from its first scorecard to the comparison of its challenge.

    `api_of` gives the API as somebody calls it, from what their browser begins with.
    """
    shots.platform.python(HIRE.format(people=REVIEWERS, password=PASSWORD))
    address = f"/interviews/{interview_id}/review/"
    rita, otto = shots.sign_in("rita"), shots.sign_in("otto")
    admin = api_of(session)
    chosen = {"reviewers": ["otto", "rita"], "hidesNames": True}
    admin.put(f"/challenges/{challenge}/reviewers", chosen)
    with shots.views(rita) as views:
        shots.take("review-names-hidden", views, address)
        admin.put(f"/challenges/{challenge}/reviewers", chosen | {"hidesNames": False})
        shots.take("review-scorecard", views, address)
        for name, person in (("rita", rita), ("otto", otto)):
            _submit(api_of(person), interview_id, name)
        shots.take("review-side-by-side", views, address)
    with shots.views(session) as views:
        shots.take("review-decide", views, address)
        decision = {"outcome": "advance", "reason": "Both would hire, one without doubt."}
        admin.post(f"/interviews/{interview_id}/decision", decision)
        shots.take("review-decided", views, address)
        shots.take("compare-candidates", views, f"/challenges/{challenge}/compare/")
        shots.take("history-scores", views, "/history/")


def _submit(api: Api, interview_id: str, name: str) -> None:
    path = f"/interviews/{interview_id}/reviews"
    criteria = [each["name"] for each in api.get(path)["criteria"]]
    scores = [
        {"criterion": criterion, "score": score, "note": "See the comments." if score < 3 else ""}
        for criterion, score in zip(criteria, SCORES[name] * 3, strict=False)
    ]
    card = {
        "scores": scores,
        "recommendation": "strong_yes" if name == "rita" else "yes",
        "summary": "Reads well, and the tests say what they are for.",
        "comments": COMMENTS if name == "rita" else [],
    }
    api.post(f"{path}/mine/submit", card)
