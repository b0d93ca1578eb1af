"""The pages of webhooks: list, log, form and actions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.forms.webhooks import TYPE_LABELS, WebhookForm
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import delivery_or_404, webhook_or_404
from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.lifecycle import Status
from interviews.pagination.cursors import InvalidCursorError
from operations.exceptions import InvalidInputError, WrongStateError
from operations.webhooks import actions, delivery_log
from operations.webhooks.models import (
    UNFINISHED,
    Delivery,
    DeliveryStatus,
    Webhook,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Filters of the log, by their name in the query string.
VIEWS: dict[str, tuple["_StrOrPromise", tuple[DeliveryStatus, ...]]] = {
    "": (gettext_lazy("All"), ()),
    "waiting": (gettext_lazy("Queued"), UNFINISHED),
    "delivered": (gettext_lazy("Delivered"), (DeliveryStatus.DELIVERED,)),
    "given-up": (gettext_lazy("Failed"), (DeliveryStatus.GIVEN_UP,)),
}


NOUNS: dict[str, "_StrOrPromise"] = {
    TAKE_HOME: gettext_lazy("Take-home test"),
    LIVE: gettext_lazy("Live interview"),
    DRY_RUN: gettext_lazy("Dry run"),
}


STATES: dict[DeliveryStatus, "_StrOrPromise"] = {
    DeliveryStatus.PENDING: gettext_lazy("Queued"),
    DeliveryStatus.FAILED: gettext_lazy("Retrying"),
    DeliveryStatus.DELIVERED: gettext_lazy("Delivered"),
    DeliveryStatus.GIVEN_UP: gettext_lazy("Failed"),
}


@dataclass(frozen=True)
class View:
    """A filter of the log, with the number of its messages."""

    key: str
    text: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Line:
    """A message in the log. `status` is the interview's new status, or None for a test message."""

    delivery: Delivery
    status: Status | None
    noun: str
    body: str

    @property
    def state(self) -> str:
        """How the delivery stands, in words."""
        if self.delivery.is_being_sent:
            return _("Sending")
        return str(STATES[DeliveryStatus(self.delivery.state)])


@require_GET
@require(Permission.ADMINISTER)
def webhooks(request: HttpRequest) -> HttpResponse:
    """The list, or for its own script the part of it that changes."""
    waiting = Count("deliveries", Q(deliveries__state__in=UNFINISHED))
    hooks = Webhook.objects.annotate(
        waiting=waiting,
        last_delivered_at=Max("deliveries__delivered_at"),
        # Aggregation drops the default ordering.
    ).order_by("name", "pk")
    context = {"webhooks": hooks, "room": hooks.count() < actions.MAX_WEBHOOKS}
    return _render_page_or_part(request, "list", "_list", context)


