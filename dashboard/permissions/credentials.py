"""The candidate's link and the workspace's password, and when each is shown.

`Permission.SEE_CREDENTIALS` decides who may see them at all.
"""

from dashboard.url_templates import url_with_id
from interviews.attributes import LIVE
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview


def join_path(interview: Interview) -> str | None:
    """The path of the candidate's page. A dry run has none."""
    if interview.passcode is None:
        return None
    page = "live" if interview.type == LIVE else "page"
    return url_with_id(f"candidate_portal:{page}", interview.passcode)


def password(interview: Interview) -> str | None:
    """The workspace's password while it can be used.

    A live interview's password is passed on before it begins; another one is useless before there
    is a workspace.
    """
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return None
    stored: str | None = interview.password
    return stored if interview.type == LIVE or interview.state is Status.ACTIVE else None
