"""People with a second factor."""

from django.contrib.auth.models import User
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.second_factor import devices
from tests.authenticator import code_for


def code_of(user: User, *, steps: int = 0) -> str:
    """The code for the person's key, confirmed or not."""
    return code_for(TOTPDevice.objects.get(user=user).bin_key, steps=steps)


def turn_on(user: User) -> list[str]:
    """Give the person a confirmed app, none of whose codes is used, and return recovery codes."""
    device = devices.start_set_up(user)
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    return devices.new_recovery_codes(user)
