"""The JSON-LD of a page: which of its objects is the page's own article.

A page may describe several articles: itself, others that it lists, the site's newest. Its own is the one whose address
(`mainEntityOfPage`, `url`, `@id`) is the page's, or whose headline the page prints as its heading or title.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup

_ARTICLE_TYPES: Final = re.compile(r"(?:Article|BlogPosting|Report|NewsItem)$")
_PAGE_TYPES: Final = frozenset({"WebPage", "ItemPage"})
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_WORD: Final = re.compile(r"\w+")
_HOST_PREFIX: Final = re.compile(r"^(?:www|m|mobile|amp)\.")
_AMP_PATH: Final = re.compile(r"^/amp(?=/)|/amp/?$")
# Sites that print a headline in one wording and declare it in another share most of its words.
_SAME_HEADLINE: Final = 0.6
_OTHER_HEADLINE: Final = 0.3
_FEW_WORDS: Final = 3
_MAX_WORDS: Final = 50
_STEM: Final = 3  # letters of a word that is looked for inside another


@dataclass(frozen=True, slots=True)
class PageIdentity:
    """By what a page's own article is recognized: the page's addresses, and its headings and titles."""

    urls: tuple[str, ...]
    titles: tuple[str, ...]

    def address_agrees(self, url: str) -> bool | None:
        """Whether an address is the page's; None if that is not known, as for an address without a path."""
        known = [key for own in self.urls if (key := _address_key(own))]
        key = _address_key(joined(self.urls[0] if self.urls else None, url))
        return key in known if key and known else None

    def shared_words(self, headline: str) -> float | None:
        """The share of a headline's words that is in one of the page's titles; None if there is nothing to compare."""
        words = set(_WORD.findall(headline.casefold()))
        if not words or not self.titles:
            return None
        return max(len(words & set(_WORD.findall(title.casefold()))) for title in self.titles) / len(words)

    def is_foreign(self, headline: str) -> bool:
        """Whether no word of a headline is in the page's titles, and few are with a prefix (`ميناء` in `الميناء`)."""
        words = _WORD.findall(headline.casefold())[:_MAX_WORDS]
        titles = [_WORD.findall(title.casefold())[:_MAX_WORDS] for title in self.titles]
        # A title of few words may be the site's name.
        if len(words) <= _FEW_WORDS or max(map(len, titles), default=0) <= _FEW_WORDS:
            return False
        alike = sum(any(_are_alike(one, other) for title in titles for other in title) for one in words)
        return self.shared_words(headline) == 0 and alike < _OTHER_HEADLINE * len(words)

    def has_headline(self, text: str) -> bool:
        """Whether a text is a headline of the page: most of its words are in a title, and not only a few."""
        shared = self.shared_words(text)
        return shared is not None and shared >= _SAME_HEADLINE and len(_WORD.findall(text)) >= _FEW_WORDS


@dataclass(frozen=True, slots=True)
class LinkedArticle:
    """The JSON-LD object of the page's own article, and the dates of the page itself; empty if there are none."""

    values: dict[str, Any] = field(default_factory=dict)
    kind: str = "Article"
    page: dict[str, Any] = field(default_factory=dict)
    page_kind: str = "WebPage"

    def text(self, name: str) -> str | None:
        """The text of a property."""
        return text_of(self.values.get(name))

    def origin(self, name: str) -> str:
        """Where a property is found, in words."""
        return f"JSON-LD {self.kind}: {name}"

    @property
    def is_live_blog(self) -> bool:
        """Whether it is a live blog, whose updates the page prints one below the other."""
        return "LiveBlogPosting" in _kinds(self.values)

    @property
    def body(self) -> tuple[str, ...]:
        """The text of the article, or the headlines and texts of a live blog's updates."""
        lines = [_passage(self.values.get("articleBody"))]
        for update in values_of(self.values.get("liveBlogUpdate")):
            if isinstance(update, dict):
                texts = (_passage(update.get(name)) for name in ("articleBody", "text", "description"))
                lines += [text_of(update.get("headline")), next(filter(None, texts), None)]
        return tuple(filter(None, lines))


