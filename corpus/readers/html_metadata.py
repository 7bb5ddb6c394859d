"""The metadata of a page: JSON-LD, then OpenGraph and other `<meta>`, microdata, `<time>`, `<h1>` and `<title>`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from corpus.dates.named_days import find_published
from corpus.dates.parsing import FoundDate
from corpus.errors import NotADate
from corpus.settings import Source, source_of_url

_ARTICLE_TYPES: Final = re.compile(r"(?:Article|BlogPosting|Report|NewsItem)$")
_DATE_META: Final = (
    "article:published_time", "og:article:published_time", "datepublished", "publishdate", "publish_date",
    "publish-date", "pubdate", "date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "sailthru.date",
    "parsely-pub-date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_SITE_META: Final = ("og:site_name", "application-name", "dc.publisher", "publisher", "apple-mobile-web-app-title")
_SECTION_META: Final = ("article:section", "og:article:section", "section", "category", "cxenseparse:section")
_AUTHOR_META: Final = ("author", "article:author", "dc.creator", "byl", "parsely-author", "sailthru.author")
_TITLE_META: Final = ("og:title", "twitter:title", "dc.title", "title")
_DATE_CLASS: Final = re.compile(
    r"(?:^|[-_ ])(?:date|time|publish(?:ed)?|posted|submitted|timestamp|datetime)(?:$|[-_ ])", re.I
)
_BYLINE_CLASS: Final = re.compile(r"(?:^|[-_ ])(?:byline|author|writer|by-?author|author-?name)(?:$|[-_ ])", re.I)
_BYLINE: Final = re.compile(r"^\s*(?:بقلم|كتبت|كتب|إعداد|اعداد|تحرير|تقرير|By)\s*[:：/\-–]?\s+", re.I)
_BREAK: Final = r"(?:\s+[|\-–—»«·•]\s+|\s*\|\s*|\s*::\s*)"
_SITE_BREAK: Final = re.compile(_BREAK)
_BREAK_AT_START: Final = re.compile(_BREAK)
_BREAK_AT_END: Final = re.compile(_BREAK + r"\Z")
_PAPER: Final = re.compile(r"(?:جريدة|نشرة|صحيفة|مجلة|وكالة|قناة|شبكة|بوابة|موقع|إذاعة|اذاعة|راديو|تلفزيون)\s+(?=\w)")
_MAX_SITE: Final = 40
# Each Arabic consonant as Latin letters print it; long vowels are not compared, nor is the article.
_LATIN: Final = str.maketrans(
    dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttjhKddrzsXsdtzGfkklmnh", strict=True)) | dict.fromkeys("اأإآويىئؤءعةـ", "")
)
_PAIRS: Final = (("sh", "X"), ("ch", "X"), ("kh", "K"), ("gh", "G"), ("th", "t"), ("dh", "d"), ("q", "k"))
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_DATE_IN_URL: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?([01]?\d)[-/_]?([0-3]?\d)(?!\d)")
_MAX_DATE: Final = 200
_MAX_BYLINE: Final = 80


@dataclass(frozen=True, slots=True)
class Metadata:
    """The declared metadata; None or empty if there is none."""

    title: str | None
    url: str | None
    published: FoundDate | None
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    article_body: str | None
    """The text in JSON-LD, often without its paragraphs."""


def read_metadata(
    soup: BeautifulSoup,
    url: str | None,
    *,
    sources: Iterable[Source] = (),
    seen_at: datetime | None = None,
    not_after: datetime | None = None,
) -> Metadata:
    """Read the metadata of a page; `url` is its address, if known, `sources` are the archive's settings.

    Relative dates are counted from `seen_at`, when the page was received, if known; no date is after `not_after`.
    """
    linked = _linked_article(soup)
    meta = _meta(soup)
    page_url = _page_url(soup, meta, linked, url)
    site = _text_of(linked.get("publisher")) or _first(meta, _SITE_META)
    host = (urlsplit(page_url).hostname or "").removeprefix("www.") if page_url else ""
    settings = source_of_url(sources, page_url) or source_of_url(sources, url)
    declared = (site, _first(meta, ("og:site_name",)), settings.name if settings else None)
    names = SiteNames(tuple(dict.fromkeys(name.strip() for name in declared if name and name.strip())), host)
    title, site_in_title = _title(soup, meta, linked, names)
    source = site or site_in_title or host or None
    return Metadata(
        title=title,
        url=page_url,
        published=find_date_among(
            _date_texts(soup, meta, linked), page_url or url, seen_at=seen_at, not_after=not_after
        ),
        source=source,
        section=_text_of(linked.get("articleSection"))
        or _first(meta, _SECTION_META)
        or _property(soup, "articleSection"),
        authors=_authors(soup, meta, linked, source),
        article_body=_text_of(linked.get("articleBody")),
    )


# JSON-LD


def _linked_article(soup: BeautifulSoup) -> dict[str, Any]:
    """The JSON-LD object of the article; empty if there is none."""
    scripts = soup.find_all("script", type=re.compile(r"^application/ld\+json", re.I))
    objects = [value for script in scripts for value in _objects(_lenient_json(script.get_text()))]
    by_id = {value["@id"]: value for value in objects if isinstance(value.get("@id"), str)}
    for value in objects:
        if any(isinstance(kind, str) and _ARTICLE_TYPES.search(kind) for kind in _list(value.get("@type"))):
            return {name: _resolved(item, by_id) for name, item in value.items()}
    return {}


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """Resolve references of the form {"@id": …}, in lists too; other values are returned as they are."""
    if isinstance(value, list):
        return [_resolved(item, by_id) for item in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value:
        return by_id.get(value["@id"], value)
    return value


def _lenient_json(text: str) -> object:
    """Parse JSON as sites print it: with raw line breaks in strings, trailing commas, comment marks around it."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD value: itself, of its list, of its @graph; not deeper."""
    for item in _list(value):
        if isinstance(item, dict):
            yield item
            for inner in (*_list(item.get("@graph")), *_list(item.get("mainEntity"))):
                if isinstance(inner, dict):
                    yield inner


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text_of(value: object) -> str | None:
    """The text of a JSON-LD value: a string, the name of an object, the first of a list."""
    for item in _list(value):
        text = item.get("name") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            return html.unescape(text.strip())
    return None


