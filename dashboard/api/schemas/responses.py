"""What endpoints of several kinds answer with."""

from typing import Annotated

from ninja import Schema
from pydantic import Field

from interviews.schemas.fields import CAMEL_ANSWER
from interviews.schemas.responses import ErrorOut


class Accepted(Schema):
    """Accepted. Without an operation, it is already done."""

    model_config = CAMEL_ANSWER

    interview_id: str
    operation_id: str | None


# Error responses of every endpoint: those that read, and those that change something.
REFUSED = dict.fromkeys((401, 403, 404, 422, 503), ErrorOut)
REFUSED_CHANGE = REFUSED | dict.fromkeys((400, 409, 413), ErrorOut)

After = Annotated[int, Field(ge=0, lt=10**20, description="The seq of the last line that you have")]