def linked_objects(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """The JSON-LD objects of a page."""
    scripts = soup.find_all("script", type=re.compile(r"^application/ld\+json", re.I))
    return [value for script in scripts for value in _objects(lenient_json(script.get_text()))]


def linked_site(objects: list[dict[str, Any]]) -> str | None:
    """The name of the site that a page belongs to."""
    sites = (text_of(value.get("name")) for value in objects if "WebSite" in _kinds(value))
    return next(filter(None, sites), None)


def linked_article(objects: list[dict[str, Any]], page: PageIdentity) -> LinkedArticle:
    """The page's own article among JSON-LD objects."""
    by_id = {value["@id"]: value for value in objects if isinstance(value.get("@id"), str)}
    articles = [value for value in objects if any(_ARTICLE_TYPES.search(kind) for kind in _kinds(value))]
    ranked = sorted(articles, key=lambda value: -_likeness(value, page))  # stable: of equals, the first
    # Its own JSON-LD may name neither the page's address nor its printed headline; one of several is a guess.
    least = -1 if len(articles) == 1 else 0
    own = ranked[0] if ranked and _likeness(ranked[0], page) >= least and not _is_foreign(ranked[0], page) else {}
    pages = [value for value in objects if not _PAGE_TYPES.isdisjoint(_kinds(value)) and value is not own]
    page_object = next((value for value in pages if _address_likeness(value, page) >= 0), {})
    return LinkedArticle(
        {name: _resolved(item, by_id) for name, item in own.items()},
        next((kind for kind in _kinds(own) if _ARTICLE_TYPES.search(kind)), "Article"),
        {name: _resolved(item, by_id) for name, item in page_object.items()},
        next((kind for kind in _kinds(page_object) if kind in _PAGE_TYPES), "WebPage"),
    )


def _likeness(value: dict[str, Any], page: PageIdentity) -> int:
    """How surely an article is the page's own: negative if it rather is another."""
    headline = text_of(value.get("headline")) or text_of(value.get("name"))
    shared = page.shared_words(headline) if headline else None
    by_headline = 0
    if shared is not None:
        by_headline = 2 if shared >= _SAME_HEADLINE else -1 if shared < _OTHER_HEADLINE else 0
    return _address_likeness(value, page) + by_headline


def _is_foreign(value: dict[str, Any], page: PageIdentity) -> bool:
    """Whether an article is another page's: nothing says where it is, and its headline has no word of the page's."""
    headline = text_of(value.get("headline")) or text_of(value.get("name"))
    return bool(headline) and _address_likeness(value, page) == 0 and page.is_foreign(headline or "")


def _address_likeness(value: dict[str, Any], page: PageIdentity) -> int:
    main = value.get("mainEntityOfPage")
    given = [main.get(name) for name in ("@id", "url")] if isinstance(main, dict) else [main]
    agreements = [
        page.address_agrees(url) for url in (*given, value.get("url"), value.get("@id")) if isinstance(url, str)
    ]
    if True in agreements:
        return 2
    return -2 if False in agreements else 0


def _are_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _STEM and short in long)


def _kinds(value: dict[str, Any]) -> list[str]:
    return [kind for kind in values_of(value.get("@type")) if isinstance(kind, str)]


def is_organization(value: object) -> bool:
    """Whether a JSON-LD value is an organization, such as the site itself."""
    return isinstance(value, dict) and any(kind.endswith("Organization") for kind in _kinds(value))


def _address_key(url: str) -> tuple[str, str, str] | None:
    """What is compared of an address: not its scheme, `www.`, spelling of letters, or fragment."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").casefold()
    except ValueError:
        return None
    path = _AMP_PATH.sub("", unquote(parts.path)).rstrip("/").casefold()
    query = "" if parts.query.startswith(("utm_", "fbclid", "ref=", "amp")) else parts.query
    return (_HOST_PREFIX.sub("", host), path, query) if path or query else None


def joined(base: str | None, url: str) -> str:
    """An address as seen from another; unchanged if either is malformed."""
    try:
        return urljoin(base or "", url.strip())
    except ValueError:
        return url


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """Resolve references of the form {"@id": …}, in lists too; other values are returned as they are."""
    if isinstance(value, list):
        return [_resolved(item, by_id) for item in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value:
        return by_id.get(value["@id"], value)
    return value


def lenient_json(text: str) -> object:
    """Parse JSON as sites print it: with raw line breaks in strings, trailing commas, comment marks around it."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD value: itself, of its list, of its @graph, its main entity; not deeper."""
    for item in values_of(value):
        if isinstance(item, dict):
            yield item
            for inner in (*values_of(item.get("@graph")), *values_of(item.get("mainEntity"))):
                if isinstance(inner, dict):
                    yield inner
                    yield from (main for main in values_of(inner.get("mainEntity")) if isinstance(main, dict))


def values_of(value: object) -> list[Any]:
    """The values of a property, which may be one, several or none."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _passage(value: object) -> str | None:
    """The text of an article or update: a string, or the `text` of a TextObject."""
    texts = (text_of(item.get("text") if isinstance(item, dict) else item) for item in values_of(value))
    return next(filter(None, texts), None)


def text_of(value: object) -> str | None:
    """The text of a JSON-LD value: a string, the name of an object, the first of a list."""
    for item in values_of(value):
        text = item.get("name") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            return html.unescape(text.strip())
    return None
