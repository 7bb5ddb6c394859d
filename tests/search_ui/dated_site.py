"""Small archives of dated articles, and their pages: for the tests of the calendar and of the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from bs4 import BeautifulSoup

from corpus import Archive, Article, make_article
from indexer import update_index
from tests.search_ui.small_site import Site

Made = Callable[..., Site]
"""Makes the page of an archive with some articles."""


@contextmanager
def maker(directory: Path) -> Iterator[Made]:
    """A function that makes archives in a directory; they are closed at the end."""
    opened: list[Archive] = []

    def make(*articles: Article, settings: str = "", indexed: bool = True) -> Site:
        path = directory / f"archive{len(opened)}"
        Archive.create(path, name="أرشيف").close()
        if settings:
            file = path / "arshif.toml"
            file.write_text(file.read_text(encoding="utf-8") + settings, encoding="utf-8")
        archive = Archive.open(path)
        opened.append(archive)
        with archive.batch():
            for article in articles:
                archive.add(article)
        if indexed:
            update_index(archive)
        return Site(archive)

    yield make
    for archive in opened:
        archive.close()


def article(number: int, published: datetime | date | None, source: str | None = "الغد", **fields: object) -> Article:
    """The article `a<number>`."""
    moment = None
    if published is not None:
        moment = published if isinstance(published, datetime) else datetime(*published.timetuple()[:3], tzinfo=UTC)
    fields = {"title": f"عنوان {number}", "paragraphs": [f"نص الخبر رقم {number}"]} | fields
    return make_article(id=f"a{number}", published=moment, source=source, **fields)  # type: ignore[arg-type]


def links(page: BeautifulSoup, selector: str) -> list[str]:
    """The addresses of the selected links."""
    return [str(link["href"]) for link in page.select(selector)]
