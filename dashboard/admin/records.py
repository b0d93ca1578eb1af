"""Records of DynamoDB in Django's admin: the list, the page, the history, and what is done to them.

Nothing here reads through the ORM: each kind of record says how it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast
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

from dashboard.admin.actions import RecordAction
from dashboard.admin.base import Guarded
from dashboard.permissions.decorators import may, username
from interviews.models import StaleWriteError
from interviews.pagination.cursors import InvalidCursorError
from operations.exceptions import CONFLICT_MESSAGE, InvalidInputError, WrongStateError

# So many at once: each is several requests to the tables.
AT_ONCE = 50


@dataclass(frozen=True)
class Listing:
    """A page of the list, and the cursor of the next one (None: this is the last)."""

    items: list[Any]
    next: str | None


@dataclass(frozen=True)
class Option:
    """A choice of a filter, by the names that the admin's own template of filters reads."""

    display: str
    query_string: str
    selected: bool


@dataclass(frozen=True)
class Filter:
    title: str
    choices: list[Option]


class RecordAdmin(Guarded):
    """One kind of record; every record has an `id`. Its own templates are change_list.html and
    change_form.html in admin/dashboard/<model>/, which extend those of admin/records/."""

    deeds: ClassVar[tuple[RecordAction, ...]] = ()
    search_help_text = ""
    # name in the address -> title and values of each filter in the margin; "" is no filter.
    narrowed_by: ClassVar[Mapping[str, tuple[str, Mapping[str, str]]]] = {}

    def read(self, request: HttpRequest, asked: Mapping[str, str]) -> Listing:
        """A page of what is asked for. Raises InvalidCursorError."""
        raise NotImplementedError

    def find(self, record_id: str) -> Any | None:
        raise NotImplementedError

    def sheet(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What the template of its page needs."""
        raise NotImplementedError

    def name_of(self, record: Any) -> str:
        """What people call it."""
        return str(record.id)

    # -- Django's names of the views ---------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """For the admin's own views, which want an instance of the model."""
        found = self.find(object_id)
        return self.model(pk=found.id) if found is not None else None

    def changelist_view(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._asked(request)
        asked = request.GET
        try:
            listing = self.read(request, asked)
        except InvalidCursorError:
            return redirect(f"{request.path}?{_address(asked, cursor=None)}")
        context = {
            "title": f"Select {self.opts.verbose_name} to view",
            "listing": listing,
            "query": asked.get("q", ""),
            "kept": {k: v for k, v in asked.items() if k not in ("q", "cursor") and v},
            "help": self.search_help_text,
            "filters": self._filters(asked),
            "is_narrowed": any(asked.get(name) for name in self.narrowed_by),
            "cursor": asked.get("cursor", ""),
            "newest": f"?{_address(asked, cursor=None)}",
            "older": f"?{_address(asked, cursor=listing.next)}",
            "deeds": [deed for deed in self.deeds if may(request, deed.needs)],
        }
        return self._page(request, "change_list.html", context)

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Its page, on which nothing is typed."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.find(unquote(object_id))
        if record is None:
            messages.warning(request, f"There is no such {self.opts.verbose_name} any more.")
            return redirect(self._list_url)
        context = {
            "title": f"View {self.opts.verbose_name}",
            "subtitle": self.name_of(record),
            "record": record,
            "deeds": [d for d in self.deeds if may(request, d.needs) and d.fits(record)],
            **self.sheet(request, record),
        }
        return self._page(request, "change_form.html", context)

    # -- what is done ------------------------------------------------------------------------------

    def _asked(self, request: HttpRequest) -> HttpResponseBase:
        """An action of the list was chosen, or the question before it was answered."""
        deed = next((d for d in self.deeds if d.verb == request.POST.get("action")), None)
        chosen = request.POST.getlist("_selected_action")
        if deed is None:
            return self._refuse(request, "No action selected.")
        if not may(request, deed.needs):
            raise PermissionDenied
        if len(chosen) > AT_ONCE:
            return self._refuse(request, f"{AT_ONCE} at once, at most.")
        records = [found for each in dict.fromkeys(chosen) if (found := self.find(each))]
        if not records:
            sentence = "What was selected is no longer there." if chosen else "Nothing is selected."
            return self._refuse(request, sentence)
        is_answered = request.POST.get("post") == "yes"
        form = deed.form(request.POST if is_answered else None) if deed.form else None
        if is_answered and (form is None or form.is_valid()):
            return self._do(request, deed, records, form)
        return self._question(request, deed, records, form)

    def _question(
        self, request: HttpRequest, deed: RecordAction, records: list[Any], form: forms.Form | None
    ) -> HttpResponseBase:
        context = {
            "title": deed.title,
            "deed": deed,
            "form": form,
            "asked": [(each.id, self.name_of(each), deed.words(each)) for each in records],
            "label": deed.words(records[0]).label if len(records) == 1 else deed.title,
            "back": self._back(request, deed, records),
            "comes_from": request.POST.get("comes_from", ""),
        }
        status = 422 if form is not None and form.is_bound else 200
        return self._page(request, "confirm.html", context, status=status)

    def _do(
        self, request: HttpRequest, deed: RecordAction, records: list[Any], form: forms.Form | None
    ) -> HttpResponseBase:
        """Each by itself: what cannot be done does not stop the others."""
        values = form.cleaned_data if form is not None else {}
        for record in records:
            name, words = self.name_of(record), deed.words(record)
            try:
                detail = deed.do(record, username(request), values)
            except InvalidInputError as error:
                if form is not None and len(records) == 1 and error.field in form.fields:
                    form.add_error(error.field, error.message)
                    return self._question(request, deed, records, form)
                messages.error(request, f"{name}: {error.message}")
            except WrongStateError as error:
                messages.error(request, f"{name}: {error}")
            except StaleWriteError:
                messages.error(request, f"{name}: {CONFLICT_MESSAGE}")
            else:
                self._write_down(request, deed, record, detail)
                messages.success(request, f"{name}: {words.done}")
        return redirect(self._back(request, deed, records, is_done=True))

    def _write_down(
        self, request: HttpRequest, deed: RecordAction, record: Any, detail: str
    ) -> None:
        row = self.model(pk=record.id)
        if deed.removes:
            # It goes through them and no more.
            self.log_deletions(request, cast(Any, [row]))
        else:
            self.log_change(request, row, f"{deed.title}. {detail}".strip())

    def _refuse(self, request: HttpRequest, sentence: str) -> HttpResponse:
        messages.warning(request, sentence)
        return redirect(request.get_full_path())

    def _back(
        self, request: HttpRequest, deed: RecordAction, records: list[Any], is_done: bool = False
    ) -> str:
        """The page that it was asked on, unless that is gone with its record."""
        if request.POST.get("comes_from") == "page" and not (is_done and deed.removes):
            return reverse(self._url_name("change"), args=[quote(records[0].id)])
        return request.get_full_path()

    def _filters(self, asked: QueryDict) -> list[Filter]:
        return [
            Filter(
                title,
                [
                    Option(
                        text,
                        f"?{_address(asked, **{name: value}, cursor=None)}",
                        asked.get(name, "") == value,
                    )
                    for value, text in {"": "All", **values}.items()
                ],
            )
            for name, (title, values) in self.narrowed_by.items()
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


def _address(asked: QueryDict, **changes: str | None) -> str:
    """The query string with these changes; what is empty is left out."""
    return urlencode({name: value for name, value in {**asked.dict(), **changes}.items() if value})
