"""The metadata of a page: JSON-LD, then OpenGraph and other `<meta>`, microdata, `<time>`, `<h1>` and `<title>`.

What belongs to other stories is not read: dates and names in sidebars, lists, widgets and the head of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from corpus.article import FieldOrigins
from corpus.dates.named_days import find_published
from corpus.dates.parsing import FoundDate
from corpus.errors import NotADate
from corpus.readers.html_json_ld import (
    LinkedArticle,
    PageIdentity,
    is_organization,
    joined,
    linked_article,
    linked_objects,
    linked_site,
    text_of,
    values_of,
)
from corpus.readers.html_names import described, is_in_footer, is_outside_the_story
from corpus.readers.html_titles import SiteNames, find_title
from corpus.readers.html_updates import is_update, without_update
from corpus.settings import Source, source_of_url

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
    r"(?:^|[-_ ])(?:date|time|publish(?:ed)?|posted|submitted|timestamp|datetime|created)(?:$|[-_ ])", re.I
)
_BYLINE_CLASS: Final = re.compile(r"(?:^|[-_ ])(?:byline|author|writer|by-?author|author-?name)(?:$|[-_ ])", re.I)
_BYLINE: Final = re.compile(r"^\s*(?:بقلم|كتبت|كتب|إعداد|اعداد|تحرير|تقرير|By)\s*[:：/\-–]?\s+", re.I)
_DATE_IN_URL: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?([01]?\d)[-/_]?([0-3]?\d)(?!\d)")
_MAX_DATE: Final = 200
_MAX_BYLINE: Final = 80
# Programs, agencies of web design and accounts that publish, but no one who writes.
_NO_AUTHOR: Final = re.compile(
    r"^(?:admin(?:istrator)?|web-?master|editor|root|user|staff|guest)\W*\d*$"
    r"|^(?:المدير|مدير الموقع|محرر الموقع|إدارة الموقع)$"
    r"|\b(?:web ?(?:design|solutions|agency)|(?:developed|developer|development)|designed|powered by|hosting)\b"
    r"|\b(?:wordpress|joomla|drupal)\b"
    r"|تصميم|برمجة|تطوير المواقع|لتطوير|استضافة",
    re.I,
)
# Who made the site: «تصميم وبرمجة: …» in its footer.
_MADE: Final = r"تصميم|برمج[ةه]|تطوير|(?:powered|developed|designed) by"
_MADE_BY: Final = re.compile(_MADE, re.I)
_MADE_BY_NAME: Final = rf"(?:{_MADE})(?:\W|و(?:{_MADE})|(?:ال)?موقع|بواسط[ةه]|من قبل|شرك[ةه]){{0,12}}"
_MAX_CREDITS: Final = 20
_MAX_CREDIT: Final = 120  # characters of the line that credits who made the site
_TODAY: Final = 3  # texts between a date and the heading below it from which it is rather today's
_TEASER: Final = 4  # levels of nesting in which a teaser of another story is looked for
_TEASER_NODES: Final = 60  # elements and texts of a box that are looked at
_LONG: Final = 80  # characters of a paragraph of the story's text
_MOST: Final = 0.5  # share of the page's text outside links that the story's element contains
_DEEP: Final = 40  # levels of nesting in which the story's element is looked for
_MAX_CANDIDATES: Final = 10
_MAX_SITE: Final = 40  # characters of a site's name; a longer one is its motto
_GIVEN: Final = "the address that it was received from"
_MAX_CONSIDERED: Final = 40  # elements named as dates or authors; each is compared with its surroundings
_MAX_HEADINGS: Final = 50
_HEADLINE_WORDS: Final = 4  # words of a link from which it is another story's headline


@dataclass(frozen=True, slots=True)
class Metadata:
    """The declared metadata; None or empty if there is none."""

    title: str | None
    url: str | None
    published: FoundDate | None
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    article_body: tuple[str, ...]
    """The text in JSON-LD, often without its paragraphs; those of a live blog are its updates."""
    is_live_blog: bool
    page: PageIdentity
    """The page's addresses and titles, by which its own article is recognized."""
    origins: FieldOrigins
    only_updated: bool = False
    """Whether `published` is the date of an update, as there is no other."""


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
    meta = _meta(soup)
    whole = " ".join(soup.title.get_text().split()) if soup.title else ""
    story = _Story.of(soup, whole)
    titles = (*story.headings, *(meta[name][0] for name in _TITLE_META if name in meta), whole)
    addresses = _addresses(soup, meta, url)
    page = PageIdentity(tuple(one for one, _ in addresses), tuple(filter(None, titles)))
    objects = linked_objects(soup)
    linked = linked_article(objects, page)
    if linked_url := linked.text("url"):
        declared = [one for one in addresses if one[1] != _GIVEN]
        addresses = [*declared, (joined(url, linked_url), linked.origin("url")), *addresses[len(declared) :]]
    page_url, url_origin = next(((one, origin) for one, origin in addresses if _is_of_a_page(one)), (None, None))
    site, site_origin = _first_of([(linked.text("publisher"), linked.origin("publisher"))], meta, _SITE_META)
    linked_name = linked_site(objects)
    if not site and linked_name and len(linked_name) <= _MAX_SITE:
        site, site_origin = linked_name, "JSON-LD WebSite: name"
    host = (urlsplit(page_url).hostname or "").removeprefix("www.") if page_url else ""
    settings = source_of_url(sources, page_url) or source_of_url(sources, url)
    declared_names = (site, meta.get("og:site_name", [None])[0], linked_name, settings.name if settings else None)
    names = SiteNames(tuple(dict.fromkeys(name.strip() for name in declared_names if name and name.strip())), host)
    title = find_title(_declared_titles(meta, linked, story), story.headings, whole, names)
    source = site or title.site or host or None
    section, section_origin = _first_of(
        [(linked.text("articleSection"), linked.origin("articleSection"))], meta, _SECTION_META
    )
    if not section and (found := story.property("articleSection")):
        section, section_origin = found
    texts, updates = list(_date_texts(meta, linked, story)), list[tuple[str | None, str]]()
    _add_elements(story, texts, updates)
    published, date_origin = find_date_among((*texts, *updates), page_url or url, seen_at=seen_at, not_after=not_after)
    only_updated = bool(updates) and find_date_among(texts, None, seen_at=seen_at, not_after=not_after)[0] is None
    authors, author_origin = _authors(meta, linked, story, names, source)
    return Metadata(
        title=title.text,
        url=page_url,
        published=published,
        source=source,
        section=section,
        authors=authors,
        article_body=linked.body,
        is_live_blog=linked.is_live_blog,
        page=page,
        origins=FieldOrigins(
            title=title.origin,
            published=date_origin,
            authors=author_origin,
            source=site_origin if site else "<title>" if title.site else "the host of the address" if host else None,
            section=section_origin,
            url=url_origin,
            body=linked.origin("liveBlogUpdate" if "liveBlogUpdate" in linked.values else "articleBody"),
        ),
        only_updated=only_updated,
    )


