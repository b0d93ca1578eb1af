"""What lets a person into a test: the candidate's link and the workspace's password, and from when
until when each is shown. Who may see them at all says `Permission.SEE_CREDENTIALS`."""

from django.urls import reverse

from interviews.lifecycle import FINAL, Status
from interviews.models import LIVE, Interview


def join_path(interview: Interview) -> str | None:
    """The path of the candidate's page; a dry run has none."""
    if interview.passcode is None:
        return None
    page = "live" if interview.type == LIVE else "page"
    return reverse(f"candidate_portal:{page}", args=[interview.passcode])


def password(interview: Interview) -> str | None:
    """A live interview's password is passed on before it begins; another's has no use before there
    is a workspace."""
    if interview.state in FINAL or interview.state is Status.DESTROYING:
        return None
    known: str | None = interview.password
    return known if interview.type == LIVE or interview.state is Status.ACTIVE else None
