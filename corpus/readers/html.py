"""HTML pages of news sites, by BeautifulSoup: the source's selectors, the page's metadata, and its layout.

A source in `arshif.toml` may have CSS selectors for title, body, date and author. What a selector matches is used as it
is; if one matches nothing usable, the page is read as any other, with a warning, since sites change without notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from corpus.article import Article, FieldOrigins
from corpus.dates.named_days import find_published
from corpus.dates.parsing import FoundDate
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.html_body import Body, find_body, text_blocks
from corpus.readers.html_metadata import Metadata, read_metadata, without_byline
from corpus.readers.html_tree import parse_html, too_many_tags
from corpus.readers.saved_pages import restore_page
from corpus.readers.visual_order import may_be_reversed
from corpus.settings import Source, source_of_url

# Letters of body text below which a page is a list of links, a notice or an error, not an article.
_MIN_LETTERS: Final = 80

_MAX_DATE: Final = 200
_NAME_BREAK: Final = re.compile("[،,]")


def no_warning(text: str) -> None:
    """Ignore a warning."""


@dataclass(frozen=True, slots=True)
class PageExplanation:
    """The article of a page, which feature of the page each of its fields was taken from, and what is in doubt."""

    article: Article
    origins: FieldOrigins
    warnings: tuple[str, ...] = ()


def explain_page(
    data: bytes,
    name: str,
    *,
    charset: str | None = None,
    url: str | None = None,
    retrieved_at: datetime | None = None,
    seen_at: datetime | None = None,
    sources: Iterable[Source] = (),
    letters: DamagedLetters | None = None,
) -> PageExplanation:
    """The article of a page, and where each of its fields was found.

    `charset` is what the transport declared, `url` the page's address; without it, what the page says about where and
    when it was saved applies. The selectors of `sources` apply to pages of their hosts. There are warnings for those
    that match nothing usable, for a date in doubt, and for damaged letters; damage that is part of a larger document is
    noted in `letters` instead. `seen_at` is when the page was received from its site, if known: relative dates (منذ
    ساعتين) are counted from it.

    Raises:
        UnreadableInput: the bytes are not text, or there is no article on the page.
    """
    damage = letters or DamagedLetters(name)
    try:
        text = damage.decoded_bytes(data, charset, "page")
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if reason := too_many_tags(text):
        raise UnreadableInput(name, reason)
    text = damage.decoded(text, "page", is_source=True)
    soup = parse_html(text)
    saved = restore_page(soup, text)
    if url is None:  # a file: nothing but the page itself says where and when it was saved
        url = saved.url
        if saved.saved_at:
            retrieved_at = seen_at = saved.saved_at
    if may_be_reversed(text):
        _unwrap_reversed(soup, damage)
    # Metadata first: `find_body` removes boilerplate from the tree.
    sources = tuple(sources)
    not_after = seen_at or retrieved_at
    metadata = read_metadata(soup, url, sources=sources, seen_at=seen_at, not_after=not_after)
    source = source_of_url(sources, metadata.url) or source_of_url(sources, url)
    selected = apply_selectors(soup, source, seen_at) if source and source.selectors else SelectorMatches()
    warnings = [
        f"the rule for {unmatched} of {source.name if source else ''} matches nothing and was ignored"
        for unmatched in selected.unmatched
    ]
    body = find_body(soup, metadata, not_after=not_after)
    paragraphs = selected.paragraphs or body.paragraphs
    if not selected.paragraphs and sum(map(str.isalpha, "".join(paragraphs))) < _MIN_LETTERS:
        raise UnreadableInput(name, "no article text was found on the page")
    published = selected.published or (body.published if _prints_better(metadata, body) else metadata.published)
    if published and published.doubt:
        warnings.append(published.doubt)
    try:
        article = damage.article(
            url=metadata.url,
            title=selected.title or metadata.title,
            paragraphs=paragraphs,
            published=published.moment if published else None,
            source=source.name if source else metadata.source,
            section=metadata.section or body.section,
            authors=selected.authors or metadata.authors or ((body.author,) if body.author else ()),
            retrieved_at=retrieved_at,
        )
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if letters is None:
        warnings += damage.warnings()
    return PageExplanation(article, _origins(selected, source, metadata, body), tuple(warnings))


def read_html(
    data: bytes,
    name: str,
    *,
    charset: str | None = None,
    url: str | None = None,
    retrieved_at: datetime | None = None,
    seen_at: datetime | None = None,
    sources: Iterable[Source] = (),
    warn: Callable[[str], None] = no_warning,
    letters: DamagedLetters | None = None,
) -> Article:
    """The article of a page; `warn` is called with each warning. See `explain_page`.

    Raises:
        UnreadableInput: the bytes are not text, or there is no article on the page.
    """
    explained = explain_page(
        data,
        name,
        charset=charset,
        url=url,
        retrieved_at=retrieved_at,
        seen_at=seen_at,
        sources=sources,
        letters=letters,
    )
    for warning in explained.warnings:
        warn(warning)
    return explained.article


def _prints_better(metadata: Metadata, body: Body) -> bool:
    """Whether the date printed above the text is used: there is no other, or only that of an update."""
    return not metadata.published or (metadata.only_updated and body.published is not None and not body.only_updated)


def _origins(selected: SelectorMatches, source: Source | None, metadata: Metadata, body: Body) -> FieldOrigins:
    """Where each field was found: by a selector of the source, in the metadata, or in the page's layout."""
    rules = source.selectors if source else {}

    def rule(field: str) -> str:
        return f"the rule for {field} of {source.name if source else ''}: {rules[field]}"

    found = metadata.origins
    printed = "the date printed above the text" if body.published else None
    published = printed if _prints_better(metadata, body) else found.published
    byline = "the byline printed with the text" if body.author else None
    return FieldOrigins(
        title=rule("title") if selected.title else found.title,
        published=rule("date") if selected.published else published,
        authors=rule("author") if selected.authors else found.authors or byline,
        source="the source of this host in the settings" if source else found.source,
        section=found.section or ("the breadcrumbs" if body.section else None),
        url=found.url,
        body=rule("body") if selected.paragraphs else body.origin,
    )