# The story's part of the page


@dataclass(frozen=True, slots=True)
class _Story:
    """Where the page's own story is: its element, its heading, and its microdata."""

    soup: BeautifulSoup
    headings: tuple[str, ...]
    heading: Tag | None
    item: Tag | None
    """The element of the story's microdata, if the page has any."""
    element: Tag | None
    """The element around the heading and the text; None if that is the whole page."""

    @classmethod
    def of(cls, soup: BeautifulSoup, whole: str) -> _Story:
        """Find the page's own story; `whole` is the text of its `<title>`."""
        found = [(tag, text) for tag in soup.find_all("h1", limit=5) if (text := _clean(tag))]
        own = [pair for pair in found if pair[1] in whole and len(pair[1]) > 1]
        if not own:  # the story's heading is another one, which <title> repeats
            lesser = ((tag, _clean(tag)) for tag in soup.find_all(("h2", "h3"), limit=_MAX_HEADINGS))
            own = [pair for pair in lesser if pair[1] in whole and 2 * len(pair[1]) > len(whole)][:1]
            found += own
        heading = own[0][0] if own else found[0][0] if found else None
        return cls(
            soup, tuple(text for _, text in found), heading, _own_item(soup, heading, whole), _element(soup, heading)
        )

    def property(self, name: str) -> tuple[str, str] | None:
        """The value of a microdata property of the story, and where it is found."""
        for tag in self.soup.find_all(itemprop=name, limit=_MAX_CANDIDATES):
            owner = tag.find_parent(itemscope=True)
            if owner is not self.item or is_outside_the_story(tag, self.element):
                continue
            value = str(tag.get("content") or tag.get("datetime") or _clean(tag)).strip()
            if value:
                return value, f"<{tag.name} itemprop={name}>"
        return None

    def tags(self, *, names: tuple[str, ...] = (), class_name: re.Pattern[str] | None = None) -> Iterator[Tag]:
        """The elements of the story with such a name or class: those below the heading first, then those above it.

        Elements of sidebars and other stories are left out, and those at the head of the site.
        """

        considered = 0

        def matches(tag: Tag) -> bool:
            nonlocal considered
            classes = f"{' '.join(tag.get('class') or ())} {tag.get('id') or ''}"
            named = tag.name in names or bool(class_name and class_name.search(classes))
            considered += named
            return named and considered <= _MAX_CONSIDERED

        if self.heading is None:
            found = (tag for tag in (self.element or self.soup).find_all(matches, limit=_MAX_CANDIDATES))
            yield from (tag for tag in found if not is_outside_the_story(tag, self.element))
            return
        within = {id(tag) for tag in self.element.find_all(True)} if self.element else None
        after_text = False
        late: list[Tag] = []
        for tag in self.heading.find_all_next(True):
            if within is not None and id(tag) not in within:
                break
            if tag.name in ("p", "div") and not after_text:
                after_text = sum(len(text) for text in tag.find_all(string=True, recursive=False)) > _LONG
            if matches(tag) and not is_outside_the_story(tag, self.element) and not self._in_teaser(tag):
                if not after_text:
                    yield tag
                elif len(late) < _MAX_CANDIDATES and not _has_other_words(tag):
                    late.append(tag)
        texts = 0
        for node in self.heading.previous_elements:
            if isinstance(node, Tag):
                if matches(node) and not is_outside_the_story(node, None) and not self._is_of_another(node):
                    yield node
            elif isinstance(node, NavigableString) and node.strip() and _is_shown(node):
                texts += 1
                if texts > _TODAY:
                    break
        yield from late

    def _is_of_another(self, tag: Tag) -> bool:
        return self._in_site_head(tag) or _has_other_words(tag) or self._in_teaser(tag)

    def _in_site_head(self, tag: Tag) -> bool:
        """Whether an element is in a `<header>` that is not the heading's own."""
        header = next((holder for holder in islice(tag.parents, _DEEP) if holder.name == "header"), None)
        return (
            header is not None and self.heading is not None and not any(one is header for one in self.heading.parents)
        )

    def _in_teaser(self, tag: Tag) -> bool:
        """Whether an element is in a box with another headline, or in a link that has more text than it."""
        for holder in islice(tag.parents, _TEASER):
            if holder is self.element or holder.name in ("body", "html", "article", "main"):
                return False
            if self.heading is not None and _contains(holder, self.heading):
                return False
            for node in islice(holder.descendants, _TEASER_NODES):
                if not isinstance(node, Tag) or _contains(tag, node) or _contains(node, tag):
                    continue
                if node.name in ("h2", "h3", "h4", "h5") and _clean(node):
                    return True
                if node.name == "a" and node.has_attr("href") and len(_clean(node).split()) >= _HEADLINE_WORDS:
                    return True
            if holder.name == "a" and _has_other_words(tag):
                return True
        return False


