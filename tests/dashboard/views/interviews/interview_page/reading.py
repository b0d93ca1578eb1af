"""Parts of an interview's page."""

import re

from bs4 import BeautifulSoup
from django.test import Client

from interviews.models import Interview
from tests.dashboard.html import soup


def page_of(client: Client, interview: Interview) -> BeautifulSoup:
    page: BeautifulSoup = soup(client.get(f"/interviews/{interview.id}/"))
    return page


def words(element) -> str:
    return re.sub(r"\s+", " ", element.get_text()).strip()


def pairs(page: BeautifulSoup, part: str) -> dict[str, str]:
    return {words(each.dt): words(each.dd) for each in page.select(f"{part} .pairs > div")}
