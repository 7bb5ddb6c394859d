"""The search page over an archive, and what the tests read from its pages."""

from __future__ import annotations

from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from corpus import Archive
from search_ui.web import create_app


class Site:
    """A client of the application that serves an archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.client = create_app({"ARCHIVE": archive.directory}).test_client()

    def answer(self, address: str, **values: object) -> TestResponse:
        return self.client.get(address, query_string=values or None)

    def page(self, address: str, **values: object) -> BeautifulSoup:
        answer = self.answer(address, **values)
        assert answer.status_code == 200
        return parsed(answer)

    def search(self, query: str = "", **values: object) -> BeautifulSoup:
        return self.page("/search", q=query, **values)


def parsed(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def texts(page: BeautifulSoup | Tag, selector: str) -> list[str]:
    """The text of each selected element, with its white space collapsed."""
    return [" ".join(element.get_text().split()) for element in page.select(selector)]


def address(page: BeautifulSoup | Tag, selector: str) -> str:
    """The address of the one selected link."""
    (link,) = page.select(selector)
    return str(link["href"])


def found(page: BeautifulSoup) -> list[str]:
    """The ids of the hits that match, best first; for ids that need no escaping."""
    return _ids(page, ".hit:not(.nearest *) h2 a")


def nearest(page: BeautifulSoup) -> list[str]:
    """The ids of the hits below the line, which do not match."""
    return _ids(page, ".nearest .hit h2 a")


def _ids(page: BeautifulSoup, selector: str) -> list[str]:
    paths = [str(link["href"]).partition("?")[0] for link in page.select(selector)]
    return [unquote(path).removeprefix("/article/") for path in paths]
