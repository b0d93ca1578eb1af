"""Instructions are rendered as intended, and cannot harm their readers."""

import pytest
from bs4 import BeautifulSoup

from dashboard.presenters.markdown import MAX_MARKDOWN, render


def page(text: str) -> BeautifulSoup:
    return BeautifulSoup(render(text), "html.parser")


def test_headings_lists_code_and_tables_are_rendered() -> None:
    found = page("# One\n\n- *a*\n- **b**\n\n```python\nx = 1 < 2\n```\n\n|a|b|\n|-|-:|\n|1|2|\n")
    assert found.h3.get_text() == "One"
    assert [each.get_text() for each in found.select("li")] == ["a", "b"]
    assert found.pre.code.get_text() == "x = 1 < 2\n"
    assert [each.get_text() for each in found.select("td")] == ["1", "2"]


def test_headings_are_below_those_of_the_page() -> None:
    found = page("# 1\n\n## 2\n\n###### 6\n")
    assert [each.name for each in found.select("h3, h4, h6")] == ["h3", "h4", "h6"]


def test_links_open_elsewhere_and_tell_nothing() -> None:
    link = page("[a](https://example.com/x)").a
    assert (link["href"], link["target"], link["rel"]) == (
        "https://example.com/x",
        "_blank",
        ["noopener", "noreferrer", "nofollow"],
    )


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/interviews/1/end/",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_links_that_lead_anywhere_else_lead_nowhere(target: str) -> None:
    for text in (f"[a]({target})", f"[a](<{target}>)", f"<{target}>"):
        assert [each.get("href") for each in page(text).select("a[href]")] == []


def test_link_to_a_file_of_the_challenge_leads_there() -> None:
    known = {"src/a b.py": "/there"}
    html = render("[a](./src/a%20b.py#L3) [b](src/c.py)", known.get)
    found = BeautifulSoup(html, "html.parser")
    assert [each.get("href") for each in found.select("a")] == ["/there", None]


def test_pictures_are_words() -> None:
    found = page("![A cat & <b>dog</b>](https://tracker.example/x.png) ![](y.png)")
    assert found.select("img") == []
    assert [each.get_text() for each in found.select(".picture")] == [
        "[Picture: A cat & <b>dog</b>]",
        "[Picture: no description]",
    ]
    assert "tracker.example" not in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:x">x</a>',
        "<style>*{}</style>",
        "<iframe src=/></iframe>",
        "<svg onload=alert(1)>",
        '[x](https://a.example "onmouseover=alert(1)")',
        "```<script>\nx\n```",
        "| a |\n|:-:|\n| <b style=x> |",
    ],
)
def test_html_is_text(text: str) -> None:
    found = page(text)
    assert found.select("script, img, style, iframe, svg, b, [style], [onerror], [onload]") == []
    assert found.select("[onmouseover]") == []


def test_a_text_without_end_is_cut() -> None:
    assert len(page("x" * (MAX_MARKDOWN * 2)).get_text()) <= MAX_MARKDOWN + 1


def test_deep_nesting_ends() -> None:
    assert len(page(">" * 5_000 + "x").select("blockquote")) < 100
