"""A browser that sends too much is told so, although the server stops reading."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web_server import prepare_database, web_server


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    prepare_database(folder)
    with web_server("daphne", folder) as port:
        yield f"http://localhost:{port}"


# Half a minute with 30 MB: the browser encodes and sends all of them before it reads the answer.
@pytest.mark.parametrize("megabytes", [2, 30])
def test_person_is_told_that_a_form_is_too_large(
    browser: Browser, origin: str, megabytes: int
) -> None:
    page = browser.new_page()
    page.goto(f"{origin}/login/")
    page.evaluate(
        "size => { document.querySelector('input[name=username]').value = 'x'.repeat(size); }",
        megabytes * 1024 * 1024,
    )
    page.evaluate("document.querySelector('input[name=username]').form.submit()")
    expect(page.get_by_role("heading")).to_have_text("That's too large")
    expect(page.get_by_text("What you sent is larger than 1 MB")).to_be_visible()
    page.get_by_role("link", name="Go back").click()
    expect(page.locator("input[name=username]")).to_be_visible()
    page.close()
