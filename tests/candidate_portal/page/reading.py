"""Parts of the candidate's page."""

import html
import re


def path(interview):
    return f"/take-home/{interview.passcode}/"


def fragment_of(client, interview):
    return client.get(path(interview), headers={"HX-Request": "true"}).text


def text(body):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).strip())


def buttons(body):
    """The labels of the screen's buttons; below it, every page has two forms."""
    for form in ("feedback.*?</section>", "problem-report.*?</details>"):
        body = re.sub(f'<div class="screen {form}', "", body, flags=re.S)
    return [text(found) for found in re.findall(r"<button[^>]*>(.*?)</button>", body, re.S)]


def headings(body):
    return [text(found) for found in re.findall(r"<h1[^>]*>(.*?)</h1>", body, re.S)]
