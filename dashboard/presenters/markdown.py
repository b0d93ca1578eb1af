"""A challenge's instructions as HTML. Markdown is rendered without raw HTML, then sanitised."""

from collections.abc import Callable
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# Longest text that is rendered, in characters.
MAX_MARKDOWN = 200_000
# Headings start at h3, below the page's own h1 and h2.
DEEPER = 2
TAGS = {"a", "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li"}
TAGS |= {"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SAFE = ("http://", "https://", "mailto:")

_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _no_image(self: RendererHTML, tokens: list[Token], number: int, *rest: object) -> str:
    """Replace an image by its alternative text: another server would learn who reads the page."""
    words = nh3.clean_text(tokens[number].content or _("no description"))
    picture = _("Picture: %(description)s") % {"description": words}
    return f'<span class="picture">[{picture}]</span>'


_markdown.add_render_rule("image", _no_image)


def render(text: str, link_to: Callable[[str], str | None] = lambda path: None) -> SafeString:
    """Safe HTML. `link_to` returns the URL of one of the challenge's own files, or None."""
    tokens = _markdown.parse(text[:MAX_MARKDOWN])
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + DEEPER)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})

    def only_safe(tag: str, name: str, value: str) -> str | None:
        if (tag, name) != ("a", "href") or value.lower().startswith(SAFE):
            return value
        return link_to(unquote(value).removeprefix("./").partition("#")[0])

    return mark_safe(  # noqa: S308 - it was just sanitised
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=only_safe,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
            # Code that is wider than the page scrolls, by keyboard too.
            set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"tabindex": "0"}},
            allowed_classes={"span": {"picture"}},
        )
    )
