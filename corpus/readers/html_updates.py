"""Which dates of a page are those of an update: by the names of their element, or the label printed before them."""

from __future__ import annotations

import re
from typing import Final

from bs4 import Tag
from bs4.element import NavigableString

from corpus.readers.html_names import names_of

_UPDATED_NAME: Final = re.compile(r"(?:^|[\s_-])(?:(?:last-?)?(?:updated?|modified)|date-?modified)(?:$|[\s_-])", re.I)
# WordPress names a date that is both `published updated`; themes name the date of publication `entry-date updated`.
_PUBLISHED_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:publish(?:ed)?|date-?published|entry-date|created)(?:$|[\s_-])", re.I
)
_UPDATED: Final = re.compile(
    r"(?<!\w)(?:(?:[آا]خر|تاريخ|تم|جرى) )?(?:(?:ال)?(?:تحديث|تعديل)|عدلت?)(?!\w)"
    r"|\b(?:last )?(?:updated?|modified)\b",
    re.I,
)
_END: Final = re.compile(r"[|•·]|(?<!\w)(?:(?:تاريخ|تم) )?(?:ال)?نشرت?(?!\w)|\b(?:published|posted)\b", re.I)
_VOWEL_SIGNS: Final = re.compile("[\u064b-\u0652]")
_MAX_LABEL: Final = 40
_LEVELS: Final = 2  # an element's own names, and those of the one around it


def is_update(tag: Tag) -> bool:
    """Whether an element has the date of an update: by its names, those of the element around it, or its label."""
    for holder in (tag, tag.parent):
        if holder is None or len(holder.find_all("time", limit=_LEVELS)) == _LEVELS:
            break
        names = f"{names_of(holder)} {holder.get('itemprop') or ''}".replace("dateModified", "date-modified")
        if _PUBLISHED_NAME.search(names):
            return False
        if _UPDATED_NAME.search(names):
            return True
    before = tag.previous_sibling
    label = before if isinstance(before, NavigableString) else before.get_text() if isinstance(before, Tag) else ""
    return is_of_update(f"{label if len(label) <= _MAX_LABEL else ''} {tag.get_text()}")


def is_of_update(text: str) -> bool:
    """Whether the first date of a short text is labelled as that of an update."""
    found = _UPDATED.search(_VOWEL_SIGNS.sub("", text))
    return found is not None and not any(map(str.isdigit, _VOWEL_SIGNS.sub("", text)[: found.start()]))


def without_update(text: str) -> str:
    """A text without the update that it begins with: `آخر تحديث: 5 يناير 2023 | نشر: 11 مايو 2021` from `|`."""
    plain = _VOWEL_SIGNS.sub("", text)
    found = _UPDATED.search(plain) if is_of_update(text) else None
    if not found:
        return text
    end = _END.search(plain, found.end())
    return plain[: found.start()] + plain[end.start() :] if end else plain[: found.start()]
