"""Parts of the pages of a submission."""

from tests.dashboard.html import soup as parse


def text_of(response):
    return " ".join(parse(response).select_one("main").get_text(" ").split())


def code_of(response):
    return [row.get_text() for row in parse(response).select(".code .source")]


def tree_of(response):
    return {
        item.bdi.get_text(): change.get_text() if (change := item.select_one(".change")) else ""
        for item in parse(response).select(".file-tree li")
        if not item.select_one("summary")
    }
