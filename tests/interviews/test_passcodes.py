"""A passcode can be read out on the phone."""

from interviews.passcodes import PASSCODE_ALPHABET, new_passcode


def test_passcode_is_eight_characters_that_cannot_be_confused():
    passcodes = {new_passcode() for _ in range(200)}
    assert len(passcodes) == 200
    assert {len(passcode) for passcode in passcodes} == {8}
    assert set("".join(passcodes)) <= set(PASSCODE_ALPHABET)
    assert not set("0O1I") & set(PASSCODE_ALPHABET)
