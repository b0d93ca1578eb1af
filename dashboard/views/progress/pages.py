"""The line of an interview's progress with one state of it, one file, and its difference."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.presenters.progress.line import words_of
from dashboard.presenters.submissions import difference_page, file_page, tree
from dashboard.presenters.submissions.difference_page import DifferenceBody
from dashboard.presenters.submissions.downloads import file_download
from dashboard.shortcuts import file_or_404
from dashboard.views.progress.opening import OpenState, with_state
from dashboard.views.submissions.content import picture
from dashboard.views.submissions.pages import (
    chosen_view,
    id_in_query,
    is_space_ignored,
    remember_view,
    view_links,
)
from operations.submissions import paths
from operations.submissions.index import Status


@require_GET
@with_state
def progress(request: HttpRequest, opened: OpenState) -> HttpResponse:
    """The line, and the files of one state; with HX-Request the parts that a new state changes."""
    path = paths.path_in_query(request.META.get("QUERY_STRING", ""), "folder") or b""
    folder = opened.files.folder(path)
    if folder is None:
        raise Http404(_("There is no such folder in this state."))
    addresses, by_number = opened.addresses, {each.number: each for each in opened.line.states}
    before, after = (by_number.get(opened.state.number + step) for step in (-1, 1))
    first = opened.files.changed_files(limit=1)
    context = _context(opened) | {
        "words": words_of(opened.state),
        "before_url": addresses.of(before.number) if before is not None else "",
        "after_url": addresses.of(after.number) if after is not None else "",
        "summary": opened.files.summary(),
        "root": tree.build_tree(
            opened.files,
            addresses,
            folder,
            after=id_in_query(request, "after"),
            after_folder=id_in_query(request, "after_folder"),
        ),
        "folder": paths.shown(folder.path),
        "steps": tree.steps_to(folder.path + b"/", addresses)[:-1] if folder.path else [],
        "first_url": addresses.best(first[0]) if first else "",
        "changed_url": addresses.page(folder.path, lists_all=False),
        "all_url": addresses.page(folder.path, lists_all=True),
    }
    part = "_live.html" if request.headers.get("HX-Request") else "page.html"
    return render(request, f"dashboard/progress/{part}", context)


@require_GET
@with_state
def file(request: HttpRequest, opened: OpenState) -> HttpResponse:
    """One file of a state, with `?as=text` its text rather than a table, drawing or notebook."""
    file = file_or_404(request, opened.files)
    as_text = request.GET.get("as") == "text"
    context = _context(opened) | {
        "head": file_page.head_of(opened.files, opened.addresses, file),
        "body": file_page.body_of(
            opened.files, opened.addresses, file, opened.base, as_text=as_text
        ),
    }
    return render(request, "dashboard/submissions/file.html", context)


@require_GET
@with_state
def difference(request: HttpRequest, opened: OpenState) -> HttpResponse:
    """The difference of a file between two states, `?view=` side or column."""
    file = file_or_404(request, opened.files)
    if file.status is not Status.CHANGED:
        return redirect(opened.addresses.file(file))
    is_side_by_side = chosen_view(request)
    ignores_space = is_space_ignored(request)
    if file.is_stored and opened.base is not None and opened.base.content(file.path) is not None:
        body = difference_page.difference_of(
            opened.files,
            file,
            opened.base,
            is_side_by_side=is_side_by_side,
            ignores_space=ignores_space,
        )
    else:
        body = DifferenceBody(why=_("The content of this file isn't kept in both states."))
    context = _context(opened) | {
        "head": file_page.head_of(opened.files, opened.addresses, file),
        "body": body,
        "is_side_by_side": is_side_by_side,
        "ignores_space": ignores_space,
        **view_links(opened.addresses, file, ignores_space=ignores_space),
    }
    if opened.base_state is not None:
        context["against"] = _("lines, against the other state")
    return remember_view(request, render(request, "dashboard/submissions/difference.html", context))


@require_GET
@with_state
def raw(request: HttpRequest, opened: OpenState) -> HttpResponse:
    """A picture of a state, for an `<img>`."""
    return picture(opened.files, file_or_404(request, opened.files))


@require_GET
@with_state
def download(request: HttpRequest, opened: OpenState) -> HttpResponseBase:
    """One file of a state, to be saved."""
    file = file_or_404(request, opened.files)
    return file_download(request, opened.files, opened.interview, file)


def _context(opened: OpenState) -> dict[str, object]:
    return {
        "interview": opened.interview,
        "line": opened.line,
        "state": opened.state,
        "base_state": opened.base_state,
        "addresses": opened.addresses,
        "whole_url": opened.addresses.page(),
        "whole_title": _("Progress"),
    }
