"""The tree of a submission, one file of it, and the difference of a changed one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboard.presenters.interviews.sittings import saved_files
from dashboard.presenters.reviews.line_comments import file_comments
from dashboard.presenters.submissions import difference_page, file_page, tree
from dashboard.presenters.submissions.addresses import Addresses
from dashboard.shortcuts import file_or_404
from dashboard.views.submissions.opening import with_submission
from operations.submissions import paths
from operations.submissions.index import Status
from operations.submissions.index.records import File
from operations.submissions.starting import StartingVersion
from operations.submissions.submission import Submission

SIDE_BY_SIDE, ONE_COLUMN = "side", "column"
# A cookie with the view that a person chose last.
VIEW_COOKIE = "difference-view"
VIEW_COOKIE_SECONDS = 365 * 24 * 3600


@require_GET
@with_submission
def submission(request: HttpRequest, submission: Submission, addresses: Addresses) -> HttpResponse:
    """The tree: what differs from the starting files, or with `?all=1` everything."""
    path = paths.path_in_query(request.META.get("QUERY_STRING", ""), "folder") or b""
    folder = submission.folder(path)
    if folder is None:
        raise Http404(_("There is no such folder in this submission."))
    summary = submission.summary()
    root = tree.build_tree(
        submission,
        addresses,
        folder,
        after=id_in_query(request, "after"),
        after_folder=id_in_query(request, "after_folder"),
    )
    context = {
        "interview": addresses.interview,
        "addresses": addresses,
        "summary": summary,
        "notices": tree.notices_of(summary),
        "root": root,
        "folder": paths.shown(folder.path),
        "steps": tree.steps_to(folder.path + b"/", addresses)[:-1] if folder.path else [],
        "first_url": _first_url(submission, addresses),
        "changed_url": addresses.page(folder.path, lists_all=False),
        "all_url": addresses.page(folder.path, lists_all=True),
        "whole_url": addresses.page(),
        "archives": saved_files(addresses.interview),
    }
    return render(request, "dashboard/submissions/tree.html", context)


@require_GET
@with_submission
def file(request: HttpRequest, submission: Submission, addresses: Addresses) -> HttpResponse:
    """One file, with `?as=text` its text rather than a table, drawing or notebook."""
    try:
        file = file_or_404(request, submission)
    except Http404:
        path = paths.path_in_query(request.META.get("QUERY_STRING", ""), "path") or b""
        if elsewhere := _elsewhere(submission, addresses, path):
            return redirect(elsewhere)
        raise
    starting = StartingVersion.of(addresses.interview)
    as_text = request.GET.get("as") == "text"
    body = file_page.body_of(submission, addresses, file, starting, as_text=as_text)
    body.comments = file_comments(request, addresses, file)
    context = {
        "interview": addresses.interview,
        "addresses": addresses,
        "head": file_page.head_of(submission, addresses, file),
        "body": body,
        "whole_url": addresses.page(),
    }
    return render(request, "dashboard/submissions/file.html", context)


@require_GET
@with_submission
def difference(request: HttpRequest, submission: Submission, addresses: Addresses) -> HttpResponse:
    """The difference of a changed file, `?view=` side or column, with `?space=ignore` or not."""
    file = file_or_404(request, submission)
    if file.status is not Status.CHANGED:
        return redirect(addresses.file(file))
    is_side_by_side = chosen_view(request)
    ignores_space = is_space_ignored(request)
    body = difference_page.difference_of(
        submission,
        file,
        StartingVersion.of(addresses.interview),
        is_side_by_side=is_side_by_side,
        ignores_space=ignores_space,
    )
    body.comments = file_comments(request, addresses, file)
    context = {
        "interview": addresses.interview,
        "addresses": addresses,
        "head": file_page.head_of(submission, addresses, file),
        "body": body,
        "is_side_by_side": is_side_by_side,
        "ignores_space": ignores_space,
        **view_links(addresses, file, ignores_space=ignores_space),
        "whole_url": addresses.page(),
    }
    return remember_view(request, render(request, "dashboard/submissions/difference.html", context))


def chosen_view(request: HttpRequest) -> bool:
    """Whether a difference is side by side: as this request says, or as the person chose last."""
    view = request.GET.get("view", "") or request.COOKIES.get(VIEW_COOKIE, "")
    return view == SIDE_BY_SIDE


def is_space_ignored(request: HttpRequest) -> bool:
    return request.GET.get("space") == "ignore"


def view_links(addresses: Addresses, file: File, *, ignores_space: bool) -> dict[str, str]:
    """The same difference in its other views."""
    space = {"space": "ignore"} if ignores_space else {}
    return {
        "side_url": addresses.difference(file, view=SIDE_BY_SIDE, **space),
        "column_url": addresses.difference(file, view=ONE_COLUMN, **space),
        "space_url": addresses.difference(file, **({} if ignores_space else {"space": "ignore"})),
    }


def remember_view(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep the view that this request chose for the next difference."""
    chosen = request.GET.get("view", "")
    if chosen in (SIDE_BY_SIDE, ONE_COLUMN):
        response.set_cookie(
            VIEW_COOKIE,
            chosen,
            max_age=VIEW_COOKIE_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _elsewhere(submission: Submission, addresses: Addresses, path: bytes) -> str:
    """Where a comment leads that names a folder, or a file as pages show its name; or ""."""
    named = paths.named(path.decode("utf-8", "replace"))
    for each in named:
        if (file := submission.file(each)) is not None:
            return addresses.file(file)
    folders = (submission.folder(each.rstrip(b"/")) for each in named if each.strip(b"/"))
    folder = next(filter(None, folders), None)
    return addresses.page(folder.path) if folder is not None else ""


def _first_url(submission: Submission, addresses: Addresses) -> str:
    """The page of the first file that differs, or ""."""
    first = submission.changed_files(limit=1)
    return addresses.best(first[0]) if first else ""


def id_in_query(request: HttpRequest, name: str) -> int:
    """The id in this field of the query, or 0."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
