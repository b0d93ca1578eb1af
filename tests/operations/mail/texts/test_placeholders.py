"""Placeholders are replaced once, by their values and by nothing else."""

import pytest

from operations.mail.texts.html import blocks_of
from operations.mail.texts.placeholders import fill, is_in_address, problem_of


@pytest.mark.parametrize(
    "value",
    [
        "{link}",
        "{name}",
        "%(link)s",
        "%s 100 %",
        "{{ link }}",
        "{% now 'Y' %}",
        "\\1 \\g<0>",
        "{0}",
    ],
)
def test_values_are_never_read_again(value: str) -> None:
    values = {"name": value, "link": "https://tests.example.com/SECRET"}
    assert fill("Hello {name}!", values) == f"Hello {value}!"
    (block,) = blocks_of("Hello {name}!", values)
    assert "SECRET" not in block.lines[0]


def test_braces_that_are_no_placeholder_stay() -> None:
    assert fill("a { b } } {\n} {name}", {"name": "Ada"}) == "a { b } } {\n} Ada"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {nmae}", "There's no placeholder {nmae} here. You can use: {name}, {link}."),
        ("Hi {name }", "There's no placeholder {name } here. You can use: {name}, {link}."),
        ("Hi {}", "There's no placeholder {} here. You can use: {name}, {link}."),
        ("Hi {name.__class__} {link}", "There's no placeholder {name.__class__} here."),
        ("Hi {name}", "Put in {link}: candidates need it."),
        ("Hi {{link}}", ""),
        ("Hi {name}, {link}", ""),
    ],
)
def test_what_is_unknown_or_missing_is_named(text: str, said: str) -> None:
    found = problem_of(text, ("name", "link"), ("link",))
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_html_escapes_text_and_values() -> None:
    values = {"name": "<b>Ada</b>", "link": "https://tests.example.com/?a&b"}
    text = (
        "Hi <i>{name}</i>\nsecond\n\n- one {link}\n- two\nafter\n\n  {link}\n\nhttps://a.example/x"
    )
    paragraph, items, after, button, last = blocks_of(text, values)
    assert paragraph.lines == (
        "Hi &lt;i&gt;<bdi>&lt;b&gt;Ada&lt;/b&gt;</bdi>&lt;/i&gt;",
        "second",
    )
    link = '<a href="https://tests.example.com/?a&amp;b">https://tests.example.com/?a&amp;b</a>'
    assert (items.kind, items.lines) == ("list", (f"one {link}", "two"))
    assert (after.kind, button.kind) == ("text", "link")
    assert last.lines == ('<a href="https://a.example/x">https://a.example/x</a>',)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello\n\nLine one\nLine two", [("text", 1), ("text", 2)]),
        ("foo\nbar\n\nbaz\nqux", [("text", 2), ("text", 2)]),
        ("- a\n- b\n\n- c\n- d", [("list", 2), ("list", 2)]),
        ("Same\nSame\n\nSame\nSame", [("text", 2), ("text", 2)]),
        ("{link}\n\n- a\n- b\nafter", [("link", 0), ("list", 2), ("text", 1)]),
    ],
)
def test_blank_line_ends_a_block(text: str, expected: list[tuple[str, int]]) -> None:
    blocks = blocks_of(text, {"link": "https://x.example"})
    assert [(block.kind, len(block.lines)) for block in blocks] == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://docs.example/{test}",
        "See https://docs.example/?of={name}&x=1.",
        "HTTPS://{company}.example",
        "www.example.com/{test}",
        "example.com/a/{test}",
        "https://docs.example/?next={link}",
        "{link}?from=mail",
        "{link}/{name}",
        "{link}help",
    ],
)
def test_placeholder_in_an_address_is_found(text: str) -> None:
    assert is_in_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "{link}",
        "Open {link}.",
        "Did you get {link}?",
        "({link}), {name}",
        "Start:{link} {deadline}",
        "https://docs.example/x {name}",
        "https://docs.example/x\n{link}\nhttps://docs.example/y",
        "{name}/{company}: example.com, and/or {test}",
    ],
)
def test_placeholder_beside_an_address_is_none(text: str) -> None:
    assert not is_in_address(text)
