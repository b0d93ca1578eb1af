"""The results of the command menu, which every page of the dashboard has."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.presenters import command_menu

# Longest text that is searched for, in characters.
MAX_TEXT = 100


@require_GET
@require_staff
def find(request: HttpRequest) -> HttpResponse:
    """A part of the page: what `q` finds."""
    text = request.GET.get("q", "").strip()[:MAX_TEXT]
    groups = command_menu.find(request, text)
    return render(request, "dashboard/command_menu/_results.html", {"groups": groups, "text": text})
