"""Setting it up: from the password, which was given again, to the first code of the app."""

import time

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.second_factor import devices

# In the session, the Unix time in seconds at which the password was given.
KEY = "two_step_started"
# The time for entering the key into an app.
SECONDS = 15 * 60


def begin(request: HttpRequest, user: User) -> None:
    """Make a new key, which this session may see for SECONDS."""
    devices.start_set_up(user)
    request.session[KEY] = time.time()


def device_of(request: HttpRequest, user: User) -> TOTPDevice | None:
    """The device with the key that this session may see, or None."""
    if not 0 <= time.time() - request.session.get(KEY, 0) < SECONDS:
        return None
    return devices.in_set_up(user)


def finish(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
