"""RSS, RDF and Atom, by feedparser: the entries of a feed, and the articles of those that have the whole text.

A feed is recognized by its root element, and its DOCTYPE is removed before it is parsed.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import struct_time
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from corpus.article import Article
from corpus.dates.named_days import find_published
from corpus.dates.parsing import FoundDate
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.html import no_warning, read_html
from corpus.readers.html_tree import parse_html
from corpus.readers.record import Ignored, Item, Place, Reading, Record, Refusal, printable_name
from corpus.readers.site_exports import (
    categories_of,
    display_names,
    formatted,
    is_of_blogger,
    is_of_wordpress,
    kind_of_part,
    printed_time,
    unknown_type,
)
from corpus.settings import Source, source_of_file, source_of_url
from corpus.urls import host_of

FEED_ROOTS: Final = frozenset({"rss", "feed", "RDF"})
SITEMAP_ROOTS: Final = frozenset({"urlset", "sitemapindex"})

# What may precede the root element. Each is matched separately, so that no input causes backtracking.
_BEFORE_ROOT: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|(?P<doctype><!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)", re.S | re.I)
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,64}:)?([\w.-]{1,64})[\s/>]")
# A feed has some dozens of entries; feedparser takes half a millisecond per entry, and a tenth of that per tag.
_MAX_ENTRIES: Final = 20_000
_MAX_TAGS: Final = 500_000
# Letters from which an entry's content is taken to be the whole text, and a description, which should be a summary but
# has the whole article in some feeds.
_CONTENT_LETTERS: Final = 250
_DESCRIPTION_LETTERS: Final = 1000
_CUT_OFF: Final = re.compile(
    r"(?:…|\.\.\.|\[[….]+\]|(?:[إا]قر[أا]|للمزيد|المزيد|read more|continue reading)[^.]{0,40})\W*$", re.I
)
# Appended to each entry by WordPress.
_APPENDED: Final = re.compile(r"^(?:The post .+ (?:first )?appeared (?:first )?on|ظهرت المقالة .+ أولاً على) ", re.S)
_SHORT: Final = 20_000  # characters of HTML in which there may be too few letters for the page reader
_ENTRY: Final = re.compile(r"<(?:item|entry)\b", re.I)
_LINE_END: Final = re.compile(r"</(?:p|div|li)>|<br[^<>]*>", re.I)
_ANY_TAG: Final = re.compile(r"<[^<>]*>")
_TAG: Final = re.compile(r"<[a-zA-Z/!]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry; fields as in the feed, None or empty if missing.

    `url` is absolute; `content` and `description` are HTML; dates are aware.
    """

    url: str | None
    id: str | None
    title: str
    published: datetime | None
    updated: datetime | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    source: str | None
    content: str
    description: str
    part: str | None = None
    """What it is, if it is no published article: `draft`, `trash`, `page`, `comment`, `template`."""
    unknown_type: str | None = None
    """Its type in WordPress, if a plugin or theme has defined it."""
    is_whole: bool = False
    """Whether it is from the export of a site, in which no entry is a summary."""
    doubt: str | None = None
    """Why the date is in doubt; None if it is not."""

    @property
    def changed(self) -> datetime | None:
        """When the entry was last changed, as declared."""
        return self.updated or self.published


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its title, its entries in document order, whether it was damaged, and what is to be reported of it."""

    title: str | None
    entries: tuple[FeedEntry, ...]
    damaged: bool
    warnings: tuple[str, ...] = ()


def parse_feed(
    data: bytes, name: str, *, charset: str | None = None, url: str | None = None, retrieved_at: datetime | None = None
) -> Feed:
    """Parse a feed; `charset` is what the transport declared, `url` the feed's address.

    Dates such as منذ ساعتين are relative to the feed's own date, or otherwise to when it was retrieved. Nothing is
    fetched, and entities that the feed declares are not expanded.

    Raises:
        UnreadableInput: it is not a feed.
    """
    letters = DamagedLetters(name)
    try:
        text = letters.decoded_bytes(data, charset, "feed")
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if root_name(text) not in FEED_ROOTS:
        raise UnreadableInput(name, "not a feed: it does not begin as RSS or Atom")
    if len(_ENTRY.findall(text)) > _MAX_ENTRIES or text.count("<") > _MAX_TAGS:
        raise UnreadableInput(name, "too large for a feed: too many entries or elements")
    text = letters.decoded(text, "feed", is_source=True)
    import feedparser  # a tenth of the import time of the readers, and rarely needed

    is_atom = root_name(text) == "feed"
    # In Atom, links are relative to the feed's own address. RSS says nothing, and feeds of a service have its address.
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": (url or "") if is_atom else ""}
    # A stream, since feedparser would open a string that looks like a URL or path. Its sanitizing is turned off:
    # scripts and other markup are dropped when the text is extracted, and links and pictures are not stored.
    body = without_doctype(text)
    stream = io.BytesIO(body.encode("utf-8", "replace"))
    try:
        parsed: Any = feedparser.parse(
            stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
        dates = (_date(parsed.feed, name) for name in ("updated", "published") if name in parsed.feed)
        said_at = next((found.moment for found in dates if found), retrieved_at)
        base = _base(parsed.feed, url, is_atom=is_atom)
        names = display_names(body) if parsed.feed.get("wp_wxr_version") else {}
        feed = Feed(
            title=_plain(parsed.feed.get("title")) or None,
            entries=tuple(_entry(entry, said_at, names, base) for entry in parsed.entries),
            damaged=bool(parsed.bozo),
            warnings=tuple(letters.warnings()),
        )
    except Exception as error:  # feedparser raises anything: ValueError, AssertionError, RecursionError …
        raise UnreadableInput(name, "the feed is too damaged to be read") from error
    if not feed.entries and feed.damaged:
        raise UnreadableInput(name, "the feed is too damaged to be read: no entry was found")
    return feed


def read_feed(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the articles of a feed in a file; an entry without the whole text is refused."""
    try:
        # The time at which a file is read says nothing about منذ ساعتين in it.
        feed = parse_feed(data, place.label)
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)
        return
    if not feed.entries:
        yield Refusal(place.label, "the feed has no entries")
    doubtful: set[str] = set()
    said = feed.warnings  # with the first article
    for number, entry in enumerate(feed.entries, start=1):
        if entry.part:
            yield Ignored(printable_name(entry.part))
            continue
        here = place.within(f"entry {number}")
        notes: list[str] = []
        try:
            article = article_of_entry(
                entry,
                feed,
                retrieved_at=reading.retrieved_at,
                sources=reading.sources,
                file=place.file,
                warn=notes.append,
            )
        except UnreadableInput as error:
            yield Refusal(here.label, error.reason)
            continue
        if article is None and entry.is_whole:
            yield Refusal(here.label, "it contains no text")
        elif article is None:
            yield Refusal(
                here.label,
                f"only a summary of {entry.url or entry.title or 'an article'}: fetch the feed's address instead to "
                "get the full text",
            )
        else:
            warnings = [f"{here.label}: {note}" for note in (entry.doubt, *notes, *said) if note]
            said = ()
            if entry.unknown_type and entry.unknown_type not in doubtful:
                doubtful.add(entry.unknown_type)
                kind = f"its type {entry.unknown_type!r} may not be that of articles"
                warnings.append(f"{here.label}: kept, although {kind}")
            warning = "; ".join(warnings) or None
            yield Record(article, warning=warning, origin=here.origin)


