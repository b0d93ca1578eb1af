"""Connections of the consumer, without a server."""

from interviews.events import InterviewChanged, publish


def change(interview_id: str, status: str = "active") -> None:
    publish(InterviewChanged(interview_id, "take-home", status))
