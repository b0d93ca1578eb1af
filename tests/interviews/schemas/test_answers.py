"""An answer reads a row as Ninja's own schemas do, and reads no answer twice."""

from collections.abc import Callable
from typing import Any

from ninja import Schema

from interviews.models import Interview
from interviews.schemas.answers import Answer


class ByNinja(Schema):
    id: str
    passcode: str
    valid_until: Any
    scheduled_at: Any
    noun: str
    status: str
    asked_by: str | None
    timeline: list["MomentByNinja"]

    @staticmethod
    def resolve_status(interview: Interview) -> str:
        return interview.state.name

    @staticmethod
    def resolve_asked_by(interview: Interview, context: Any) -> str | None:
        return (context or {}).get("name")


class MomentByNinja(Schema):
    by: str
    seconds: int | None


class Moment(Answer, MomentByNinja):
    pass


class AtOnce(Answer, ByNinja):
    timeline: list[Moment]  # type: ignore[assignment]


def test_answer_is_that_of_ninja(invite: Callable[..., Interview]) -> None:
    interview = invite()
    for context in (None, {"name": "recruiter"}):
        theirs = ByNinja.model_validate(interview, context=context).model_dump()
        assert AtOnce.model_validate(interview, context=context).model_dump() == theirs
        assert theirs["asked_by"] == (context and "recruiter")


def test_answer_of_other_objects_is_read_as_by_ninja() -> None:
    assert Moment.model_validate({"by": "candidate", "seconds": 5}).seconds == 5


def test_answer_is_not_read_again() -> None:
    class Made(Answer):
        name: str

        @staticmethod
        def resolve_name(made: Any) -> str:
            raise AssertionError

    made = Made.model_construct(name="Ada")
    assert Made.model_validate(made) is made
