"""The page *Branding*: the company's name, contact, color and logo, with a preview."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.forms.branding import BrandForm
from dashboard.permissions.decorators import require
from dashboard.permissions.roles import Permission
from operations.branding import Brand, change_brand
from operations.branding.brand import load_brand
from operations.branding.models import BrandRecord
from operations.exceptions import InvalidInputError


@require_http_methods(["GET", "POST"])
@require(Permission.ADMINISTER)
def branding(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: save it."""
    form = _form(request)
    if request.method == "GET":
        return _page(request, form, load_brand())
    if form.is_valid():
        try:
            change_brand(form.wanted())
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("Branding saved. Candidates see it within seconds."))
            return redirect("dashboard:branding")
    return _page(request, form, _entered(form), status=422)


@require_POST
@require(Permission.ADMINISTER)
def preview(request: HttpRequest) -> HttpResponse:
    """The preview of what is in the form; nothing is saved."""
    context = {"shown": _entered(_form(request)), "is_removed": "removes_logo" in request.POST}
    return render(request, "dashboard/branding/_preview.html", context)


def _form(request: HttpRequest) -> BrandForm:
    record = BrandRecord.objects.filter(pk=BrandRecord.ONLY_ID).defer("logo").first()
    defaults = {"company_name": settings.COMPANY_NAME, "contact": settings.COMPANY_CONTACT}
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return BrandForm(record or BrandRecord(), defaults, *sent)


def _entered(form: BrandForm) -> Brand:
    """The brand as the form has it, with the logo that is stored."""
    return replace(
        load_brand(),
        company=form.data.get("company_name", "").strip() or settings.COMPANY_NAME,
        contact=form.data.get("contact", "").strip() or settings.COMPANY_CONTACT,
        color=form.readable_color(),
    )


def _page(
    request: HttpRequest, form: BrandForm, shown: Brand, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "shown": shown}
    return render(request, "dashboard/branding/page.html", context, status=status)
