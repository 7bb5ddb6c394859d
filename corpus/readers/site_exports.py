"""Exports of whole sites as feeds, by WordPress (WXR) and Blogger: which entries are no articles, and their own names.

Such an export also contains what was never published. WordPress declares a status and a type for each item, Blogger a
kind or a type for each entry; Atom declares drafts (RFC 5023) and answers to other entries (RFC 4685).
"""

from __future__ import annotations

import html
import re
from typing import Any, Final

from corpus.readers.export_shapes import local_time
from corpus.readers.markup import MORE, without_shortcodes

# Types of WordPress itself, besides those that begin with `wp_`, and of plugins that most sites have.
_PARTS: Final = frozenset(
    (
        *("page", "attachment", "revision", "nav_menu_item", "custom_css", "customize_changeset", "oembed_cache"),
        *("user_request", "elementor_library", "wpcf7_contact_form", "acf-field", "acf-field-group"),
    )
)
_NO_CATEGORIES: Final = frozenset({"post_tag", "post_format", "nav_menu"})
_BLOGGER_KIND: Final = "http://schemas.google.com/g/2005#kind"
_AUTHOR: Final = re.compile(r"<wp:author>(.{0,4000}?)</wp:author>", re.S)
_AUTHOR_FIELD: Final = re.compile(r"<wp:author_(login|display_name)>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</", re.S)
_HAS_PARAGRAPHS: Final = re.compile(r"<p\b|<!-- wp:", re.I)
_BLANK_LINES: Final = re.compile(r"\n[ \t\r]*\n\s*")
_LINE_BREAK: Final = re.compile(r"\r?\n")
_BLOCK: Final = re.compile(r"</?(?:div|ul|ol|li|table|t[rdh]|blockquote|h[1-6]|figure|pre|section|hr|iframe)\b", re.I)


def kind_of_part(entry: Any) -> str | None:
    """What an entry is, if it is no published article: its status (`draft`) or its kind (`page`, `comment`)."""
    kind = _kind_of_part(entry)
    return kind.replace("_", " ") if kind else None


def _kind_of_part(entry: Any) -> str | None:
    status, post_type = _word(entry, "wp_status"), _word(entry, "wp_post_type")
    if post_type == "attachment":
        return post_type
    if status and status not in ("publish", "inherit"):
        return status
    if post_type in _PARTS or post_type.startswith("wp_"):
        return post_type
    status, kind = _word(entry, "blogger_status"), _word(entry, "blogger_type") or _blogger_kind(entry)
    if _word(entry, "app_draft") == "yes" or _word(entry, "draft") == "yes":
        return "draft"
    if kind and kind != "post":
        return kind
    if status and status != "live":
        return status
    return "comment" if "thr_in-reply-to" in entry else None


def unknown_type(entry: Any) -> str | None:
    """The post type of a WordPress item, if a plugin or theme has defined it: it may be an article or not."""
    post_type = _word(entry, "wp_post_type")
    return post_type if post_type not in ("", "post") and kind_of_part(entry) is None else None


def is_of_wordpress(entry: Any) -> bool:
    """Whether an entry is an item of a WordPress export, whose content is whole and not yet formatted."""
    return bool(_word(entry, "wp_post_type"))


def is_of_blogger(entry: Any) -> bool:
    """Whether an entry is a post of Blogger."""
    return (_word(entry, "blogger_type") or _blogger_kind(entry)) == "post"


def printed_time(entry: Any) -> str | None:
    """When WordPress published an item, as its readers saw it: the time of the site, with its offset from UTC."""
    local, utc = entry.get("wp_post_date"), entry.get("wp_post_date_gmt")
    return local_time(local, utc) if local and utc else None


def categories_of(entry: Any) -> list[str]:
    """The terms of an entry that are categories: tags, formats and Blogger's kinds are not."""
    tags = [tag for tag in entry.get("tags") or () if tag.get("scheme") not in (*_NO_CATEGORIES, _BLOGGER_KIND)]
    categories = [tag for tag in tags if tag.get("scheme") == "category"] if is_of_wordpress(entry) else tags
    return [str(tag.get("term") or "") for tag in categories or tags]


def display_names(text: str) -> dict[str, str]:
    """The display names of the authors in a WordPress export, by their logins, which the items give."""
    names: dict[str, str] = {}
    for author in _AUTHOR.finditer(text):
        found = {name: html.unescape(plain) or data for name, data, plain in _AUTHOR_FIELD.findall(author[1])}
        login, shown = found.get("login", "").strip(), found.get("display_name", "").strip()
        if login and shown:
            names.setdefault(login, shown)
    return names


def formatted(content: str) -> str:
    """The HTML of a WordPress item's content, as WordPress shows it: blank lines separate paragraphs."""
    text = MORE.sub("\n\n", without_shortcodes(content))
    if "<" not in text or _HAS_PARAGRAPHS.search(text):
        return text
    pieces = [piece.strip() for piece in _BLANK_LINES.split(text)]
    return "\n".join(
        piece if _BLOCK.search(piece) else f"<p>{_LINE_BREAK.sub('<br>', piece)}</p>" for piece in pieces if piece
    )


def _blogger_kind(entry: Any) -> str:
    kinds = (str(tag.get("term")) for tag in entry.get("tags") or () if tag.get("scheme") == _BLOGGER_KIND)
    return next(kinds, "").rpartition("#")[2].lower()


def _word(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value.strip().lower()[:40] if isinstance(value, str) else ""