def _contains(holder: Tag, tag: Tag) -> bool:
    """Whether an element is inside another; `in` would compare their contents."""
    return any(one is holder for one in islice(tag.parents, _DEEP))


def _is_shown(text: NavigableString) -> bool:
    return text.parent is not None and text.parent.name not in ("script", "style", "title")


def _has_other_words(tag: Tag) -> bool:
    """Whether the line, list item or link of an element has three words besides its own."""
    around = (holder for holder in islice(tag.parents, _TEASER) if holder.name in ("li", "a", "p", "td"))
    holder = next(around, None)
    if holder is None:
        return False
    words = [word for word in holder.get_text(" ").split() if any(map(str.isalpha, word))]
    own = [word for word in tag.get_text(" ").split() if any(map(str.isalpha, word))]
    return len(words) - len(own) >= 3


def _own_item(soup: BeautifulSoup, heading: Tag | None, whole: str) -> Tag | None:
    """The microdata item of the page's own article: the one around the heading, or whose headline the page repeats."""
    items = [
        tag
        for tag in soup.find_all(itemscope=True, limit=200)
        if re.search(r"(?:Article|BlogPosting)\b", str(tag.get("itemtype") or ""))
    ]
    for item in items:
        if heading is not None and _contains(item, heading):
            return item
    unnamed = []
    for item in items:
        headline = item.find(itemprop="headline")
        text = str(headline.get("content") or _clean(headline)) if isinstance(headline, Tag) else ""
        if text and (text in whole or (heading is not None and text == _clean(heading))):
            return item
        if not text and not is_outside_the_story(item, None):
            unnamed.append(item)
    if len(unnamed) == 1:
        return unnamed[0]
    page = soup.find(itemtype=re.compile(r"(?:Web|Item)Page\b"))
    return page if isinstance(page, Tag) and not items else None


