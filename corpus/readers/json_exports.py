"""JSON that programs export: a table of known shapes, and from an object to its article.

An object of no known shape is read by the names of our fields, or by those of the field map (`record.py`). A field map
also overrides the fields of a shape. For a new program, add a row to `_TABLE`, or a shape with a function of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from corpus.article import FieldOrigins
from corpus.errors import UnreadableInput
from corpus.readers import cms_exports, social_exports
from corpus.readers.cms_exports import GhostTables
from corpus.readers.export_shapes import (
    NoArticle,
    NotAnArticle,
    Post,
    Shape,
    Value,
    at,
    has,
    html_line,
    html_lines,
    id_at,
    list_at,
    plain_lines,
    text_at,
)
from corpus.readers.html_metadata import without_byline
from corpus.readers.record import FieldReader, Ignored, Item, Place, Record, Refusal

LIST_OF_LINKS: Final = "a list of links without articles: fetch their addresses instead"
"""The reason to refuse an export that has no texts."""

_CUT_OFF: Final = re.compile(r"\[\+\d+ chars\]\s*$")
_NINJS_TYPES: Final = frozenset({"text", "composite"})
_NINJS_NAMES: Final = ("pubstatus", "versioncreated", "contentcreated", "firstcreated", "byline", "headlines")
_NINJS_BODIES: Final = ("body_xhtml", "body_html", "body_text", "bodies")


def _row(
    *,
    text: str,
    url: str,
    date: str,
    id: str | None = None,
    title: str = "title",
    author: str | None = None,
    source: str | None = None,
    section: str | None = None,
    received: str | None = None,
    markup: bool = False,
) -> Callable[[Value, Value], Post]:
    """A function that reads an object whose fields are at these paths; `markup` if the text is HTML."""

    def read(value: Value, around: Value) -> Post:
        found = text_at(value, text)
        return Post(
            id=id_at(value, id) if id and not text_at(value, url) else None,
            url=text_at(value, url),
            title=html_line(text_at(value, title)),
            text=html_lines(found) if markup else plain_lines(found),
            date=text_at(value, date),
            authors=_names(at(value, author)) if author else (),
            site=text_at(value, source) if source else None,
            section=text_at(value, section) if section else None,
            received_at=text_at(value, received) if received else None,
        )

    return read


def _names(value: Any) -> tuple[str, ...]:
    """Names: a text, or a list of texts and of objects with a `name`."""
    several = value if isinstance(value, list) else [value]
    names = (text_at(one, "name") if isinstance(one, Mapping) else one for one in several)
    return tuple(name for name in names if isinstance(name, str) and name.strip())


_TABLE: Final = (
    Shape(
        "wallabag",
        lambda value, around: has("content", "domain_name", "url")(value, around) and "is_archived" in value,
        _row(
            text="content",
            url="url",
            date="published_at",
            author="published_by",
            source="domain_name",
            received="created_at",
            markup=True,
        ),
    ),
    Shape(
        "news-please",
        has("maintext", "source_domain"),
        _row(text="maintext", url="url", date="date_publish", author="authors", source="source_domain"),
    ),
    Shape(
        "trafilatura",
        has("text", "source-hostname", "fingerprint"),
        _row(text="text", url="source", date="date", author="author", source="source-hostname", id="id"),
        uses_text=True,
    ),
    Shape(
        "webz.io",
        has("text", "uuid", "published", "thread.site"),
        _row(text="text", url="url", date="published", author="author", source="thread.site", id="uuid"),
        uses_text=True,
    ),
    Shape(
        "Event Registry",
        has("body", "uri", "dateTime", "source.title"),
        _row(text="body", url="url", date="dateTime", author="authors", source="source.title", id="uri"),
    ),
    Shape(
        "Media Cloud",
        lambda value, around: "stories_id" in value and has("story_text", "media_name")(value, around),
        _row(text="story_text", url="url", date="publish_date", source="media_name", id="stories_id"),
    ),
)


def _is_json_feed(value: Value, around: Value) -> bool:
    of_feed = str(around.get("version")).startswith(("https://jsonfeed.org/version/", "http://jsonfeed.org/version/"))
    return (of_feed or isinstance(value.get("content_html"), str)) and "id" in value


def _json_feed_item(value: Value, around: Value) -> Post:
    markup, text = text_at(value, "content_html"), text_at(value, "content_text")
    if not markup and not text:
        raise NoArticle("only a summary: fetch the feed's address instead to get the full text")
    url = text_at(value, "url")
    names = _names(value.get("authors")) or _names(value.get("author"))
    return Post(
        id=None if url else id_at(value, "id"),
        url=url,
        title=html_line(text_at(value, "title")),
        text=html_lines(markup) if markup else plain_lines(text),
        date=text_at(value, "date_published", "date_modified"),
        site=text_at(around, "title"),
        authors=names or _names(around.get("authors")) or _names(around.get("author")),
    )


def _newsapi_article(value: Value, around: Value) -> Post:
    """An article of NewsAPI, which cuts off texts after 200 characters."""
    if _CUT_OFF.search(value["content"]):
        raise NoArticle("its text is cut off ([+… chars]): fetch its address instead")
    read = _row(text="content", url="url", date="publishedAt", author="author", source="source.name", markup=True)
    return read(value, around)


def _is_ninjs(value: Value, around: Value) -> bool:
    own = isinstance(value.get("uri"), str) and any(name in value for name in _NINJS_NAMES)
    return own and ("type" in value or any(name in value for name in _NINJS_BODIES))


def _ninjs(value: Value, around: Value) -> Post:
    """An item of an agency (IPTC ninjs 1 and 2)."""
    if (status := text_at(value, "pubstatus") or "usable") != "usable":
        raise NotAnArticle(status)
    if (kind := text_at(value, "type") or "text") not in _NINJS_TYPES:
        raise NotAnArticle(kind)
    bodies = [(text_at(one, "contenttype", "contentType") or "", text_at(one, "value")) for one in _bodies(value)]
    markup = text_at(value, "body_xhtml", "body_html") or next((b for kind, b in bodies if "html" in kind), None)
    text = text_at(value, "body_text") or next((b for kind, b in bodies if b and "html" not in kind), None)
    byline = text_at(value, "byline", "bylines.0.value")
    return Post(
        id=value["uri"],
        title=html_line(text_at(value, "headline", "headlines.0.value", "name", "title")),
        text=html_lines(markup) if markup else plain_lines(text),
        date=text_at(value, "contentcreated", "firstcreated", "versioncreated"),
        source=text_at(value, "source", "infosource.0.name", "infosources.0.name", "provider.name", "copyrightholder"),
        authors=(without_byline(byline),) if byline else (),
    )


def _bodies(value: Value) -> Iterable[Any]:
    """The bodies of an item, those of the main role first."""
    return sorted(list_at(value, "bodies"), key=lambda one: text_at(one, "role") not in ("main", "body", None))


SHAPES: Final = (
    *social_exports.SHAPES,
    *cms_exports.SHAPES,
    *_TABLE,
    Shape("JSON Feed", _is_json_feed, _json_feed_item),
    Shape("NewsAPI", has("source.name", "publishedAt", "content", "url"), _newsapi_article),
    Shape("ninjs", _is_ninjs, _ninjs),
)
"""All shapes; an object has the first that recognizes it."""

# Objects of services that store or find links: Pocket, Omnivore, GDELT.
_LINKS: Final = (has("resolved_url", "given_url"), has("slug", "url", "savedAt"), has("seendate", "domain", "url"))
_TEXTS: Final = ("text", "content", "body", "maintext")


def shape_of(value: Value, around: Value) -> Shape | None:
    """The shape of an object; `around` are the values of the object that its array is in."""
    has_text = text_at(value, "text") is not None
    shapes = (shape for shape in SHAPES if shape.uses_text or not has_text)
    return next((shape for shape in shapes if shape.is_one(value, around)), None)


def is_link(value: Value) -> bool:
    """Whether an object is of a service that exports links only, and has no text."""
    return not any(name in value for name in _TEXTS) and any(is_one(value, {}) for is_one in _LINKS)


def article_of(
    value: Value, place: Place, fields: FieldReader, around: Value | None = None, warning: str | None = None
) -> Item:
    """The article of an object: by its shape, or otherwise by its names."""
    shape = shape_of(value, around or {})

    def read() -> Record:
        if shape is None:
            return fields.record(value, place, warning)
        record = _record(shape.read(value, around or {}), value, place, fields, warning)
        return replace(record, taken_from=FieldOrigins(form=f"an export of {shape.name}"))

    return _item(read, place)


def article_of_ghost(value: Value, tables: GhostTables, place: Place, fields: FieldReader) -> Item:
    """The article of a row of Ghost's posts."""
    return _item(lambda: _record(tables.post(value), value, place, fields, None), place)


