r"""Markup in the fields of JSON and tables: HTML, entities and literal `\n` are converted to plain text.

A text may also be about HTML, or print `AT&T`. So it is HTML only by clear signs: a known element that is closed, or a
block or line break (`<p>…</p>`, `<br />`), and that is attached to text. An entity is numeric, or known and ends with a
semicolon. A tag among words, with a space or a quote on both sides, is printed text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.entities import html5
from typing import Final

from corpus.readers.html_body import text_blocks
from corpus.readers.html_tree import parse_html, too_many_tags

_ALONE: Final = frozenset({"br", "hr", "img"})
_BLOCKS: Final = frozenset(
    {
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "figure",
    }
)
_NAMES: Final = (
    "|".join(_ALONE)
    + "|"
    + "|".join(_BLOCKS)
    + (
        "|a|abbr|b|big|cite|code|em|font|i|iframe|q|s|script|small|span|strike|strong|style|sub|sup|u|mark|del|ins|tbody"
        "|thead|figcaption|video|audio|source|noscript|form|input|button|pre|header|footer|aside|dl|dt|dd|section|article"
        "|center"
    )
)
_TAG: Final = re.compile(rf"<(/?)({_NAMES}|(?:o|st1|w|v):\w{{1,30}})(?=[\s/>])[^<>]{{0,10000}}>", re.I)
_STRAY: Final = re.compile(rf"<(?!/?(?:{_NAMES}|(?:o|st1|w|v):\w{{1,30}})[\s/>]|!--)", re.I)
_ENTITY: Final = re.compile(
    r"&(?:#[0-9]{1,7}(?:;|(?=&#))|#[xX][0-9a-fA-F]{1,6}(?:;|(?=&#))|[A-Za-z][A-Za-z0-9]{1,30};)"
)
_QUOTES: Final = "\"'`«»“”‘’()[]{}"
_APART: Final = frozenset(" \t" + _QUOTES)
_BEFORE_MENTION: Final = re.compile(rf"(?:[ \t\xa0{re.escape(_QUOTES)}]|(?<![^\W_])(?:[وفبلك]|و?ال))$")
_AFTER_MENTION: Final = re.compile(rf"[ \t\xa0{re.escape(_QUOTES)}.,:;!?،؛؟]")
_CONTEXT: Final = 4
_PARAGRAPH_TAG: Final = re.compile(r"<(?:p|div|li|td)[\s>]", re.I)
_BLANK_LINE: Final = re.compile(r"\n[ \t\r]*\n")
# Shortcodes for pictures and players: WordPress replaces them when it shows the page.
_CAPTION: Final = re.compile(r"\[(caption|wp_caption)\b[^\]]{0,2000}\].{0,4000}?\[/\1\]", re.S)
_EMBED: Final = re.compile(r"\[(embed|audio|video)\b[^\]]{0,2000}\](?:[^\[\]]{0,2000}\[/\1\])?")
_SHORTCODE: Final = re.compile(r"\[/?(?:caption|wp_caption|gallery|playlist|embed|audio|video)\b[^\]]{0,2000}\]")
_WITH_VALUES: Final = re.compile(r"\[(?:caption|wp_caption|gallery|playlist|embed|audio|video)\s+\w+=")
MORE: Final = re.compile(r"<!--\s*(?:more|nextpage)\b.*?-->", re.S)
"""Where WordPress cuts a text: after the part for lists, and between its pages."""

_BREAK: Final = re.compile(r"(?:\\r)?(?:\\n(?:\\r)?)+")
# Elements by whole class names: those of buttons and of lists of other articles, if most of the text is elsewhere.
_FURNITURE: Final = re.compile(
    r"(?:jp-)?(?:share|sharing|social|addthis|addtoany|sharedaddy|related|read-?(?:also|more)|newsletter|ads?|advert\w*"
    r"|tags|comments?)(?:[-_](?:buttons?|bar|box|links?|icons?|posts?|container|list|news|widget|count|media|toolbox))*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class PlainText:
    """A field as plain text: its lines, and what was found in it."""

    text: str
    had_html: bool = False
    had_breaks: bool = False
    may_be_html: bool = False
    """Whether it contains tags that were kept, since it may be about them."""


def plain_text(text: str) -> PlainText:
    """The plain text of a field; what is not clearly markup is unchanged.

    Raises:
        ValueError: it has too many tags.
    """
    has_shortcodes = "[" in text and bool(_WITH_VALUES.search(text))
    if not has_shortcodes and "<" not in text and "&" not in text and "\\" not in text:
        return PlainText(text)
    broken = _without_literal_breaks(text)
    found, is_html = without_shortcodes(broken) if has_shortcodes else broken, has_shortcodes
    for _ in range(2):  # exports may escape the markup once more
        if _is_html(found):
            return PlainText(_lines_of_html(found), had_html=True, had_breaks=broken != text)
        has_tags = bool(_TAG.search(found))
        decoded = _ENTITY.sub(_character, found)
        if decoded == found:
            break
        is_html, found = True, decoded
        if has_tags:
            break  # the escaped tags are printed text
    else:
        if _is_html(found):
            return PlainText(_lines_of_html(found), had_html=True, had_breaks=broken != text)
    return PlainText(found, is_html, broken != text, bool(_TAG.search(found)))


def lines_of_html(text: str) -> list[str]:
    """The paragraphs of a text that is known to be HTML.

    Raises:
        ValueError: it has too many tags.
    """
    if not _TAG.search(text):
        return [line for line in map(str.strip, _ENTITY.sub(_character, text).splitlines()) if line]
    return _lines_of_html(text).splitlines()


def without_shortcodes(text: str) -> str:
    """The text without WordPress's shortcodes, and without the captions in them."""
    return _SHORTCODE.sub("", _EMBED.sub("", _CAPTION.sub("", text)))


