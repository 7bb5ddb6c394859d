"""E-books (EPUB 2 and 3), such as issues of magazines: an article per document of the spine.

    title     the chapter's heading, otherwise its name in the table of contents
    source    the book's title          authors  the book's creators          date  dc:date, when it was published

The cover, tables of contents and other documents with little text are counted. The stored page is that of the chapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import join, normpath
from typing import IO, Any, Final
from urllib.parse import unquote

from corpus.article import make_article, single_line
from corpus.dates.parsing import FoundDate, find_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.encodings import decode
from corpus.readers.html_body import text_blocks
from corpus.readers.html_tree import parse_html, too_many_tags
from corpus.readers.page import HTML_TYPES
from corpus.readers.record import Ignored, Item, Place, Reading, Record, Refusal
from corpus.readers.zip_members import Members
from corpus.settings import source_of_file

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_MIN_LETTERS: Final = 80
_MAX_CHAPTERS: Final = 5_000
_LETTER: Final = re.compile(r"[^\W\d_]")
_PAGE: Final = re.compile(r"\.x?html?$", re.I)
_NAVIGATION: Final = "application/x-dtbncx+xml"
_LITTLE_TEXT: Final = "page of an e-book with little text"


@dataclass(frozen=True, slots=True)
class _Book:
    title: str
    creators: tuple[str, ...]
    published: FoundDate | None


def read_epub(members: Members, file: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read the chapters of a book.

    Raises:
        UnreadableInput: it is encrypted, or its list of contents cannot be read.
    """
    label = place.label
    rootfile = next(members.xml(_CONTAINER, label).iter("{*}rootfile"), None)
    if rootfile is None:
        raise UnreadableInput(label, "damaged: an e-book that does not name its list of contents")
    at = unquote(rootfile.get("full-path", ""))
    if _is_encrypted(members, label):
        raise UnreadableInput(label, "its text is encrypted (DRM)")
    package = members.xml(at, label)
    notes: list[str] = []
    book = _book(package, reading, notes)
    items = {one.get("id"): one for one in package.iter("{*}item")}
    names = _names_in_contents(members, items.values(), at, label)
    source = source_of_file(reading.sources, place.file)
    read = 0
    for reference in list(package.iter("{*}itemref"))[:_MAX_CHAPTERS]:
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in HTML_TYPES:
            continue
        if "nav" in item.get("properties", "").split():
            yield Ignored("table of contents")
            continue
        name = _resolved(at, item.get("href", ""))
        here = place.within(name, file=place.file)
        try:
            data = members.read(name, here.label)
            chapter = _chapter(data, names.get(name), book, here, reading, source.name if source else book.title)
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
            continue
        if chapter is None:
            yield Ignored(_LITTLE_TEXT)
            continue
        # Once per book.
        warning = f"{label}: {'; '.join(notes)}" if notes and not read else None
        read += 1
        yield Record(chapter, data, "application/xhtml+xml", warning, origin=here.origin)
    if not read:
        yield Refusal(label, "an e-book without text")


def _chapter(data: bytes, name: str | None, book: _Book, place: Place, reading: Reading, source: str) -> Any:
    """The article of a chapter; None if it has little text."""
    try:
        text = decode(data)
    except ValueError as error:
        raise UnreadableInput(place.label, str(error)) from error
    if reason := too_many_tags(text):
        raise UnreadableInput(place.label, reason)
    soup = parse_html(text)
    for tag in soup.find_all(("aside", "footer")):
        tag.name = "div"  # notes, which are text in a book
    heading = soup.find(("h1", "h2", "h3"))
    title = single_line(heading.get_text(" ")) if heading else ""
    paragraphs = [block.text for block in text_blocks(soup)]
    title = title or name or ""
    if title in paragraphs[:3]:
        paragraphs.remove(title)
    if len(_LETTER.findall(" ".join(paragraphs))) < _MIN_LETTERS:
        return None
    return make_article(
        title=title,
        paragraphs=paragraphs,
        published=book.published.moment if book.published else None,
        source=source,
        authors=book.creators,
        retrieved_at=reading.retrieved_at,
    )


def _book(package: Any, reading: Reading, notes: list[str]) -> _Book:
    def texts(name: str) -> list[str]:
        return [
            text
            for one in package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")
            if (text := single_line(one.text))
        ]

    published = None
    # EPUB 2 may give the dates of several events.
    dates = [one for one in package.iter("{http://purl.org/dc/elements/1.1/}date") if one.text]
    dates.sort(key=lambda one: "publication" not in "".join(map(str, one.attrib.values())))
    events = {str(value) for one in dates[:1] for value in one.attrib.values()}
    if dates and not events & {"creation", "modification"}:
        printed = single_line(dates[0].text)
        try:
            published = find_date(printed, not_after=reading.retrieved_at)
        except NotADate:
            notes.append(f"kept without a date: {printed[:80]!r} is not a day")
        if published and published.doubt:
            notes.append(published.doubt)
    return _Book(next(iter(texts("title")), ""), tuple(texts("creator")), published)


def _names_in_contents(members: Members, items: Any, at: str, label: str) -> dict[str, str]:
    """The names of the chapters in the table of contents, by their files."""
    names: dict[str, str] = {}
    for item in items:
        path = _resolved(at, item.get("href", ""))
        is_nav = "nav" in item.get("properties", "").split()
        if path not in members or not (is_nav or item.get("media-type") == _NAVIGATION):
            continue
        try:
            root = members.xml(path, label)
        except UnreadableInput:
            continue  # a nav that is not well-formed; chapters have headings
        if is_nav:
            links = [(one.get("href", ""), "".join(one.itertext())) for one in root.iter("{*}a")]
        else:
            links = [
                (content.get("src", ""), "".join(label.itertext()))
                for point in root.iter("{*}navPoint")
                for content in point.iterchildren("{*}content")
                for label in point.iterchildren("{*}navLabel")
            ]
        for href, text in links:
            if href and (name := single_line(text)):
                names.setdefault(_resolved(path, href), name)
    return names


def _is_encrypted(members: Members, label: str) -> bool:
    """Whether documents are encrypted; fonts often are, in books that can be read."""
    if _ENCRYPTION not in members:
        return False
    found = members.xml(_ENCRYPTION, label).iter("{*}CipherReference")
    return any(_PAGE.search(one.get("URI", "").partition("#")[0]) for one in found)


def _resolved(base: str, href: str) -> str:
    """The name of the member that a link in another member refers to."""
    return normpath(join(base.rpartition("/")[0], unquote(href.partition("#")[0]))).lstrip("/")
