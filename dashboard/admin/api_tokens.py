"""API tokens in the admin: create one, which shows its text once, or revoke it. No editing."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.admin.base import Guarded
from dashboard.auth import api_tokens
from dashboard.forms.api_tokens import TokenForm
from dashboard.models import ApiToken
from dashboard.permissions.decorators import actor, may, username
from dashboard.permissions.roles import Permission


@admin.register(ApiToken)
class ApiTokenAdmin(Guarded):
    sees = changes = Permission.ADMINISTER
    list_display = ("name", "role", "hint", "created_by", "created_at", "last_used_at", "works")
    list_filter = ("role", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "created_by", "hint")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.display(description=gettext_lazy("active"), boolean=True)
    def works(self, token: ApiToken) -> bool:
        return token.revoked_at is None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_administer_permission(self, request: HttpRequest) -> bool:
        return may(request, Permission.ADMINISTER)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        known = ("hint", "created_by", "created_at", "last_used_at", "revoked_at")
        return ("name", "role", *known) if obj is not None else ("name", "role")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = False, **kw: Any
    ) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kw)
        asker = actor(request)

        class Form(TokenForm):
            def __init__(self, data: Any = None, files: Any = None, **more: Any) -> None:
                super().__init__(asker, data, instance=more.get("instance"))

        return Form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer one save button: the others would lead to the same page, which shows the text."""
        one = {"show_save_and_add_another": False, "show_save_and_continue": False}
        context = {**(extra_context or {}), **one}
        try:
            return super().add_view(request, form_url, context)
        except api_tokens.TokenNameTakenError:
            # The name was taken after the form was checked. The second check finds it and reports
            # it.
            return super().add_view(request, form_url, context)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.Form, change: bool) -> None:
        token, text = api_tokens.create(obj.name, obj.role, by=username(request))
        # The text is not a model field, so it is not stored. The response shows it.
        obj.pk, obj.hint, obj.text = token.pk, token.hint, text

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the text on this page only: Django would keep a message in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("API token %(name)s") % {"name": obj.name},
            "opts": self.opts,
            "text": obj.text,
        }
        return TemplateResponse(request, "admin/dashboard/apitoken/created.html", context)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["administer"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> HttpResponse | None:
        working = chosen.filter(revoked_at=None)
        if request.POST.get("post") != "yes":
            context = {
                **self.admin_site.each_context(request),
                "title": _("Revoke tokens"),
                "opts": self.opts,
                "tokens": working,
            }
            return TemplateResponse(request, "admin/dashboard/apitoken/revoke.html", context)
        for token in working:
            api_tokens.revoke(token)
            self.log_change(request, token, "Revoked.")
            messages.success(request, _("%(name)s was revoked.") % {"name": token.name})
        return None
