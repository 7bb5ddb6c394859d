"""The text of pages that a script draws: the article in the data that the page gives to it.

Next.js (`__NEXT_DATA__`), Nuxt (`__NUXT__`, `__NUXT_DATA__`), Fusion (`Fusion.globalContent`) and others
(`window.__INITIAL_STATE__`) put it there as JSON or as a JavaScript literal. The article is the object whose headline
is one of the page's titles and which has the longest text; other stories in the data have other headlines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bs4 import BeautifulSoup

from corpus.readers.html_json_ld import PageIdentity

_HEADLINES: Final = ("headline", "headlines", "title", "name", "basic", "rendered")
_TEXTS: Final = (
    "articleBody", "body", "content", "text", "html", "fullText", "full_text", "story", "description", "details",
    "content_elements", "blocks", "paragraphs", "rendered", "value", "data", "children", "items", "raw", "p",
)  # fmt: skip
_DATES: Final = (
    "datePublished", "publishedAt", "published_at", "publishDate", "publish_date", "publicationDate",
    "first_publish_date", "display_date", "firstPublished", "pubDate", "createdAt", "created_at", "date",
)  # fmt: skip
_ASSIGNED: Final = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$.]*)\s*=\s*(JSON\.parse\(\s*)?(?=[{\[\"'])")
_CALLED: Final = re.compile(r"__NUXT__\s*=\s*\(?function")
_PAIR: Final = re.compile(r'(?<!\w)([A-Za-z_]\w*)["\']?\s*:\s*("(?:[^"\\]|\\.){1,200000}")')
_DATA_TYPE: Final = re.compile(r"^(?:application|text)/(?:[\w.+-]*\+)?json$", re.I)
_NAMED: Final = re.compile(
    r"NEXT_DATA|NUXT|INITIAL_STATE|PRELOADED_STATE|APOLLO_STATE|globalContent|__data|initialData"
)
# Kinds of blocks that are not printed text.
_NO_TEXT: Final = re.compile(r"image|video|audio|embed|gallery|related|interstitial|advert|^ad$|_ad$|link_list", re.I)
_LEAST: Final = 80  # characters of a text
_MAX_SCRIPT: Final = 8_000_000  # characters
_MAX_VALUES: Final = 200_000
_MAX_DEPTH: Final = 12  # levels of an article's own text: blocks, their children, their text
_MAX_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class ScriptText:
    """A text in a script's data, the date beside it, and where it was found, in words."""

    text: str
    date: str | None
    origin: str


def data_scripts(soup: BeautifulSoup) -> list[tuple[str, str]]:
    """The names and contents of scripts that may have the article's text; call this before they are removed."""
    found: list[tuple[str, str]] = []
    for script in soup.find_all("script", src=False):
        name = str(script.get("id") or "")
        text = str(script.string or "")
        kind = str(script.get("type") or "")
        is_data = bool(_DATA_TYPE.match(kind)) and "ld+json" not in kind
        named = _NAMED.search(name) or _NAMED.search(text[:2000])
        if _LEAST < len(text) <= _MAX_SCRIPT and (is_data or named):
            found.append((name, text))
    return found[:_MAX_KEPT]


def text_in_scripts(scripts: Iterable[tuple[str, str]], page: PageIdentity) -> ScriptText | None:
    """The article's text in the data of these scripts, if its headline is one of the page's titles."""
    found: list[ScriptText] = []
    for name, script in scripts:
        for label, value in _values(name, script):
            found += _articles(value, page, f"the data of {label}")
        if _CALLED.search(script[:2000]):
            found += _literals(script, page, "the data of __NUXT__")
    return max(found, key=lambda one: len(one.text), default=None)


def _values(name: str, script: str) -> Iterator[tuple[str, Any]]:
    """The JSON values of a script, each with its name."""
    stripped = script.strip()
    if stripped[:1] in ("{", "["):
        value = _parsed(stripped, 0)
        yield name or "a script", _revived(value) if "NUXT" in name and isinstance(value, list) else value
        return
    for assigned in _ASSIGNED.finditer(script):
        if not _NAMED.search(assigned[1]):
            continue
        value = _parsed(script, assigned.end())
        if assigned[2] and isinstance(value, str):
            value = _parsed(value, 0)
        yield assigned[1].removeprefix("window."), value


def _parsed(text: str, start: int) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _revived(value: list[Any]) -> list[dict[str, Any]]:
    """The objects of Nuxt's flat list, in which a value is its place in the list."""

    def at(place: object) -> Any:
        return value[place] if type(place) is int and 0 <= place < len(value) else place

    objects = [item for item in value if isinstance(item, dict)]
    return [{name: at(place) for name, place in item.items()} for item in objects]


def _articles(value: Any, page: PageIdentity, origin: str) -> Iterator[ScriptText]:
    """The objects whose headline is the page's, with their text."""
    stack: list[Any] = [value]
    seen = 0
    while stack and seen < _MAX_VALUES:
        item = stack.pop()
        seen += 1
        if isinstance(item, dict):
            if any(map(page.has_headline, _headlines(item))):
                text = "\n".join(_texts(item))
                if len(text) >= _LEAST:
                    yield ScriptText(text, _date(item), origin)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _headlines(item: dict[str, Any]) -> Iterator[str]:
    for name in _HEADLINES:
        value = item.get(name)
        inner = value.values() if isinstance(value, dict) else (value,)
        yield from (text for text in inner if isinstance(text, str) and text.strip())


def _texts(item: dict[str, Any]) -> list[str]:
    """The longest text of an object's properties: a string, or the strings of its blocks in order."""
    found = [_strings(item[name]) for name in _TEXTS if name in item]
    return max(found, key=lambda texts: sum(map(len, texts)), default=[])


def _strings(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [text for item in value for text in _strings(item, depth + 1)]
    if isinstance(value, dict):
        if _NO_TEXT.search(str(value.get("type") or value.get("__typename") or "")):
            return []
        return next((found for name in _TEXTS if name in value and (found := _strings(value[name], depth + 1))), [])
    return []


def _date(item: dict[str, Any]) -> str | None:
    return next((value for name in _DATES if isinstance(value := item.get(name), str) and value.strip()), None)


def _literals(script: str, page: PageIdentity, origin: str) -> Iterator[ScriptText]:
    """The longest text of a JavaScript literal, if the headline before it is the page's."""
    headline = ""
    for pair in _PAIR.finditer(script):
        value = _parsed(pair[2], 0)
        if not isinstance(value, str):
            continue
        if pair[1] in _HEADLINES:
            headline = value
        elif pair[1] in _TEXTS and len(value) >= _LEAST and page.has_headline(headline):
            yield ScriptText(value, None, origin)