def _unwrap_reversed(soup: BeautifulSoup, letters: DamagedLetters) -> None:
    """Put the wrapped lines of paragraphs in logical order, since one paragraph in visual order has its lines too."""
    for node in soup.find_all(string=True):
        if type(node) is NavigableString and "\n" in node.strip() and (lines := letters.lines(node)) != node:
            node.replace_with(lines)


@dataclass(frozen=True, slots=True)
class SelectorMatches:
    """What a source's selectors matched; None or empty if there is no selector or it matched nothing usable."""

    title: str | None = None
    paragraphs: tuple[str, ...] = ()
    published: FoundDate | None = None
    authors: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    """The names of the selectors that matched nothing usable."""


def apply_selectors(soup: BeautifulSoup, source: Source, seen_at: datetime | None = None) -> SelectorMatches:
    """Apply a source's selectors to a page, which was received at `seen_at`, if known."""
    found = {name: soup.select(selector) for name, selector in source.selectors.items()}
    title = next(filter(None, map(_text, found.get("title", []))), None)
    paragraphs = tuple(block.text for tag in _outermost(found.get("body", [])) for block in text_blocks(tag))
    published = next((date for tag in found.get("date", []) if (date := _date(tag, seen_at))), None)
    names = [name for tag in found.get("author", []) for name in _NAME_BREAK.split(_text(tag))]
    authors = tuple(filter(None, map(without_byline, names)))
    usable = {"title": title, "body": paragraphs, "date": published, "author": authors}
    return SelectorMatches(title, paragraphs, published, authors, tuple(name for name in found if not usable[name]))


def _outermost(tags: list[Tag]) -> list[Tag]:
    """The elements that are not inside others of the list, so that no text is taken twice."""
    matched = {id(tag) for tag in tags}
    return [tag for tag in tags if not any(id(holder) in matched for holder in tag.parents)]


def _text(tag: Tag) -> str:
    return " ".join(str(tag.get("content") or tag.get_text()).split())


def _date(tag: Tag, seen_at: datetime | None) -> FoundDate | None:
    for text in (tag.get("datetime"), _text(tag)):
        if text and len(str(text)) <= _MAX_DATE:
            try:
                return find_published(str(text), seen_at=seen_at)
            except NotADate:
                continue
    return None