# <meta> and microdata


def _meta(soup: BeautifulSoup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in soup.find_all("meta", content=True):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = str(tag["content"]).strip()
        if name and content:
            found.setdefault(str(name).lower(), []).append(content)
    return found


def _first(meta: dict[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _property(soup: BeautifulSoup, name: str) -> str | None:
    """The value of a microdata property."""
    tag = soup.find(itemprop=name)
    if not isinstance(tag, Tag):
        return None
    value = tag.get("content") or tag.get("datetime") or _clean(tag)
    return str(value).strip() or None


def _clean(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


# Each field


def _page_url(soup: BeautifulSoup, meta: dict[str, list[str]], linked: dict[str, Any], given: str | None) -> str | None:
    canonical = soup.find("link", rel="canonical", href=True)
    declared = [
        canonical["href"] if isinstance(canonical, Tag) else None,
        _first(meta, ("og:url",)),
        linked.get("url"),
        given,
    ]
    for url in declared:
        if isinstance(url, str) and url.strip():
            try:
                full = urljoin(given or "", url.strip())
                parts = urlsplit(full)
            except ValueError:
                continue
            # An address without a path is the site's: pages that declare it would all be one article.
            if parts.scheme in ("http", "https") and (parts.path.strip("/") or parts.query):
                return full
    return None


def _title(
    soup: BeautifulSoup, meta: dict[str, list[str]], linked: dict[str, Any], names: SiteNames
) -> tuple[str | None, str | None]:
    """The title, and the site's name if only `<title>` contains it."""
    declared = _text_of(linked.get("headline")) or _property(soup, "headline")
    headings = [text for tag in soup.find_all("h1", limit=5) if (text := _clean(tag))]
    whole = " ".join(soup.title.get_text().split()) if soup.title else ""
    part, site_in_title = names.cut(whole)
    social = _first(meta, _TITLE_META)
    # The first heading is often the site's name: the heading that <title> repeats is the article's.
    repeated = max((text for text in headings if text in whole), key=len, default=None)
    if repeated and len(repeated) * 2 < len(part):  # a label: «بالفيديو»
        repeated = None
    if not site_in_title and (known := declared or social or repeated) and whole.startswith(known):
        site_in_title = _named_as_paper(whole.removeprefix(known))
    if declared:
        return declared, site_in_title
    if social:
        title, _ = names.cut(social)
        # What follows the printed headline in a title is the site's or a section's name.
        if repeated and title.startswith(repeated) and _BREAK_AT_START.match(title.removeprefix(repeated)):
            title = repeated
        return title, site_in_title
    heading = repeated or (headings[0] if headings and not part else None)
    return heading or part or None, site_in_title


@dataclass(frozen=True, slots=True)
class SiteNames:
    """The names by which a site is known: as declared by the page, in the settings, and by its host.

    Only these are cut off a title: «عاجل |» or a minister's name before a dash is part of the headline.
    """

    declared: tuple[str, ...]
    host: str

    def cut(self, title: str) -> tuple[str, str | None]:
        """A title without the site's name at either end, and that name."""
        title = title.strip()
        for name in self.declared:
            for rest, at_end in ((title.removesuffix(name), True), (title.removeprefix(name), False)):
                edge = _BREAK_AT_END.search(rest) if at_end else _BREAK_AT_START.match(rest)
                if rest != title and edge and (kept := rest[: edge.start()] if at_end else rest[edge.end() :]):
                    return kept.strip(), name
        breaks = list(_SITE_BREAK.finditer(title))
        if not breaks:
            return title, None
        for end, kept in (
            (title[breaks[-1].end() :], title[: breaks[-1].start()]),
            (title[: breaks[0].start()], title[breaks[0].end() :]),
        ):
            if kept.strip() and self._is_name(end):
                return kept.strip(), end.strip()
        return title, None

    def _is_name(self, text: str) -> bool:
        bare = _bare(text)
        if not bare:
            return False
        if any(bare == _bare(name) for name in self.declared):
            return True
        labels = self.host.split(".")
        # "paper.example" and "Paper", or النهر and "annahar.example": its consonants.
        whole = "".join(labels)
        names = {whole, *labels[:-1], *re.split("[.-]", ".".join(labels[:-1]))} - {"", "www", "com", "net", "org", "co"}
        skeleton = _consonants(text)
        return bare in names or (len(skeleton) > 2 and skeleton in {_consonants(name) for name in names})


def _bare(text: str) -> str:
    """The letters and digits of a site's name, without «جريدة» before it."""
    return "".join(filter(str.isalnum, _PAPER.sub("", text.strip(), count=1))).casefold()


def _consonants(name: str) -> str:
    """The consonants of a name in Arabic or Latin letters, without articles, by which both are compared."""
    words = []
    for word in re.split(r"[\s-]+", _PAPER.sub("", name.strip(), count=1).casefold()):
        latin = word.removeprefix("ال").translate(_LATIN)
        if word.isascii():
            for pair, letter in _PAIRS:
                latin = latin.replace(pair, letter)
            latin = re.sub("^[ae]l(?=[^aeiou])", "", latin) if len(latin) > 4 else latin
        words.append(re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouwy]|\W", "", latin)))
    return "".join(words)


def _named_as_paper(rest: str) -> str | None:
    """The site's name after the headline in `<title>`, if it says what it is: جريدة, وكالة, قناة."""
    edge = _BREAK_AT_START.match(rest)
    name = rest[edge.end() :].strip() if edge else ""
    return name if len(name) <= _MAX_SITE and not _SITE_BREAK.search(name) and _PAPER.match(name) else None


def find_date_among(
    texts: Iterable[str | None],
    url: str | None,
    *,
    seen_at: datetime | None = None,
    not_after: datetime | None = None,
) -> FoundDate | None:
    """The first date of these texts.

    If it is in doubt, another that is one of its readings and is not in doubt, or a date in the address, decides.
    """
    first: FoundDate | None = None
    for text in texts:
        if not text or len(text) > _MAX_DATE:
            continue
        try:
            found = find_published(text, seen_at=seen_at, not_after=not_after)
        except NotADate:
            continue
        if first is None:
            first = found
            if len(first.readings) < 2 or not first.doubt:
                return first
            if dated := _DATE_IN_URL.search(url or ""):
                day = (int(dated[1]), int(dated[2]), int(dated[3]))
                for reading in first.readings:
                    if (reading.year, reading.month, reading.day) == day:
                        return FoundDate(datetime.combine(reading, first.moment.timetz()))
        elif not found.doubt and found.moment.date() in first.readings:
            return FoundDate(datetime.combine(found.moment.date(), first.moment.timetz()))
    return first


def _date_texts(soup: BeautifulSoup, meta: dict[str, list[str]], linked: dict[str, Any]) -> Iterator[str | None]:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        yield _text_of(linked.get(name))
    yield from (meta[name][0] for name in _DATE_META if name in meta)
    yield _property(soup, "datePublished")
    heading: Any = soup.find("h1")
    # After the heading first: above it, sites print today's date.
    for find in (heading.find_all_next, soup.find_all) if heading else (soup.find_all,):
        for wanted in (
            {"name": "time", "datetime": True},
            {"name": "time"},
            {"class_": _DATE_CLASS},
            {"id": _DATE_CLASS},
        ):
            for tag in find(**wanted, limit=10):
                if isinstance(tag, Tag) and not tag.find_parent(("aside", "nav", "footer")):
                    yield str(tag.get("datetime") or _clean(tag))


def _authors(
    soup: BeautifulSoup, meta: dict[str, list[str]], linked: dict[str, Any], source: str | None
) -> tuple[str, ...]:
    names: list[str | None] = [_text_of(author) for author in _list(linked.get("author"))]
    names = names or [*(name for field in _AUTHOR_META for name in meta.get(field, []))]
    names = names or [_author_property(tag) for tag in soup.find_all(itemprop="author")]
    names = names or [*map(_clean, soup.find_all("a", rel="author"))]
    names = names or [*map(_clean, soup.find_all(class_=_BYLINE_CLASS, limit=1))]
    kept = (without_byline(part) for name in names if name for part in re.split("[،,]", name))
    return tuple(
        dict.fromkeys(
            name for name in kept if name and name != source and len(name) <= _MAX_BYLINE and "://" not in name
        )
    )


def without_byline(name: str) -> str:
    """An author's name without «بقلم» before it."""
    return _BYLINE.sub("", name).strip()


def _author_property(tag: Tag) -> str | None:
    inner = tag.find(itemprop="name")
    named = inner if isinstance(inner, Tag) else tag
    return str(named.get("content") or "").strip() or _clean(named)
