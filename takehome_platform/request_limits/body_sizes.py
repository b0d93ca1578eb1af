"""How large a request body may be, by path and caller: the only table of these limits.

The web server applies it while it reads (`server.py`), Django before it parses (`middleware.py`),
and nginx in front of both (`proxy/platform.conf`, which a test compares).
"""

import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboard.auth.api_tokens import actor_of_token
from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission
from dashboard.uploads.handler import MAX_UPLOAD
from interviews.challenges.storage import MEGABYTE
from operations.bulk_import.csv_file import MAX_BYTES as MAX_CSV
from takehome_platform.errors import API_PREFIX

# For everybody, on every path. The largest JSON body is a batch of invitations.
MAX_BODY_BYTES = MEGABYTE
UPLOAD_TYPE = "multipart/form-data"


@dataclass(frozen=True)
class UploadPath:
    """Where staff with a permission may send files. nginx reads the same regular expression."""

    pattern: str
    max_upload: int
    permission: Permission

    @property
    def megabytes(self) -> int:
        return round(self.max_upload / MEGABYTE)

    @property
    def max_body(self) -> int:
        """In bytes. The other fields of the form may have a megabyte."""
        return (self.megabytes + 1) * MEGABYTE

    @property
    def message(self) -> str:
        return _("The upload is larger than %(limit)s MB.") % {"limit": self.megabytes}


UPLOAD_PATHS = (
    UploadPath("/new-challenge/", MAX_UPLOAD, Permission.EDIT_CHALLENGES),
    UploadPath("/challenges/[^/]+/edit/", MAX_UPLOAD, Permission.EDIT_CHALLENGES),
    UploadPath("/api/challenges(/[^/]+/versions)?", MAX_UPLOAD, Permission.EDIT_CHALLENGES),
    UploadPath("/invitations/", MAX_CSV, Permission.INVITE),
)


def find_upload_path(path: str, content_type: str) -> UploadPath | None:
    """The upload path of a form with files, or None if the usual limit holds."""
    if not content_type.lower().startswith(UPLOAD_TYPE):
        return None
    return next((each for each in UPLOAD_PATHS if re.fullmatch(each.pattern, path)), None)


def may_upload(request: HttpRequest, upload_path: UploadPath) -> bool:
    """Whether the token or the session of this request has the permission of the path."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        actor = actor_of_token(token)
        return actor is not None and actor.may(upload_path.permission)
    return may(request, upload_path.permission)


def too_large_message(request: HttpRequest) -> str | None:
    """The sentence that refuses the request's body by its Content-Length, or None."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    # Twelve digits are enough to tell, and int() refuses thousands.
    size = int(length[:12]) if length.isdecimal() else 0
    if size <= MAX_BODY_BYTES:
        return None
    upload_path = find_upload_path(request.path, request.META.get("CONTENT_TYPE", ""))
    is_page = not request.path.startswith(API_PREFIX)
    usual_limit = {"limit": MAX_BODY_BYTES // MEGABYTE}
    too_large = _("The body is larger than %(limit)s MB.") % usual_limit
    if upload_path is None:
        if not is_page:
            return too_large
        return _("What you sent is larger than %(limit)s MB, the limit of this page.") % usual_limit
    if size > upload_path.max_body:
        return upload_path.message
    if may_upload(request, upload_path):
        return None
    if not is_page:
        return too_large
    return (
        _(
            "Only staff who may upload files here can send more than %(limit)s MB. Sign in again, "
            "or ask an administrator for the permission."
        )
        % usual_limit
    )
