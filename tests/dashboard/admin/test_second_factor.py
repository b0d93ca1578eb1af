"""The admin has no page on devices: it would show their keys."""

from django.contrib import admin
from django_otp.models import Device


def test_no_device_is_in_the_admin() -> None:
    assert not [model for model in admin.site._registry if issubclass(model, Device)]
