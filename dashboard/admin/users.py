"""Users and roles in the admin.

Users can only grant permissions that they have, and only superusers can edit superusers: resetting
a password is as good as becoming that user.
"""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.contrib.auth.models import Permission as DjangoPermission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.admin.base import Guarded
from dashboard.people import rules
from dashboard.permissions.decorators import actor
from dashboard.permissions.roles import ROLES, TITLES, Permission
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import WrongStateError

OURS = Q(content_type__app_label="dashboard", codename__in=list(Permission))
# The audit trail states old and new values of these fields: "Changed Active" alone would not say
# which.
ACCESS = gettext_lazy("Permissions")
WITH_VALUES = ("username", "is_active", "is_staff", "is_superuser")


class Audited(Guarded):
    """Changes here are written to the admin's history and to the audit trail."""

    sees = changes = Permission.ADMINISTER

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._audit(obj, "added")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        self._audit(obj, "changed", entry.get_change_message())
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._audit(obj, "deleted")
        return super().log_deletions(request, queryset)

    def _audit(self, obj: Any, done: str, detail: str = "") -> None:
        action = AuditAction(f"{self.opts.model_name}_{done}")
        audit.record(action, target=str(obj), detail=detail)


admin.site.unregister(User)
admin.site.unregister(Group)
# Their pages would show keys, and let somebody add a device to another person's account.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    """Django's own form, which leaves an administrator."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        stays = rules.is_administrator(
            values.get("is_active", self.instance.is_active)
            and values.get("is_staff", self.instance.is_staff),
            values.get("is_superuser", self.instance.is_superuser),
            values.get("groups", self.instance.groups.all()),
        )
        if not stays:
            try:
                with transaction.atomic():
                    rules.require_another_administrator(self.instance)
            except WrongStateError as error:
                raise ValidationError(str(error)) from None
        return values


@admin.register(User)
class UserAdmin(Audited, DjangoUserAdmin):  # type: ignore[type-arg]
    form = UserForm
    list_display = ("username", "roles", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Personal details"), {"fields": ("first_name", "last_name", "email")}),
        (ACCESS, {"fields": ("is_active", "is_staff", "groups")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "usable_password", "password1", "password2"),
            },
        ),
        (ACCESS, {"fields": ("is_staff", "groups")}),
    )

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        names = sorted(group.name for group in person.groups.all())
        return ", ".join([*([_("Superuser")] if person.is_superuser else []), *names]) or _("none")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the superuser switch to superusers only, and password fields only to those who may
        reset it.
        """
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("username",)}), *fieldsets[1:]]
        if obj is None or not _is_superuser(request):
            return fieldsets
        fields = ("is_active", "is_staff", "is_superuser", "groups")
        return [(t, {"fields": fields} if t == ACCESS else o) for t, o in fieldsets]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.queryset = _within(request, Group.objects.all())
        return field

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        words = {
            "is_staff": _("Can sign in to the dashboard and to this admin."),
            "groups": _("Permissions of several roles add up."),
        }
        texts = {"labels": {"groups": _("Roles")}, "help_texts": words}
        return super().get_form(request, obj, change=change, **texts, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_below(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: deactivated users keep their history, which a deletion would remove."""
        return _is_superuser(request) and obj != request.user

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        changes: Any = super().construct_change_message(request, form, formsets, add)
        for each in changes:
            fields = each.get("changed", {}).get("fields", [])
            names = zip(form.changed_data, fields, strict=False)
            fields[:] = [_with_values(form, name, label) for name, label in names]
        return changes


@admin.register(Group)
class RoleAdmin(Audited, GroupAdmin):
    filter_horizontal = ()
    readonly_fields = ("gives",)

    @admin.display(description=gettext_lazy("permissions"))
    def gives(self, role: Group) -> str:
        """The permissions of a role, one per line, where the role cannot be edited here."""
        held = set(role.permissions.filter(OURS).values_list("codename", flat=True))
        return "\n".join(TITLES[permission] for permission in Permission if permission in held)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        is_changed = obj is None or self.has_change_permission(request, obj)
        return ("name", "permissions" if is_changed else "gives")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions" and field is not None:
            held = [p.value for p in actor(request).permissions]
            field.queryset = DjangoPermission.objects.filter(OURS, codename__in=held)
            # Leave out the app and model names, which mean nothing to staff.
            cast(Any, field).label_from_instance = lambda permission: permission.name
        return field

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never for the built-in roles: tokens and the documentation rely on their
        permissions.
        """
        is_fixed = obj is not None and obj.name in ROLES
        return super().has_change_permission(request, obj) and not is_fixed and _is_in(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _with_values(form: Any, name: str, label: str) -> str:
    if name not in WITH_VALUES:
        return label
    words: dict[Any, str] = {True: "yes", False: "no"}
    was, is_ = form.initial[name], form.cleaned_data[name]
    return f"{label} ({words.get(was, was)} to {words.get(is_, is_)})"


def _within(request: HttpRequest, groups: QuerySet[Group]) -> QuerySet[Group]:
    """The groups that grant nothing which the acting user lacks."""
    lacked = set(Permission) - actor(request).permissions
    return groups.exclude(permissions__in=DjangoPermission.objects.filter(_ours(lacked)))


def _is_in(request: HttpRequest, group: Group | None) -> bool:
    return group is None or _within(request, Group.objects.filter(pk=group.pk)).exists()


def _is_below(request: HttpRequest, person: User | None) -> bool:
    """True if the user has no permission that the acting user lacks, even while deactivated."""
    if person is None or _is_superuser(request):
        return True
    lacked = DjangoPermission.objects.filter(_ours(set(Permission) - actor(request).permissions))
    theirs = lacked.filter(Q(group__user=person) | Q(user=person))
    return not person.is_superuser and not theirs.exists()


def _ours(permissions: set[Permission]) -> Q:
    return Q(content_type__app_label="dashboard", codename__in=[p.value for p in permissions])