def _is_html(text: str) -> bool:
    if "<" not in text:
        return False
    if reason := too_many_tags(text):
        raise ValueError(reason)
    if MORE.search(text):
        return True
    opened: set[str] = set()
    attached: set[str] = set()
    for tag in _TAG.finditer(text):
        name, closes = tag[2].lower(), bool(tag[1])
        mentioned = _is_mention(text, tag)
        if not mentioned and not closes and (name in _ALONE or name in _BLOCKS):
            return True
        if closes and name in opened and (not mentioned or name in attached):
            return True
        if not closes:
            opened.add(name)
            if not mentioned:
                attached.add(name)
    return False


def _is_mention(text: str, tag: re.Match[str]) -> bool:
    """Whether a tag is printed among words: after a space, a quote or an Arabic prefix, and before a space or quote."""
    before = text[max(0, tag.start() - _CONTEXT) : tag.start()]
    after = text[tag.end() : tag.end() + 1]
    if not before.strip(" \t") and tag.start() <= _CONTEXT:  # at the start of the text
        alone = not after or bool(_AFTER_MENTION.match(after))
        return not tag[1] and alone and f"</{tag[2].lower()}" not in text.lower()
    at_end = not after and not tag[1]
    return bool(_BEFORE_MENTION.search(before)) and (at_end or bool(_AFTER_MENTION.match(after)))


def _lines_of_html(text: str) -> str:
    text = MORE.sub("<br>", text)
    if _PARAGRAPH_TAG.search(text):
        text = _BLANK_LINE.sub("<br>", text)
    else:
        text = text.replace("\n", "<br>")  # only inline markup: its lines are paragraphs
    if reason := too_many_tags(text):
        raise ValueError(reason)
    soup = parse_html(f"<html><body>{_STRAY.sub('&lt;', text)}</body></html>")
    length = len(text)
    for tag in soup.find_all(class_=_is_furniture):
        if not tag.decomposed and 2 * len(tag.get_text()) < length:
            tag.decompose()
    return "\n".join(_ENTITY.sub(_character_once_more, block.text) for block in text_blocks(soup))


def _is_furniture(name: str | None) -> bool:
    return bool(name and _FURNITURE.fullmatch(name))


def _character(entity: re.Match[str]) -> str:
    if entity[0][1] != "#" and entity[0][1:] not in html5:
        return entity[0]
    return " " if (found := html.unescape(entity[0])) == "\xa0" else found


def _character_once_more(entity: re.Match[str]) -> str:
    return entity[0] if entity[0] in ("&lt;", "&gt;") else _character(entity)


def _without_literal_breaks(text: str) -> str:
    r"""Replace literal `\n` by line breaks, unless one may be part of a path or of code, or is mentioned."""
    breaks = list(_BREAK.finditer(text)) if "\\" in text else []
    around = [(text[max(0, one.start() - 1) : one.start()], text[one.end() : one.end() + 1]) for one in breaks]
    if all(before in _APART and after in _APART for before, after in around):
        return text
    for before, after in around:
        if before and before.isascii() and (before.isalnum() or before in "\\:_"):
            return text
        if after.isascii() and after.isalpha():
            return text
    return _BREAK.sub(lambda one: "\n" * max(1, one[0].count("n")), text)
