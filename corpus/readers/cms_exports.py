"""JSON of content management systems: WordPress (REST), Blogger, Drupal (JSON:API), Ghost.

They also give what was not published; it is counted by its status or type, as in WordPress's own exports.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from corpus.readers.export_shapes import (
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
    local_time,
    plain_lines,
    text_at,
)
from corpus.readers.site_exports import formatted, kind_of_part, unknown_type

_DRUPAL_TYPE: Final = re.compile(r"\w{1,60}--\w{1,60}")
_GHOST: Final = re.compile(rb'[\xef\xbb\xbf\s]*\{\s*"db"\s*:\s*\[\s*\{\s*"(?:meta|data)"')
_GHOST_URL: Final = re.compile(r"__GHOST_URL__/?")
_GHOST_PUBLISHED: Final = frozenset({"published", "sent"})  # "sent": as a newsletter only
_MAX_ROWS: Final = 1_000_000  # that are held in memory
GHOST_DEPTH: Final = 5
"""Levels of Ghost's export down to a row: `db`, an element, `data`, a table, a row."""


def _wordpress_post(value: Value, around: Value) -> Post:
    """A post of `/wp-json/wp/v2/posts`; authors and categories are there if it was requested with `_embed`."""
    # The same names as in WordPress's exports, so that the same rules apply.
    item = {"wp_status": value.get("status") or "publish", "wp_post_type": value.get("type") or "post"}
    if kind := kind_of_part(item):
        raise NotAnArticle(kind)
    if at(value, "content.protected") is True:
        raise NotAnArticle("post with a password")
    terms = [term for group in list_at(value, "_embedded.wp:term") if isinstance(group, list) for term in group]
    sections = (text_at(term, "name") for term in terms if text_at(term, "taxonomy") == "category")
    names = (text_at(one, "name") for one in list_at(value, "_embedded.author"))
    authors = tuple(filter(None, map(html_line, names)))
    named = text_at(value, "yoast_head_json.author")
    local, utc = text_at(value, "date"), text_at(value, "date_gmt")
    strange = unknown_type(item)
    return Post(
        id=None if text_at(value, "link") else id_at(value, "id"),
        url=text_at(value, "link"),
        title=html_line(text_at(value, "title.rendered")),
        text=html_lines(formatted(text_at(value, "content.rendered") or "")),
        date=local_time(local, utc) or local,
        site=_host(text_at(value, "link")),
        section=html_line(next(sections, None)),
        authors=authors or ((named,) if named else ()),
        warning=f"kept, although its type {strange!r} may not be that of articles" if strange else None,
    )


def _blogger_post(value: Value, around: Value) -> Post:
    """A post of Blogger's API."""
    if (kind := value["kind"].removeprefix("blogger#").lower()) != "post":
        raise NotAnArticle(kind)
    if (status := (text_at(value, "status") or "live").lower()) != "live":
        raise NotAnArticle(status)
    author, label = text_at(value, "author.displayName"), at(value, "labels.0")
    return Post(
        id=None if text_at(value, "url") else id_at(value, "id"),
        url=text_at(value, "url"),
        title=html_line(text_at(value, "title")),
        text=html_lines(text_at(value, "content")),
        date=text_at(value, "published", "updated"),
        site=_host(text_at(value, "url")),
        section=label if isinstance(label, str) else None,
        authors=(author,) if author else (),
    )


def _is_blogger(value: Value, around: Value) -> bool:
    kind = value.get("kind")
    return isinstance(kind, str) and kind.startswith("blogger#") and "id" in value


def _atom_entry(value: Value, around: Value) -> Post:
    """An entry of a feed of Blogger with `alt=json`: Atom, in which `$t` is an element's text."""
    categories = [(text_at(one, "scheme") or "", text_at(one, "term") or "") for one in list_at(value, "category")]
    kind = next((term.rpartition("#")[2] for scheme, term in categories if scheme.endswith("#kind")), "post")
    if kind != "post" or "thr$in-reply-to" in value:
        raise NotAnArticle(kind if kind != "post" else "comment")
    if text_at(value, "app$control.app$draft.$t") == "yes":
        raise NotAnArticle("draft")
    url = next((text_at(one, "href") for one in list_at(value, "link") if text_at(one, "rel") == "alternate"), None)
    sections = (term for scheme, term in categories if not scheme.endswith("#kind"))
    names = (text_at(one, "name.$t") for one in list_at(value, "author"))
    return Post(
        id=None if url else text_at(value, "id.$t"),
        url=url,
        title=html_line(text_at(value, "title.$t")),
        text=html_lines(text_at(value, "content.$t")),
        date=text_at(value, "published.$t", "updated.$t"),
        source=html_line(text_at(around, "title.$t")),
        site=_host(url),
        section=next(sections, None),
        authors=tuple(name for name in names if name),
    )


