"""Each action of staff: what it is done to, how each channel does it, and the entry it writes."""

from tests.dashboard.audit.cases import (
    candidates,
    challenges,
    connections,
    interviews,
    reviews,
    team,
)
from tests.dashboard.audit.cases.case import A, Case, Entry, end_interview, import_csv

__all__ = ["CASES", "NOT_ACTIONS", "SHOWN", "A", "Case", "Entry", "end_interview", "import_csv"]

CASES = [
    *interviews.CASES,
    *challenges.CASES,
    *reviews.CASES,
    *candidates.CASES,
    *team.CASES,
    *connections.CASES,
]
# What a face itself does: it shows something, signs somebody in, or is Django's own form.
NOT_ACTIONS = {
    *(A.SIGNED_IN, A.SIGN_IN_FAILED, A.JOINED, A.SAW_CREDENTIALS, A.ROLE_CHANGED),
    *(A.OPENED_SUBMISSION, A.OPENED_PROGRESS, A.PASSWORD_SET, A.RECOVERY_CODE_USED),
    *(A.USER_ADDED, A.USER_CHANGED, A.USER_DELETED),
    *(A.GROUP_ADDED, A.GROUP_CHANGED, A.GROUP_DELETED),
}
SHOWN = {
    *(A.COPIED_CREDENTIALS, A.DOWNLOADED_FILES, A.DOWNLOADED_LINKS),
    *(A.EXPORTED_AUDIT, A.EXPORTED_HISTORY, A.EXPORTED_COMPARISON),
}
