"""*Preview email* in a dialog: the email that its form, as it is filled in, would send.

The button posts the form to the form's own address, with `preview` added: the same view reads it
by the same rules, and answers before it does anything.
"""

from collections.abc import Callable, Iterable

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from interviews.models import StaleWriteError
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError
from operations.mail.previews import EmailPreview

FIELD = "preview"


def is_asked(request: HttpRequest) -> bool:
    return request.method == "POST" and FIELD in request.POST


def show(
    request: HttpRequest, draw: Callable[[], EmailPreview], *, notify: bool = True
) -> HttpResponse:
    """The email that `draw` returns, or why there is none. `notify`: the form asks to send one."""
    if not notify:
        return _no_email(request, [_("No email is sent, as the box for it isn't ticked.")])
    try:
        preview = draw()
    except (WrongStateError, InvalidInputError) as error:
        return _no_email(request, [str(error)])
    except StaleWriteError:
        return _no_email(request, [str(CONFLICT_MESSAGE)])
    return render(request, "dashboard/emails/_preview.html", {"preview": preview})


def show_errors(request: HttpRequest, form: Form) -> HttpResponse:
    """What is to be fixed in the form first."""
    errors = []
    for name, messages in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        errors += [f"{label}: {message}" if label else str(message) for message in messages]
    return _no_email(request, errors)


def _no_email(request: HttpRequest, reasons: Iterable[str]) -> HttpResponse:
    context = {"reasons": reasons}
    return render(request, "dashboard/emails/_preview.html", context, status=422)
