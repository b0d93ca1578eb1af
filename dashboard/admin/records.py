"""DynamoDB records in Django's admin: list, detail page, history and actions.

Nothing here reads through the ORM: each subclass reads its own records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from dashboard.admin.actions import RecordAction
from dashboard.admin.base import Guarded
from dashboard.permissions.decorators import may, username
from interviews.models import StaleWriteError
from interviews.pagination.cursors import InvalidCursorError
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Most records per action: each needs several requests to the tables.
MAX_SELECTED = 50


@dataclass(frozen=True)
class Listing:
    """A page of the list, and the cursor of the next page, or None on the last one."""

    items: list[Any]
    next: str | None


@dataclass(frozen=True)
class Option:
    """A choice of a filter, with the attribute names that the admin's filter template reads."""

    display: str
    query_string: str
    selected: bool


@dataclass(frozen=True)
class Filter:
    title: str
    choices: list[Option]


class RecordAdmin(Guarded):
    """One kind of record; every record has an `id`.

    Its own templates are change_list.html and change_form.html in admin/dashboard/<model>/. They
    extend the ones in admin/records/.
    """

    record_actions: ClassVar[tuple[RecordAction, ...]] = ()
    search_help_text: "ClassVar[_StrOrPromise]" = ""
    # Query parameter -> title and values of each filter in the sidebar; "" means no filter.
    sidebar_filters: ClassVar[
        "Mapping[str, tuple[_StrOrPromise, Mapping[str, _StrOrPromise]]]"
    ] = {}

    def list_records(self, request: HttpRequest, params: Mapping[str, str]) -> Listing:
        """A page of the records that match the query parameters.

        Raises:
            InvalidCursorError: if the cursor in `params` is not valid.
        """
        raise NotImplementedError

    def get_record(self, record_id: str) -> Any | None:
        raise NotImplementedError

    def detail_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Template context of the record's page."""
        raise NotImplementedError

    def shown_record(self, request: HttpRequest, record: Any) -> Any:
        """The record as this person may see it."""
        return record

    def display_name(self, record: Any) -> str:
        """The record's display name."""
        return str(record.id)

    # -- Views, under the names that Django gives them ---------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """A model instance, which the admin's own views need."""
        record = self.get_record(object_id)
        return self.model(pk=record.id) if record is not None else None

    def changelist_view(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._run_or_confirm(request)
        params = request.GET
        try:
            listing = self.list_records(request, params)
        except InvalidCursorError:
            return redirect(f"{request.path}?{_query_string(params, cursor=None)}")
        context = {
            "title": _("Select %(record)s to view") % {"record": self.opts.verbose_name},
            "listing": listing,
            "query": params.get("q", ""),
            "kept": {k: v for k, v in params.items() if k not in ("q", "cursor") and v},
            "help": self.search_help_text,
            "filters": self._filters(params),
            "is_filtered": any(params.get(name) for name in self.sidebar_filters),
            "cursor": params.get("cursor", ""),
            "first_url": f"?{_query_string(params, cursor=None)}",
            "next_url": f"?{_query_string(params, cursor=listing.next)}",
            "record_actions": [
                action for action in self.record_actions if may(request, action.permission)
            ],
        }
        return self._page(request, "change_list.html", context)

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The record's page, read only."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_record(unquote(object_id))
        if record is None:
            messages.warning(
                request, _("This %(record)s no longer exists.") % {"record": self.opts.verbose_name}
            )
            return redirect(self._list_url)
        record = self.shown_record(request, record)
        context = {
            "title": _("View %(record)s") % {"record": self.opts.verbose_name},
            "subtitle": self.display_name(record),
            "record": record,
            "record_actions": [
                d
                for d in self.record_actions
                if may(request, d.permission) and d.is_available(record)
            ],
            **self.detail_context(request, record),
        }
        return self._page(request, "change_form.html", context)

    # -- Actions -----------------------------------------------------------------------------------

    def _run_or_confirm(self, request: HttpRequest) -> HttpResponseBase:
        """Show the confirmation page of the selected action, or run it once it is confirmed."""
        action = next(
            (d for d in self.record_actions if d.verb == request.POST.get("action")), None
        )
        selected = request.POST.getlist("_selected_action")
        if action is None:
            return self._refuse(request, _("Select an action."))
        if not may(request, action.permission):
            raise PermissionDenied
        if len(selected) > MAX_SELECTED:
            return self._refuse(request, _("Select %(most)s or fewer.") % {"most": MAX_SELECTED})
        records = [record for each in dict.fromkeys(selected) if (record := self.get_record(each))]
        if not records:
            message = (
                _("The selected records no longer exist.") if selected else _("Select a record.")
            )
            return self._refuse(request, message)
        is_confirmed = request.POST.get("post") == "yes"
        form = action.form(request.POST if is_confirmed else None) if action.form else None
        if is_confirmed and (form is None or form.is_valid()):
            return self._run(request, action, records, form)
        return self._confirm(request, action, records, form)

    def _confirm(
        self,
        request: HttpRequest,
        action: RecordAction,
        records: list[Any],
        form: forms.Form | None,
    ) -> HttpResponseBase:
        context = {
            "title": action.title,
            "record_action": action,
            "form": form,
            "confirmations": [
                (each.id, self.display_name(each), action.confirmation(each)) for each in records
            ],
            "label": action.confirmation(records[0]).confirm_label
            if len(records) == 1
            else action.title,
            "back": self._back(request, action, records),
            "comes_from": request.POST.get("comes_from", ""),
        }
        status = 422 if form is not None and form.is_bound else 200
        return self._page(request, "confirm.html", context, status=status)

    def _run(
        self,
        request: HttpRequest,
        action: RecordAction,
        records: list[Any],
        form: forms.Form | None,
    ) -> HttpResponseBase:
        """Run the action on each record separately: one failure does not stop the others."""
        values = form.cleaned_data if form is not None else {}
        for record in records:
            name, confirmation = self.display_name(record), action.confirmation(record)
            try:
                detail = action.run(record, username(request), values)
            except InvalidInputError as error:
                if form is not None and len(records) == 1 and error.field in form.fields:
                    form.add_error(error.field, error.message)
                    return self._confirm(request, action, records, form)
                messages.error(request, f"{name}: {error.message}")
            except WrongStateError as error:
                messages.error(request, f"{name}: {error}")
            except StaleWriteError:
                messages.error(request, f"{name}: {CONFLICT_MESSAGE}")
            else:
                self._log(request, action, record, detail)
                messages.success(request, f"{name}: {confirmation.done_message}")
        return redirect(self._back(request, action, records, is_done=True))

    def _log(self, request: HttpRequest, action: RecordAction, record: Any, detail: str) -> None:
        row = self.model(pk=record.id)
        if action.deletes:
            # log_deletions only iterates over the objects.
            self.log_deletions(request, cast(Any, [row]))
        else:
            # It is stored, so it is in English in every language.
            with translation.override("en"):
                self.log_change(request, row, f"{action.title}. {detail}".strip())

    def _refuse(self, request: HttpRequest, message: str) -> HttpResponse:
        messages.warning(request, message)
        return redirect(request.get_full_path())

    def _back(
        self, request: HttpRequest, action: RecordAction, records: list[Any], is_done: bool = False
    ) -> str:
        """The page on which the action was started, or the list if that record is deleted."""
        if request.POST.get("comes_from") == "page" and not (is_done and action.deletes):
            return reverse(self._url_name("change"), args=[quote(records[0].id)])
        return request.get_full_path()

    def _filters(self, params: QueryDict) -> list[Filter]:
        return [
            Filter(
                str(title),
                [
                    Option(
                        str(text),
                        f"?{_query_string(params, **{name: value}, cursor=None)}",
                        params.get(name, "") == value,
                    )
                    for value, text in {"": _("All"), **values}.items()
                ],
            )
            for name, (title, values) in self.sidebar_filters.items()
        ]

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "list_url": self._list_url,
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        own = f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}"
        names = [own, f"admin/records/{template}"]
        return TemplateResponse(request, names, {**common, **context}, status=status)

    @property
    def _list_url(self) -> str:
        return reverse(self._url_name("changelist"))

    def _url_name(self, view: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}"


def _query_string(params: QueryDict, **changes: str | None) -> str:
    """The query string with these changes, without empty values."""
    return urlencode({name: value for name, value in {**params.dict(), **changes}.items() if value})