@require_http_methods(["GET", "POST"])
@require(Permission.ADMINISTER)
def create(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            webhook = actions.create(form.wanted, by=username(request))
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        except WrongStateError as error:
            form.add_error(None, str(error))
        else:
            return _with_secret(request, webhook, webhook.secret)
    return _form(request, form)


@require_http_methods(["GET", "POST"])
@require(Permission.ADMINISTER)
def change(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_or_404(webhook_id)
    form = WebhookForm(request.POST if request.method == "POST" else None, webhook)
    if form.is_bound and form.is_valid():
        try:
            actions.change(webhook, form.wanted, by=username(request))
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            return _done(request, webhook, _("Webhook saved."))
    return _form(request, form, webhook)


@require_GET
@require(Permission.ADMINISTER)
def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """The page, or for its own script the part of it that changes."""
    return _detail_page(request, webhook_or_404(webhook_id))


@require_POST
@require(Permission.ADMINISTER)
def test(request: HttpRequest, webhook_id: int) -> HttpResponse:
    return _ask(request, webhook_id, actions.send_test, _("Test event queued."))


@require_POST
@require(Permission.ADMINISTER)
def switch_on(request: HttpRequest, webhook_id: int) -> HttpResponse:
    return _ask(request, webhook_id, actions.switch_on, _("Webhook turned on."))


@require_POST
@require(Permission.ADMINISTER)
def switch_off(request: HttpRequest, webhook_id: int) -> HttpResponse:
    return _ask(request, webhook_id, actions.switch_off, _("Webhook turned off."))


@require_POST
@require(Permission.ADMINISTER)
def resend_given_up(request: HttpRequest, webhook_id: int) -> HttpResponse:
    done = _("Failed messages are being sent again.")
    return _ask(request, webhook_id, actions.resend_given_up, done)


@require_POST
@require(Permission.ADMINISTER)
def roll_secret(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_or_404(webhook_id)
    try:
        secret = actions.roll_secret(webhook, by=username(request))
    except WrongStateError as error:
        return _detail_page(request, webhook, refused=str(error))
    return _with_secret(request, webhook, secret)


@require_POST
@require(Permission.ADMINISTER)
def delete(request: HttpRequest, webhook_id: int) -> HttpResponse:
    webhook = webhook_or_404(webhook_id)
    actions.delete(webhook, by=username(request))
    messages.success(request, _("Webhook “%(name)s” deleted.") % {"name": webhook.name})
    return redirect("dashboard:webhooks")


@require_POST
@require(Permission.ADMINISTER)
def resend(request: HttpRequest, webhook_id: int, delivery_id: UUID) -> HttpResponse:
    webhook = webhook_or_404(webhook_id)
    delivery = delivery_or_404(webhook, delivery_id)
    try:
        actions.resend(delivery, by=username(request))
    except WrongStateError as error:
        return _detail_page(request, webhook, refused=str(error))
    return _done(request, webhook, _("The message is being sent again."))


def _ask(
    request: HttpRequest, webhook_id: int, do: Callable[..., object], done: str
) -> HttpResponse:
    webhook = webhook_or_404(webhook_id)
    try:
        do(webhook, by=username(request))
    except WrongStateError as error:
        return _detail_page(request, webhook, refused=str(error))
    return _done(request, webhook, done)


def _done(request: HttpRequest, webhook: Webhook, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("dashboard:webhook", webhook.pk)


def _with_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """Redirect to the webhook's page, which shows the secret once."""
    request.session[_secret_key(webhook)] = secret
    return redirect("dashboard:webhook", webhook.pk)


def _secret_key(webhook: Webhook) -> str:
    return f"secret-of-webhook-{webhook.pk}"


def _form(request: HttpRequest, form: WebhookForm, webhook: Webhook | None = None) -> HttpResponse:
    context = {"form": form, "webhook": webhook}
    status = 422 if form.errors else 200
    return render(request, "dashboard/webhooks/form.html", context, status=status)


def _detail_page(request: HttpRequest, webhook: Webhook, refused: str = "") -> HttpResponse:
    view = request.GET.get("show", "")
    if view not in VIEWS:
        raise Http404("There is no such list of messages.")
    try:
        page = delivery_log.list_deliveries(
            webhook, states=VIEWS[view][1], cursor=request.GET.get("cursor")
        )
    except InvalidCursorError:
        raise Http404("There is no such page of messages.") from None
    counts = delivery_log.delivery_counts(webhook)
    views = [
        View(key, str(text), sum(counts.get(s, 0) for s in states or DeliveryStatus), key == view)
        for key, (text, states) in VIEWS.items()
    ]
    context = {
        "webhook": webhook,
        "types": [str(label) for type_, label in TYPE_LABELS.items() if type_ in webhook.types],
        "statuses": [status for status in Status if status in webhook.statuses],
        "lines": [_line(delivery) for delivery in page.items],
        "views": views,
        "show": view,
        "next": page.next,
        "is_first": "cursor" not in request.GET,
        "given_up": counts.get(DeliveryStatus.GIVEN_UP, 0),
        "refused": refused,
    }
    if not request.headers.get("HX-Request"):
        context["secret"] = request.session.pop(_secret_key(webhook), "")
    return _render_page_or_part(
        request, "detail", "_detail", context, status=409 if refused else 200
    )


def _line(delivery: Delivery) -> Line:
    message = json.loads(delivery.body)
    about = message.get("interview", {})
    return Line(
        delivery=delivery,
        status=Status(about["status"]) if about else None,
        noun=str(NOUNS.get(about.get("type", ""), "")),
        body=json.dumps(message, indent=2, ensure_ascii=False),
    )


def _render_page_or_part(
    request: HttpRequest, whole: str, part: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    name = part if request.headers.get("HX-Request") else whole
    return render(request, f"dashboard/webhooks/{name}.html", context, status=status)
