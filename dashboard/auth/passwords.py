"""The page where a person sets a password, which a link opens once."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from dashboard.auth.second_step import continue_sign_in
from dashboard.forms.profile import NewPasswordForm
from dashboard.people.passwords import record_password_set
from dashboard.permissions.decorators import address_of


@method_decorator(require_http_methods(["GET", "POST"]), name="dispatch")
class SetPasswordView(PasswordResetConfirmView):
    """Django's own view, which keeps the token in the session and not in the page's URL.

    The other sessions of the person end, because Django binds them to the password.
    """

    form_class = NewPasswordForm
    template_name = "dashboard/auth/set_password.html"
    success_url = reverse_lazy("dashboard:take-homes")

    def get_user(self, uidb64: str) -> User | None:
        """The person of the link; nobody without a place here."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active and user.is_staff else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"user": self.user, "data": self.request.POST or None}

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in with the new password, which asks for a code as any sign-in does."""
        record_password_set(form.user, address_of(self.request))
        super().form_valid(form)
        return continue_sign_in(self.request, form.user, self.get_success_url())
