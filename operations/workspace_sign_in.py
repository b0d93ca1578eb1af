"""The page that signs its visitor in to a workspace: it posts the password to the editor.

A form keeps the password out of every URL, history and log. The page's own policy allows it to be
sent to this workspace alone, which is why it is a page of its own: the address of a workspace is
not known yet when a candidate's page is loaded.
"""

import re
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from interviews.models import Interview
from operations.provisioners.base import SIGN_IN_BY_FORM, SIGN_IN_KEY, SIGN_IN_REFUSED_KEY
from operations.provisioners.editor_config import jupyter_token

# What a Content-Security-Policy can name: it has no form for an IPv6 address.
HOST = re.compile(r"[a-z0-9._-]+")


def signs_in_by_itself(interview: Interview) -> bool:
    """Return whether the editor takes its password from another site's form.

    Workspaces of earlier versions do not say so.
    """
    state = interview.workspace_state or {}
    return state.get(SIGN_IN_KEY) == SIGN_IN_BY_FORM and bool(interview.password)


def is_refused(interview: Interview) -> bool:
    """Return whether the editor lets nobody sign in, as of the last health check."""
    return bool((interview.workspace_state or {}).get(SIGN_IN_REFUSED_KEY))


def plain_address(url: str | None) -> str:
    """Return the address for browsers that find no names below localhost, or "" if it has none.

    `url` is an interview's `workspace_link`.
    """
    parts = urlsplit(url or "")
    if not (parts.hostname or "").endswith(".localhost"):
        return ""
    # Cookies know no ports: at the platform's own host the editor would be sent staff's session.
    host = "localhost" if urlsplit(settings.SITE_URL).hostname == "127.0.0.1" else "127.0.0.1"
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()


def web_app_address(interview: Interview, port: int) -> str:
    """Return where code-server shows a program that listens on the port, or "" if it is not it."""
    is_code_server = (interview.workspace_state or {}).get("editor") != "jupyterlab"
    url = interview.workspace_link
    if url is None or not is_code_server or not signs_in_by_itself(interview):
        return ""
    return urljoin(url, f"proxy/{port}/")


def open_workspace(request: HttpRequest, interview: Interview) -> HttpResponse | None:
    """Return a page that signs the visitor in, or a redirect to the editor, which then asks.

    The caller has checked that the visitor may have the password. None if there is no address.
    """
    url = interview.workspace_link
    if url is None:
        return None
    origin = _form_origin(url)
    if not signs_in_by_itself(interview) or origin is None or _is_warned_of(request, url):
        return HttpResponseRedirect(url)
    context = {
        "is_refused": is_refused(interview),
        "login_url": urljoin(url, "login"),
        "password": interview.password,
        "token": jupyter_token(str(interview.password)),
    }
    response = render(request, "shared/open_workspace.html", context)
    response.headers["Cache-Control"] = "no-store, private"
    response._csp_replace = {"form-action": [origin]}  # type: ignore[attr-defined]
    return response


def _form_origin(url: str) -> str | None:
    parts = urlsplit(url)
    if not HOST.fullmatch(parts.hostname or ""):
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme.lower()}://{parts.hostname}{port}"


def _is_warned_of(request: HttpRequest, url: str) -> bool:
    """Return whether browsers warn of a form that leads from https to this address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_loopback = host.startswith("127.") or host == "localhost" or host.endswith(".localhost")
    return request.is_secure() and parts.scheme == "http" and not is_loopback