def _item(read: Callable[[], Record], place: Place) -> Item:
    """The record that `read` returns, or what its exception says."""
    try:
        return read()
    except NotAnArticle as error:
        return Ignored(str(error))
    except NoArticle as error:
        return Refusal(place.label, str(error))
    except UnreadableInput as error:
        return Refusal(error.name, error.reason)


def _record(post: Post, value: Value, place: Place, fields: FieldReader, warning: str | None) -> Record:
    """The record of a post; the field map overrides its fields."""
    where = place.label
    if not any(post.text) and "text" not in fields.names:
        raise UnreadableInput(where, "it contains no text")
    own: dict[str, Any] = {
        "id": post.id,
        "url": post.url,
        "title": post.title,
        "text": list(post.text),
        "date": post.date,
        "source": post.source or fields.source_name(post.url) or post.site,
        "section": post.section,
        "author": list(post.authors),
    }
    plain = frozenset(own) - frozenset(fields.names)
    own |= {field: fields.look(value, field) for field in fields.names}
    if post.warning and post.warning not in fields.reported:
        fields.reported.add(post.warning)
        warning = f"{warning or where}{';' if warning else ':'} {post.warning}"
    named = replace(fields, names={})
    return named.record(own, place, warning, plain=plain, received=post.received_at)