def _is_drupal(value: Value, around: Value) -> bool:
    kind = value.get("type")
    return isinstance(kind, str) and bool(_DRUPAL_TYPE.fullmatch(kind)) and isinstance(value.get("attributes"), dict)


def _drupal_node(value: Value, around: Value) -> Post:
    """A node of Drupal; what it refers to (users, terms, pictures) is counted."""
    kind = value["type"].partition("--")
    if kind[0] != "node" or kind[2] == "page":
        raise NotAnArticle(kind[2] if kind[0] == "node" else kind[0].replace("_", " "))
    if at(value, "attributes.status") is False:
        raise NotAnArticle("unpublished")
    link, alias = text_at(value, "links.self.href", "links.self"), text_at(value, "attributes.path.alias")
    url = urljoin(link, alias) if link and alias else None
    return Post(
        id=None if url else id_at(value, "id"),
        url=url,
        title=text_at(value, "attributes.title"),
        text=html_lines(text_at(value, "attributes.body.processed", "attributes.body.value")),
        date=text_at(value, "attributes.published_at", "attributes.created"),
        site=_host(link),
    )


def is_ghost(head: bytes) -> bool:
    """Whether a file begins as an export of Ghost."""
    return bool(_GHOST.match(head))


@dataclass(slots=True)
class GhostTables:
    """The tables of Ghost's export that complete its posts, which may come before them: it is read twice."""

    _names: dict[str, str] = field(default_factory=dict)
    _tags: dict[str, str] = field(default_factory=dict)
    _authors: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    _sections: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    _title: str | None = None
    _rows: int = 0

    def add(self, table: str, row: Any) -> None:
        """Note a row of another table than `posts`."""
        self._rows += 1
        if self._rows > _MAX_ROWS:
            return
        number = str(at(row, "id"))
        order = at(row, "sort_order")
        place = order if isinstance(order, int) else 0
        if table == "users" and (name := text_at(row, "name")):
            self._names[number] = name
        elif table == "tags" and (name := text_at(row, "name")):
            self._tags[number] = name
        elif table == "posts_authors":
            self._authors[str(at(row, "post_id"))].append((place, str(at(row, "author_id"))))
        elif table == "posts_tags":
            self._sections[str(at(row, "post_id"))].append((place, str(at(row, "tag_id"))))
        elif table == "settings" and at(row, "key") == "title":
            self._title = text_at(row, "value")

    def post(self, row: Value) -> Post:
        """The article of a row of `posts`; the export does not have the address of the site."""
        status, kind = text_at(row, "status") or "published", text_at(row, "type") or "post"
        if kind != "post" or row.get("page") in (True, 1):
            raise NotAnArticle("page" if kind == "post" else kind)
        if status not in _GHOST_PUBLISHED:
            raise NotAnArticle(status)
        number = str(row.get("id"))
        writers = [one for _, one in sorted(self._authors.get(number, ()))] or [str(row.get("author_id"))]
        tags = (self._tags.get(one, "") for _, one in sorted(self._sections.get(number, ())))
        markup = text_at(row, "html")
        return Post(
            id=f"ghost-{id_at(row, 'uuid') or number}",
            url=text_at(row, "canonical_url"),
            title=text_at(row, "title"),
            text=html_lines(_GHOST_URL.sub("/", markup)) if markup else plain_lines(text_at(row, "plaintext")),
            date=id_at(row, "published_at"),
            source=self._title,
            section=next((tag for tag in tags if tag and not tag.startswith("#")), None),  # others are internal
            authors=tuple(self._names[one] for one in writers if one in self._names),
        )


def _host(url: str | None) -> str | None:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


SHAPES: Final = (
    Shape("WordPress", has("content.rendered", "title.rendered", "date"), _wordpress_post),
    Shape("Blogger", _is_blogger, _blogger_post),
    Shape("Blogger's feed", has("id.$t", "title.$t", "published.$t"), _atom_entry),
    Shape("Drupal", _is_drupal, _drupal_node),
)
"""The shapes of this module; Ghost's export is one document, read by `GhostTables`."""
