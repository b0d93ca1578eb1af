"""What people change about themselves."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.models import Profile
from dashboard.people.actions import read_email, read_name, split_name
from interviews import local_time
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError


def change_profile(user: User, *, name: str, email: str, time_zone: str) -> None:
    """Change the name, the zone and, unless single sign-on sets it, the email address.

    `time_zone` is a zone's name, or its city's; "" stands for the browser's zone.

    Raises:
        InvalidInputError: if a field cannot be accepted; then nothing is changed.
    """
    name, zone = read_name(name), read_time_zone(time_zone)
    # A name of which only we know where it parts, as from single sign-on, stays as it is.
    is_renamed = name != " ".join(user.get_full_name().split())
    first, last = split_name(name) if is_renamed else (user.first_name, user.last_name)
    email = email.strip()
    if has_fixed_email(user):
        email = user.email
    elif email != user.email:
        email = read_email(email) if email else ""
        if email and User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
            message = _("Someone else's account has this email.")
            raise InvalidInputError("email", message)
    values = {"first_name": first, "last_name": last, "email": email}
    changed = [field for field, value in values.items() if getattr(user, field) != value]
    for field in changed:
        setattr(user, field, values[field])
    with transaction.atomic():
        if changed:
            user.save(update_fields=changed)
        if zone != time_zone_of(user):
            Profile.objects.update_or_create(user=user, defaults={"time_zone": zone})
            changed.append("time_zone")
    if not changed:
        return
    names = ", ".join(field.replace("_", " ") for field in changed)
    audit.record(AuditAction.PROFILE_CHANGED, target=user.get_username(), detail=names)


def has_fixed_email(user: User) -> bool:
    """True if single sign-on sets the address at each sign-in."""
    return bool(user.singlesignon_set.exists())


def time_zone_of(user: User) -> str:
    """The zone that the person chose for their pages; "" for the browser's."""
    profile = Profile.objects.filter(user_id=user.pk).first()
    return profile.time_zone if profile is not None else ""


def read_time_zone(text: str) -> str:
    """Return the zone of a name, or of a city alone, and "" for a blank text.

    Raises:
        InvalidInputError: if there is no such zone.
    """
    if not text.strip():
        return ""
    zone = local_time.find_zone(text)
    if zone is None:
        raise InvalidInputError("time_zone", _("Enter a time zone such as Europe/Berlin."))
    return zone
