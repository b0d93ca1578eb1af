"""The page of API tokens: list, create and revoke."""

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.auth import api_tokens
from dashboard.forms.api_tokens import TAKEN, TokenForm
from dashboard.models import ApiToken
from dashboard.permissions.decorators import actor, require, username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import MAX_ID


@require_GET
@require(Permission.ADMINISTER)
def token_list(request: HttpRequest) -> HttpResponse:
    return _list_page(request, TokenForm(actor(request)))


@sensitive_variables("text")
@require_POST
@require(Permission.ADMINISTER)
def create(request: HttpRequest) -> HttpResponse:
    """The response is the only page that ever shows the token."""
    form = TokenForm(actor(request), request.POST)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    name, role = form.cleaned_data["name"], form.cleaned_data["role"]
    try:
        token, text = api_tokens.create(name, role, by=username(request))
    except api_tokens.TokenNameTakenError:
        form.add_error("name", TAKEN)
        return _list_page(request, form, status=422)
    context = {"token": token, "text": text}
    return render(request, "dashboard/api_tokens/created.html", context, status=201)


@require_http_methods(["GET", "POST"])
@require(Permission.ADMINISTER)
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """GET: the confirmation page. POST: revoke the token."""
    token = ApiToken.objects.filter(pk=token_id).first() if token_id <= MAX_ID else None
    if token is None:
        raise Http404("There is no such token.")
    if request.method == "GET":
        return render(request, "dashboard/api_tokens/revoke.html", {"token": token})
    if token.revoked_at is None:
        api_tokens.revoke(token)
    return redirect("dashboard:tokens")


def _list_page(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    # Databases differ in where they sort NULL.
    working_first = F("revoked_at").asc(nulls_first=True)
    context = {"form": form, "tokens": ApiToken.objects.order_by(working_first, "name")}
    return render(request, "dashboard/api_tokens/list.html", context, status=status)
