"""What is sent compressed, and what never is."""

import gzip
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from takehome_platform.compression import CompressionMiddleware

ACCEPTS = {"Accept-Encoding": "gzip, deflate, br"}
PAGE = "<p>Ada Lovelace</p>" * 1000


def answer(response: Any, headers: dict[str, str] | None = None) -> Any:
    request = RequestFactory().get("/", headers=ACCEPTS if headers is None else headers)
    return CompressionMiddleware(lambda _: response)(request)


@pytest.mark.parametrize("response", [HttpResponse(PAGE), JsonResponse({"page": PAGE})])
def test_pages_and_answers_of_the_api_are(response: HttpResponse) -> None:
    content = response.content
    sent = answer(response)
    assert sent["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent.content) == content
    assert int(sent["Content-Length"]) == len(sent.content) < len(content) / 10
    assert "Accept-Encoding" in sent["Vary"]


def test_who_does_not_ask_for_it_gets_it_plain() -> None:
    assert answer(HttpResponse(PAGE), {}).content == PAGE.encode()


@pytest.mark.parametrize(
    "response",
    [
        StreamingHttpResponse(iter([PAGE.encode()]), content_type="text/html"),
        HttpResponse(PAGE, content_type="application/gzip"),
        HttpResponse(PAGE, content_type="text/event-stream"),
        HttpResponse(PAGE, content_type="image/png"),
        HttpResponse("<p>Ada Lovelace</p>" * 100),
    ],
)
def test_streams_files_and_short_answers_are_not(response: Any) -> None:
    sent = answer(response)
    assert "Content-Encoding" not in sent
    assert b"".join(sent).startswith(b"<p>Ada Lovelace</p>")


def test_length_says_nothing_exact() -> None:
    lengths = {len(answer(HttpResponse(PAGE)).content) for _ in range(20)}
    assert len(lengths) > 1
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.django_db
def test_a_page_is_compressed_on_its_way(client: Client, staff: User) -> None:
    client.force_login(staff)
    page = client.get("/profile/", headers=ACCEPTS)
    assert page["Content-Encoding"] == "gzip"
    assert b"Your profile" in gzip.decompress(page.content)
