"""Look up the object that a URL names, or raise Http404. For pages and API alike."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from interviews import queries
from interviews.challenges import library as challenge_library
from interviews.challenges.models import Challenge, Version
from interviews.challenges.storage import BrokenChallengeError
from interviews.models import Interview
from operations import models
from operations.archives.download import requested_opening
from operations.bulk_import.models import Batch
from operations.checks.models import CheckRun
from operations.models import Operation
from operations.practice import is_practice_name
from operations.reaper.models import Orphan
from operations.submissions import paths, service
from operations.submissions.index.records import File
from operations.submissions.submission import Submission
from operations.webhooks.models import Delivery, Webhook

# The largest primary key that a database can store.
MAX_ID = 2**63 - 1


def interview_or_404(interview_id: str) -> Interview:
    interview = queries.get_interview(interview_id)
    # Staff neither sees nor opens a candidate's practice workspace.
    if interview is None or interview.is_practice:
        raise Http404(_("Interview not found."))
    return interview


def operation_or_404(operation_id: str) -> Operation:
    operation = models.get_operation(operation_id)
    if operation is None or is_practice_name(operation.interview_id):
        raise Http404(_("Operation not found."))
    return operation


def webhook_or_404(webhook_id: int) -> Webhook:
    webhook = Webhook.objects.filter(pk=webhook_id).first() if webhook_id <= MAX_ID else None
    if webhook is None:
        raise Http404(_("Webhook not found."))
    return webhook


def delivery_or_404(webhook: Webhook, delivery_id: UUID) -> Delivery:
    delivery = Delivery.objects.filter(webhook=webhook, pk=delivery_id).first()
    if delivery is None:
        raise Http404(_("Message not found."))
    return delivery


def orphan_or_404(orphan_id: int) -> Orphan:
    orphan = Orphan.objects.filter(pk=orphan_id).first() if 0 < orphan_id <= MAX_ID else None
    if orphan is None:
        raise Http404(_("Workspace not found."))
    return orphan


def check_run_or_404(run_id: str) -> CheckRun:
    try:
        run = CheckRun.objects.filter(pk=UUID(run_id)).first()
    except ValueError:
        run = None
    if run is None:
        raise Http404(_("Run not found."))
    return run


def trial_or_404(challenge: Challenge, run_id: str) -> CheckRun:
    run = check_run_or_404(run_id)
    if run.challenge_id != challenge.id or run.interview_id:
        raise Http404(_("Run not found."))
    return run


def archive_place_or_404(request: HttpRequest, interview: Interview) -> int:
    """The place of the saved archive that `?opening=` names, by default of the latest."""
    keys = service.archive_keys(interview)
    if not keys:
        raise Http404(_("No files were saved of this interview."))
    return requested_opening(request, len(keys))


def file_or_404(request: HttpRequest, submission: Submission) -> File:
    """The file of a submission that `?path=` names, byte by byte."""
    path = paths.path_in_query(request.META.get("QUERY_STRING", ""), "path")
    file = submission.file(path) if path is not None else None
    if file is None:
        raise Http404(_("There is no such file in this submission."))
    return file


def batch_or_404(batch_id: int) -> Batch:
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise Http404(_("Bulk invite not found."))
    return batch


def challenge_or_404(challenge_id: str) -> Challenge:
    challenge = challenge_library.get_challenge(challenge_id)
    if challenge is None:
        raise Http404(_("Challenge not found."))
    return challenge


def version_or_404(challenge: Challenge, number: str | None) -> Version:
    """The version with that number, or the current one.

    Raises:
        Http404: if the challenge has no such version.
    """
    if not number:
        try:
            return challenge_library.resolve_version(challenge)
        except BrokenChallengeError:
            raise Http404(_("The current version of this challenge is missing.")) from None
    version = (
        challenge_library.get_version(challenge.id, int(number)) if _is_number(number) else None
    )
    if version is None:
        raise Http404(_("This challenge has no such version."))
    return version


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