def _element(soup: BeautifulSoup, heading: Tag | None) -> Tag | None:
    """The smallest element around the heading that has most of the page's text outside links."""
    if heading is None:
        found = soup.find("article") if len(soup.find_all("article", limit=2)) == 1 else None
        return found if isinstance(found, Tag) else None
    body = soup.body or soup
    least = _MOST * _prose(body)
    for holder in islice(heading.parents, _DEEP):
        if holder.name in ("body", "html", "[document]"):
            return None
        if _prose(holder) >= least:
            return holder
    return None


def _prose(tag: Tag) -> int:
    """The characters of an element outside links."""
    return len(tag.get_text()) - sum(len(link.get_text()) for link in tag.find_all("a"))


# <meta>


def _meta(soup: BeautifulSoup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in soup.find_all("meta", content=True):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = str(tag["content"]).strip()
        named = tag.has_attr("property") or tag.has_attr("name")
        if name and content and (named or not tag.find_parent(("article", "div", "section", "li"), itemscope=True)):
            found.setdefault(str(name).lower(), []).append(content)
    return found


def _first_of(
    first: list[tuple[str | None, str]], meta: dict[str, list[str]], names: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """The first of these values, then of these `<meta>`, and where it is found."""
    for value, origin in (*first, *((meta[name][0], _meta_origin(name)) for name in names if name in meta)):
        if value:
            return value, origin
    return None, None


def _meta_origin(name: str) -> str:
    return f"<meta {'property' if name.startswith(('og:', 'article:')) else 'name'}={name}>"


def _clean(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


# Each field


def _addresses(soup: BeautifulSoup, meta: dict[str, list[str]], given: str | None) -> list[tuple[str, str]]:
    """The page's addresses, as far as they are known without its JSON-LD."""
    canonical = soup.find("link", rel="canonical", href=True)
    declared = [
        (canonical["href"] if isinstance(canonical, Tag) else None, "<link rel=canonical>"),
        (meta.get("og:url", [None])[0], "<meta property=og:url>"),
        (given, _GIVEN),
    ]
    return [(joined(given, url), origin) for url, origin in declared if isinstance(url, str) and url.strip()]


def _is_of_a_page(url: str) -> bool:
    """Whether an address has a path: pages that declare the site's own would all be one article."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.path.strip("/") or parts.query)


def _declared_titles(meta: dict[str, list[str]], linked: LinkedArticle, story: _Story) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if headline := linked.text("headline"):
        found.append((headline, linked.origin("headline")))
    if own := story.property("headline"):
        found.append(own)
    found += [(meta[name][0], _meta_origin(name)) for name in _TITLE_META if name in meta]
    return found


def find_date_among(
    texts: Iterable[tuple[str | None, str]],
    url: str | None,
    *,
    seen_at: datetime | None = None,
    not_after: datetime | None = None,
) -> tuple[FoundDate | None, str | None]:
    """The first date of these texts, and where it is found.

    If it is in doubt, another that is one of its readings and is not in doubt, or a date in the address, decides.
    """
    first: FoundDate | None = None
    where: str | None = None
    for text, origin in texts:
        if not text or len(text) > _MAX_DATE:
            continue
        try:
            found = find_published(text, seen_at=seen_at, not_after=not_after)
        except NotADate:
            continue
        if first is None:
            first, where = found, origin
            if len(first.readings) < 2 or not first.doubt:
                return first, where
            if dated := _DATE_IN_URL.search(url or ""):
                day = (int(dated[1]), int(dated[2]), int(dated[3]))
                for reading in first.readings:
                    if (reading.year, reading.month, reading.day) == day:
                        return FoundDate(datetime.combine(reading, first.moment.timetz())), where
        elif not found.doubt and found.moment.date() in first.readings:
            return FoundDate(datetime.combine(found.moment.date(), first.moment.timetz())), where
    return first, where


def _date_texts(meta: dict[str, list[str]], linked: LinkedArticle, story: _Story) -> Iterator[tuple[str | None, str]]:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        yield linked.text(name), linked.origin(name)
    yield text_of(linked.page.get("datePublished")), f"JSON-LD {linked.page_kind}: datePublished"
    yield from ((meta[name][0], _meta_origin(name)) for name in _DATE_META if name in meta)
    if own := story.property("datePublished"):
        yield own


def _add_elements(story: _Story, texts: list[tuple[str | None, str]], updates: list[tuple[str | None, str]]) -> None:
    """Add the story's elements with dates to the texts, or to the updates if they have the date of one."""
    found = list(story.tags(names=("time",), class_name=_DATE_CLASS))
    for tag in sorted(found, key=lambda tag: (tag.name != "time", not tag.has_attr("datetime"))):
        text, origin = str(tag.get("datetime") or _clean(tag)), f"the element {described(tag)}"
        if not is_update(tag):
            texts.append((text, origin))
            continue
        updates.append((text, origin))
        if not tag.has_attr("datetime") and without_update(text) != text:
            texts.append((without_update(text), origin))


def _authors(
    meta: dict[str, list[str]], linked: LinkedArticle, story: _Story, names: SiteNames, source: str | None
) -> tuple[tuple[str, ...], str | None]:
    """The authors, and where they are found: the first place with a name."""
    credits = _credits(story.soup)
    for found, origin in _author_names(meta, linked, story):
        kept = (without_byline(part) for name in found if name for part in re.split("[،,]", name))
        kept = (name for name in kept if name != source and is_author(name) and not names.is_site(name))
        authors = tuple(dict.fromkeys(name for name in kept if not _made_the_site(name, credits)))
        if authors:
            return authors, origin
    return (), None


def _credits(soup: BeautifulSoup) -> list[str]:
    """The lines of the footer that say who made the site."""
    lines = []
    short = [text for text in soup.find_all(string=_MADE_BY) if len(text) <= _MAX_CREDIT]
    for text in short[-_MAX_CREDITS:]:
        if text.parent is not None and is_in_footer(text.parent):
            after = (node for node in text.next_elements if isinstance(node, NavigableString) and node.strip())
            lines.append(" ".join(" ".join((text, *islice(after, 1))).split()))
    return lines


def _made_the_site(name: str, credits: list[str]) -> bool:
    pattern = re.compile(rf"{_MADE_BY_NAME}{re.escape(name)}(?!\w)", re.I)
    return any(map(pattern.search, credits))


def is_author(name: str) -> bool:
    """Whether a name may be that of a writer, not of a program or an agency of web design."""
    return 0 < len(name) <= _MAX_BYLINE and "://" not in name and not _NO_AUTHOR.search(name)


def _author_names(
    meta: dict[str, list[str]], linked: LinkedArticle, story: _Story
) -> Iterator[tuple[list[str | None], str]]:
    yield [text_of(author) for author in values_of(linked.values.get("author"))], linked.origin("author")
    if not linked.values:  # a page that is described only as a page
        people = [author for author in values_of(linked.page.get("author")) if not is_organization(author)]
        yield [*map(text_of, people)], f"JSON-LD {linked.page_kind}: author"
    for field in _AUTHOR_META:
        yield [*meta.get(field, [])], _meta_origin(field)
    properties = [tag for tag in story.soup.find_all(itemprop="author") if _is_of(tag, story)]
    yield [_author_property(tag) for tag in properties], "itemprop=author"
    links = [tag for tag in story.soup.find_all("a", rel="author") if not is_outside_the_story(tag, story.element)]
    yield [*map(_clean, links)], "<a rel=author>"
    for tag in story.tags(class_name=_BYLINE_CLASS):
        label = tag.get("id")  # of a section, for screen readers
        if not (label and story.soup.find(True, attrs={"aria-labelledby": str(label)})):
            yield [_clean(_name_in(tag))], f"the element {described(tag)}"


def _name_in(tag: Tag) -> Tag:
    """The part of an author's box that has the name."""
    if not tag.find(("p", "div", "ul", "h3", "h4", "h5")):
        return tag
    named = tag.find(class_=_BYLINE_CLASS) or tag.find("a", rel="author") or tag.find(("h3", "h4", "h5", "a"))
    return named if isinstance(named, Tag) else tag


def _is_of(tag: Tag, story: _Story) -> bool:
    """Whether an author's element belongs to the story's microdata."""
    owner = tag.find_parent(itemscope=True)
    return owner is story.item and not is_outside_the_story(tag, story.element)


def without_byline(name: str) -> str:
    """An author's name without «بقلم» before it."""
    return _BYLINE.sub("", name).strip()


def _author_property(tag: Tag) -> str | None:
    inner = tag.find(itemprop="name")
    named = inner if isinstance(inner, Tag) else tag
    return str(named.get("content") or "").strip() or _clean(named)
