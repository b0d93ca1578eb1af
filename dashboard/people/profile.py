"""What people change about themselves."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from dashboard.people.actions import read_email, read_name, split_name
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError


def change_profile(user: User, *, name: str, email: str) -> None:
    """Change the name and, unless single sign-on sets it, the email address.

    Raises:
        InvalidInputError: if a field cannot be accepted; then nothing is changed.
    """
    name = read_name(name)
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
    if not changed:
        return
    for field in changed:
        setattr(user, field, values[field])
    user.save(update_fields=changed)
    names = ", ".join(field.replace("_", " ") for field in changed)
    audit.record(AuditAction.PROFILE_CHANGED, target=user.get_username(), detail=names)


def has_fixed_email(user: User) -> bool:
    """True if single sign-on sets the address at each sign-in."""
    return bool(user.singlesignon_set.exists())