def article_of_entry(
    entry: FeedEntry,
    feed: Feed,
    *,
    retrieved_at: datetime | None = None,
    sources: Iterable[Source] = (),
    file: str = "",
    warn: Callable[[str], None] = no_warning,
) -> Article | None:
    """The article of an entry with the whole text; None if it has only a summary, or is no article.

    `sources` are the archive's settings; `file` is the name of the feed's file, if it is in one. `warn` is called when
    letters are damaged.

    Raises:
        UnreadableInput: all letters of the text are lost.
    """
    letters = DamagedLetters("")
    paragraphs = () if entry.part else _full_text(entry, letters)
    if not paragraphs:
        return None
    own, of_file = source_of_url(sources, entry.url), source_of_file(sources, file)
    named = own.name if own else entry.source or (of_file.name if of_file else feed.title)
    article = letters.article(
        id=None if entry.url else entry.id,
        url=entry.url,
        title=entry.title,
        paragraphs=paragraphs,
        published=entry.published or entry.updated,
        source=named or host_of(entry.url).removeprefix("www."),
        section=entry.categories[0] if entry.categories else None,
        authors=entry.authors,
        retrieved_at=retrieved_at,
    )
    for warning in letters.warnings():
        warn(warning)
    return article


def root_name(text: str) -> str | None:
    """The local name of the root element; None if there is none."""
    found = _ROOT.match(text, _root_start(text))
    return found[1] if found else None


def without_doctype(text: str) -> str:
    """The document from its root element on.

    The DOCTYPE is removed with the entities that it declares: by them a document of a kilobyte becomes gigabytes
    ("billion laughs") or reads files of this machine, and no feed needs them.
    """
    return text[_root_start(text) :]


def _full_text(entry: FeedEntry, letters: DamagedLetters) -> tuple[str, ...]:
    if entry.is_whole:
        return _paragraphs(entry.title, entry.content, letters) or _lines(entry.content)
    for text, enough in ((entry.content, _CONTENT_LETTERS), (entry.description, _DESCRIPTION_LETTERS)):
        # Letters of the markup are included, but what is too short with them need not be parsed.
        if sum(map(str.isalpha, text)) < enough or _is_cut_off(text):
            continue
        paragraphs = _paragraphs(entry.title, text, letters)
        if sum(map(str.isalpha, "".join(paragraphs))) >= enough:
            return paragraphs
    return ()


