"""Reads the page state of an interview."""

from datetime import datetime

from django.conf import settings

from candidate_portal.page_state.screens import FAILED_STEPS, STEPS
from candidate_portal.page_state.state import PageState
from candidate_portal.practice_state import practice_state_of
from candidate_portal.time_notices import time_notices_of
from interviews import durations
from interviews.challenges import library
from interviews.challenges.policy import Policy
from interviews.challenges.storage import README
from interviews.indexes import TimelineEntry
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, policies, workspace_sign_in
from operations.admission import positions
from operations.admission.positions import Position
from operations.archives import not_saved
from operations.inviter import inviter_name
from operations.mail import formatting
from operations.progress.schedule import is_kept
from operations.start_times import statistics


def page_state_of(interview: Interview) -> PageState:
    """Return the page state of an interview, and what its version of its challenge says.

    Of a newer version of the challenge the candidate gets no file, and so they read nothing of it.
    """
    challenge = library.invited_details(interview.challenge, interview.challenge_version)
    state = interview.state
    is_running = state is Status.ACTIVE
    is_paused = is_running and interview.paused_at is not None
    restored = _last_restored(interview) if is_running else None
    position = positions.position_of(interview)
    policy = Policy() if state in FINAL else policies.policy_of(interview)
    return PageState(
        status=state,
        is_live=not interview.is_take_home,
        passcode=str(interview.passcode),
        candidate_name=interview.candidate_name,
        challenge_name=challenge.name if challenge else interview.challenge,
        description=challenge.description if challenge else "",
        instructions=challenge.instructions if challenge else README,
        language=challenge.language if challenge else "",
        custom_instructions=interview.custom_instructions,
        duration_minutes=int(interview.length.total_seconds() // 60),
        valid_until=interview.valid_until,
        begins_at=None if interview.reopened else interview.scheduled_at,
        planned_time=_planned_time(interview),
        started_at=_last_time_of(interview, Status.ACTIVATED) or interview.activated_at,
        deadline=interview.auto_destroy_at if is_running and not is_paused else None,
        ended_at=_last_time_of(interview, Status.DESTROYING) or interview.completed_at,
        access_url=interview.workspace_link if is_running else None,
        password=interview.password if is_running else None,
        is_sign_in_refused=is_running and workspace_sign_in.is_refused(interview),
        plain_url=workspace_sign_in.plain_address(interview.workspace_link) if is_running else "",
        web_app_url=workspace_sign_in.web_app_address(interview, 3000) if is_running else "",
        signs_in=is_running and workspace_sign_in.signs_in_by_itself(interview),
        failed_step=str(FAILED_STEPS.get(interview.failed_step or "", STEPS[Status.INITIALIZING])),
        may_retry=interview.is_take_home and actions.candidate_may_retry(interview),
        retry_until=interview.auto_destroy_at if state is Status.ERROR else None,
        end_reason=interview.end_reason or "",
        was_running=interview.ready_at is not None,
        is_closed=interview.destroyed_at is not None,
        saves=bool(interview.save_files),
        is_saved=_is_saved(interview),
        # Rows of earlier versions do not have the size.
        saved_bytes=int(interview.archive_bytes) if interview.archive_bytes else None,
        not_saved=not_saved.summary_of(interview),
        is_delayed=state is Status.DESTROYING and interview.problem is not None,
        is_restarting=is_running and bool(interview.restarting),
        is_reopened=bool(interview.reopened),
        paused_left=int(interview.paused_left or 0) if is_paused else None,
        reference=interview.id,
        progress_minutes=settings.PROGRESS_MINUTES if is_kept(interview) else 0,
        kept_at=_kept_at(interview),
        is_restoring=is_running and interview.restoring_state is not None,
        is_moving=is_running and interview.has_left_machine,
        restored_from=restored.moved_to if restored is not None else None,
        was_moved=restored is not None and restored.what == TimelineEvent.MOVED,
        may_download=_may_download(interview),
        kept_days=settings.RETENTION_DAYS,
        news=time_notices_of(interview),
        time_changes=int(interview.time_changes or 0),
        policy=policy,
        checks=challenge.candidate_checks if challenge and is_running else (),
        internet_note="" if state in FINAL else policies.internet_note(interview, policy),
        practice=practice_state_of(interview),
        time_changes_seen=int(interview.time_changes_seen or 0),
        asks_feedback=actions.may_give_feedback(interview),
        feedback_rating=str(int(interview.feedback_rating)) if interview.feedback_rating else "",
        feedback_text=interview.feedback_text or "",
        usual_wait=_estimated_wait(interview),
        place=position.place if position is not None else None,
        line_wait=_line_wait(position),
        may_leave_line=position is not None and actions.may_leave_line(interview),
        position=position,
        inviter=inviter_name(interview),
    )


def _line_wait(position: Position | None) -> str:
    wait = position.wait if position is not None else None
    return "" if wait is None else durations.estimate_minutes(wait)


def _last_time_of(interview: Interview, status: Status) -> datetime | None:
    """Return when the interview last changed to this status, or None."""
    for event in reversed(interview.timeline):
        # Events such as more time have the status of that time too.
        if event.status == status and event.what in (None, TimelineEvent.REOPENED):
            at: datetime = event.at
            return at
    return None


def _planned_time(interview: Interview) -> str:
    is_known = interview.scheduled_at is not None and interview.time_zone is not None
    return formatting.format_planned_time(interview) if is_known else ""


def _is_saved(interview: Interview) -> bool:
    """True if files are stored: those of this sitting, if its workspace was ever ready."""
    return interview.is_saved or (bool(interview.history_s3_key) and interview.ready_at is None)


def _may_download(interview: Interview) -> bool:
    is_over = interview.state is Status.COMPLETED
    return settings.CANDIDATE_DOWNLOADS and is_over and _is_saved(interview)


def _kept_at(interview: Interview) -> datetime | None:
    """When the files of this sitting's running workspace were kept last, or None."""
    kept_at: datetime | None = interview.kept_at
    ready_at = interview.ready_at
    is_of_this_sitting = kept_at is not None and ready_at is not None and kept_at >= ready_at
    return kept_at if is_of_this_sitting and interview.state is Status.ACTIVE else None


def _last_restored(interview: Interview) -> TimelineEntry | None:
    """When this sitting's workspace was started again with kept files, there or on another machine,
    the last time; or None."""
    for event in reversed(interview.timeline):
        if event.what in (TimelineEvent.RESTORED, TimelineEvent.MOVED):
            return event
        if event.status != Status.ACTIVE:
            break
    return None


def _estimated_wait(interview: Interview) -> str:
    """Return the estimated provisioning time, for example "about 20 seconds", or ""."""
    if interview.state not in PROVISIONING or not interview.provisioner:
        return ""
    usual = statistics.usual_duration(interview.provisioner)
    return durations.estimate(usual) if usual is not None else ""
