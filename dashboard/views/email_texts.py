"""The pages *Email texts*: what candidates are written, in each language."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.forms.email_texts import EmailTextForm
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from interviews.models import StaleWriteError
from operations.exceptions import InvalidInputError
from operations.mail.previews import EmailPreview, preview_text
from operations.mail.texts import changes
from operations.mail.texts.edited import complete_text, edited_text
from operations.mail.texts.kinds import BY_KEY, KINDS, PLACEHOLDERS, TextKind
from operations.mail.texts.models import EmailText
from operations.mail.texts.placeholders import as_typed
from operations.mail.texts.standard import Text

CHANGED_MEANWHILE = gettext_lazy(
    "Somebody else changed this text while you were editing. Yours is still here: compare it with "
    "theirs below, and save again to replace it."
)
CHANGED_BEFORE_RESET = gettext_lazy(
    "Somebody else changed this text. Look at it, then reset again."
)


@require_GET
@require(Permission.EDIT_EMAIL_TEXTS)
def email_texts(request: HttpRequest) -> HttpResponse:
    edited = set(EmailText.objects.values_list("key", "language"))
    languages = [get_language_info(code) for code, _name in settings.LANGUAGES]
    rows = [
        (kind, [(each, (kind.key, each["code"]) in edited) for each in languages]) for kind in KINDS
    ]
    context = {"rows": rows, "language": get_language_info(settings.LANGUAGE_CODE)}
    return render(request, "dashboard/email_texts/list.html", context)


@require_http_methods(["GET", "POST"])
@require(Permission.EDIT_EMAIL_TEXTS)
def email_text(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """GET: the form. POST: save it."""
    kind = _kind_or_404(key, language)
    form = _form(request, kind, language)
    if request.method == "GET":
        return _page(request, form, language)
    status = 422
    if form.is_valid():
        try:
            changes.save_text(kind, language, form.text, based_on=form.based_on)
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        except StaleWriteError:
            return _conflict(request, form, language)
        else:
            messages.success(request, _("Text saved. The next emails have it."))
            return redirect("dashboard:email-text", key, language)
    return _page(request, form, language, status=status)


@require_POST
@require(Permission.EDIT_EMAIL_TEXTS)
def reset(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Use the standard text again."""
    kind = _kind_or_404(key, language)
    try:
        changes.reset_text(kind, language, based_on=request.POST.get("version", ""))
    except StaleWriteError:
        form = _stored_form(kind, language)
        return _page(request, form, language, status=409, refused=str(CHANGED_BEFORE_RESET))
    messages.success(request, _("The standard text is used again."))
    return redirect("dashboard:email-text", key, language)


@require_POST
@require(Permission.EDIT_EMAIL_TEXTS)
def preview(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """The email of what is in the form, with a made-up candidate; nothing is saved."""
    form = _form(request, _kind_or_404(key, language), language)
    context = {"form": form, "preview": _preview(request, form, language)}
    return render(request, "dashboard/email_texts/_preview.html", context)


def _kind_or_404(key: str, language: str) -> TextKind:
    if key not in BY_KEY or language not in dict(settings.LANGUAGES):
        raise Http404
    return BY_KEY[key]


def _form(request: HttpRequest, kind: TextKind, language: str) -> EmailTextForm:
    return _stored_form(kind, language, request.POST if request.method == "POST" else None)


def _stored_form(kind: TextKind, language: str, sent: QueryDict | None = None) -> EmailTextForm:
    shown = complete_text(kind, language)
    return EmailTextForm(kind, shown, changes.version_of(kind, language), sent)


def _conflict(request: HttpRequest, form: EmailTextForm, language: str) -> HttpResponse:
    # Before the form has an error, as the preview would be of what is wrong.
    preview = _preview(request, form, language)
    form.add_error(None, str(CHANGED_MEANWHILE))
    form.show_version(changes.version_of(form.kind, language))
    theirs = complete_text(form.kind, language)
    return _page(request, form, language, status=409, theirs=theirs, preview=preview)


def _preview(request: HttpRequest, form: EmailTextForm, language: str) -> EmailPreview | None:
    """The email, or None while the form has an error."""
    text = Text(form["subject"].value() or "", form["body"].value() or "")
    if form.is_bound:
        if not form.is_valid():
            return None
        text = form.text
    return preview_text(form.kind, language, text, by=username(request))


def _page(
    request: HttpRequest,
    form: EmailTextForm,
    language: str,
    *,
    status: int = 200,
    theirs: Text | None = None,
    preview: EmailPreview | None = None,
    refused: str = "",
) -> HttpResponse:
    kind = form.kind
    context = {
        "form": form,
        "kind": kind,
        "language": get_language_info(language),
        "languages": [get_language_info(code) for code, _name in settings.LANGUAGES],
        "is_sent": language == settings.LANGUAGE_CODE,
        "is_edited": edited_text(kind, language) != Text(),
        "placeholders": [
            (as_typed([name]), PLACEHOLDERS[name], name in kind.required, name in kind.of_subject)
            for name in kind.placeholders
        ],
        "preview": preview or _preview(request, form, language),
        "theirs": theirs,
        "refused": refused,
    }
    return render(request, "dashboard/email_texts/page.html", context, status=status)