def _is_cut_off(text: str) -> bool:
    """Whether the last line of some HTML says that the text continues elsewhere; the page reader drops such lines."""
    plain = html.unescape(_ANY_TAG.sub("", _LINE_END.sub("\n", text[-2000:])))
    lines = [line for line in map(str.strip, plain.splitlines()) if line and not _APPENDED.match(line)]
    return bool(lines) and bool(_CUT_OFF.search(lines[-1]))


def _lines(text: str) -> tuple[str, ...]:
    """The lines of some HTML that is too short for the page reader."""
    soup = parse_html(_LINE_END.sub("\n", text[:_SHORT]))
    for tag in soup(["script", "style"]):
        tag.decompose()
    return tuple(line for line in map(str.strip, soup.get_text().splitlines()) if line)


def _paragraphs(title: str, text: str, letters: DamagedLetters) -> tuple[str, ...]:
    if not _TAG.search(text):
        lines = html.unescape(text).splitlines()
        return tuple(line for line in map(str.strip, lines) if line)
    page = f"<html><body><article><h1>{html.escape(title)}</h1>{text}</article></body></html>"
    try:
        found = read_html(page.encode("utf-8", "replace"), "", letters=letters).paragraphs
    except (UnreadableInput, RecursionError):
        return ()
    return tuple(paragraph for paragraph in found if not _APPENDED.match(paragraph))


def _entry(found: Any, said_at: datetime | None, names: Mapping[str, str], base: str) -> FeedEntry:
    # FeedBurner and similar services replace the link by their own, for counting.
    link = found.get("feedburner_origlink") or found.get("link")
    content = max((_html(part) for part in found.get("content") or ()), key=len, default="")
    published = _printed(found) or _date(found, "published", said_at)
    # feedparser returns the published date for a missing updated one.
    updated = _date(found, "updated", said_at) if "updated" in found else None
    dated = published or updated
    return FeedEntry(
        url=_absolute(link, base) or _absolute(found.get("id"), ""),
        id=_text(found.get("id")),
        title=_plain(found.get("title")),
        published=published.moment if published else None,
        updated=updated.moment if updated else None,
        authors=tuple(names.get(name, name) for name in _authors(found)),
        categories=tuple(dict.fromkeys(filter(None, map(_plain, categories_of(found))))),
        source=_plain((found.get("source") or {}).get("title")) or None,
        content=formatted(content) if is_of_wordpress(found) else content,
        description=_html(found.get("summary_detail") or {}),
        part=kind_of_part(found),
        unknown_type=unknown_type(found),
        # A feed of Blogger has summaries in an element of their own.
        is_whole=is_of_wordpress(found) or (is_of_blogger(found) and bool(content)),
        doubt=dated.doubt if dated else None,
    )


def _authors(found: Any) -> tuple[str, ...]:
    names = [_plain(author.get("name")) for author in found.get("authors") or ()] or [_plain(found.get("author"))]
    return tuple(dict.fromkeys(name for name in names if name and "@" not in name))


def _html(part: Any) -> str:
    value = part.get("value") or ""
    return html.escape(value, quote=False) if part.get("type") == "text/plain" and "<" not in value else value


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _plain(value: object) -> str:
    """A text as one line, without the markup and escapes in titles."""
    text = _text(value) or ""
    if _TAG.search(text):
        text = parse_html(text).get_text()
    return " ".join(html.unescape(text).split())


def _base(channel: Any, url: str | None, *, is_atom: bool) -> str:
    """The address that relative links refer to, where no `xml:base` says otherwise; empty if unknown.

    That of the channel's page, or in Atom of the feed itself.
    """
    own = [link.get("href") for link in channel.get("links") or () if link.get("rel") == "self"]
    candidates = [*own, channel.get("link"), channel.get("id")] if is_atom else [channel.get("link"), *own, url]
    return next(filter(None, (_absolute(candidate, url or "") for candidate in candidates)), "")


def _absolute(link: object, base: str) -> str | None:
    url = _text(link)
    try:
        url = urljoin(base, url) if url else None
        return url if url and urlsplit(url).scheme in ("http", "https") and host_of(url) else None
    except ValueError:
        return None


def _printed(found: Any) -> FoundDate | None:
    """The date of a WordPress item as its site printed it."""
    try:
        return find_published(printed) if (printed := printed_time(found)) else None
    except NotADate:
        return None


def _date(found: Any, name: str, said_at: datetime | None = None) -> FoundDate | None:
    """The date as printed, which keeps its offset, or as feedparser parses it, in UTC.

    A relative one is relative to `said_at`, if that is known.
    """
    try:
        return find_published(str(found.get(name) or ""), seen_at=said_at)
    except NotADate:
        parsed = found.get(f"{name}_parsed")
        return FoundDate(datetime(*parsed[:6], tzinfo=UTC)) if isinstance(parsed, struct_time) else None


def _root_start(text: str) -> int:
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    return at
