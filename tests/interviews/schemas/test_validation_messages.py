"""The messages of pydantic's errors, and the fields that they are shown beside."""

import pytest
from pydantic import ValidationError

from interviews.schemas.invitations import TakeHomeInvitation
from interviews.schemas.validation_messages import field_messages


@pytest.mark.parametrize("days", ["valid_days", "validDays"])
def test_messages_have_the_name_of_their_field(days):
    """Under an alias too, which is where pydantic locates an error."""
    with pytest.raises(ValidationError) as raised:
        TakeHomeInvitation.model_validate({"candidate_name": "Ada", days: 31})
    assert field_messages(raised.value, TakeHomeInvitation) == [
        ("challenge", "This field is required."),
        ("valid_days", "Enter 30 or less."),
    ]
