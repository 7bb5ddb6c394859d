"""The HTML of a stored page: its pictures and styles in it, its forms, scripts, frames and movements out of it.

A frame without scripts, forms and network shows it (the policy of `search_ui/web/kept_pages.py`). What is removed here
is removed a second time, and what would be requested from the page's site becomes our copy of it, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from bs4 import BeautifulSoup, Comment, Doctype, Tag
from bs4.element import CData, Declaration, ProcessingInstruction

from corpus.readers.encodings import decode
from corpus.readers.html_tree import parse_html, too_many_tags
from corpus.readers.saved_pages import SavedCopy, restore_page
from corpus.replay.styles import Styles, in_element
from corpus.replay.supply import Supply, absolute, is_data
from corpus.urls import is_web_address

OutsideLink = Callable[[str], tuple[str, str]]
"""Returns for an address that a page links to the address to link to instead, and its tooltip."""

_REMOVED: Final = frozenset({"audio", "script"})
# What is in them stays: it is shown instead of them, or the parser takes what follows for it.
_UNWRAPPED: Final = frozenset(
    {"animate", "animatemotion", "animatetransform", "applet", "base", "bgsound", "embed", "feimage", "fencedframe",
     "frame", "frameset", "isindex", "keygen", "meta", "object", "param", "portal", "set", "source", "track"}
)  # fmt: skip
# Attributes with addresses, and those that act on them. Those with pictures and links are read before.
_DROPPED: Final = frozenset(
    {"action", "archive", "autofocus", "autoplay", "background", "cite", "classid", "code", "codebase", "crossorigin",
     "data", "data-src", "data-srcset", "download", "dynsrc", "formaction", "formmethod", "formtarget", "href",
     "http-equiv", "imagesizes", "imagesrcset", "integrity", "is", "longdesc", "lowsrc", "manifest", "method", "nonce",
     "ping", "popovertarget", "poster", "profile", "sizes", "src", "srcdoc", "srcset", "target", "xlink:href",
     "xml:base"}
)  # fmt: skip
_OF_FRAMES: Final = frozenset({"class", "height", "id", "style", "title", "width"})
_CONTROLS: Final = frozenset({"button", "fieldset", "input", "select", "textarea"})
# Where scripts that load pictures late find their addresses, the most usual first.
_LATE: Final = (
    "data-src", "data-lazy-src", "data-original", "data-original-src", "data-orig-file", "data-lazy", "data-url",
    "data-image", "data-img", "data-hi-res-src", "data-echo", "data-ll-src", "data-savepage-src",
)  # fmt: skip
_LATE_SETS: Final = ("data-srcset", "data-lazy-srcset", "data-original-set")
_LATE_BACKGROUNDS: Final = ("data-bg", "data-background", "data-background-image", "data-bgset")
_OF_SCRIPTS: Final = frozenset({*_LATE, *_LATE_SETS, *_LATE_BACKGROUNDS})
_IN_SET: Final = re.compile(r"\s*(data:\S+|[^\s,]\S*[^\s,]|[^\s,])\s*(\d+(?:\.\d+)?[wxh])?[^,]*(?:,|$)")
_MAX_SET: Final = 100_000  # characters
_PLACEHOLDER: Final = 250  # characters of a `data:` picture that only keeps the place of another one
_MAX_FRAMES: Final = 2  # frames within frames
_STYLE_ADDRESS: Final = re.compile(r"url|\\|image|src", re.I)
_MISSING: Final = "img:not([src]){outline:1px dashed #8d8478;outline-offset:-1px;min-width:1.5em;min-height:1.5em}"
_BLANK: Final = re.compile("[\x00-\x20\x7f-\x9f]+")


@dataclass(slots=True)
class Count:
    """How many of all are shown."""

    shown: int = 0
    all: int = 0

    @property
    def missing(self) -> int:
        """How many are not."""
        return self.all - self.shown


@dataclass(slots=True)
class Markup:
    """Rewrites the pages of one replay: the page, and the frames that were saved in its file."""

    supply: Supply
    link: OutsideLink
    pictures: Count = field(default_factory=Count)
    styles: Count = field(default_factory=Count)
    frames: Count = field(default_factory=Count)
    media: int = 0
    """Videos and sounds, which are never kept."""
    saved: SavedCopy = field(default_factory=SavedCopy)
    """What the page says about its capture."""
    sheets: Styles = field(init=False)
    _pictures_seen: dict[str, bool] = field(default_factory=dict)
    _styles_seen: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sheets = Styles(self.supply)

    def page(self, text: str, address: str, *, level: int = 0) -> str | None:
        """A page rewritten as one document; None if it has too many tags."""
        if too_many_tags(text):
            return None
        soup = parse_html(text)
        if not level:
            self.saved = restore_page(soup, text)
        _Page(self, soup, _base(soup, address), address, level).rewrite()
        return soup.decode(formatter="minimal")

    def count_picture(self, address: str, shown: bool) -> None:
        """Count a picture once, by its first address."""
        _count(self.pictures, self._pictures_seen, address, shown)

    def count_style(self, address: str, shown: bool) -> None:
        """Count a stylesheet once."""
        _count(self.styles, self._styles_seen, address, shown)


class _Page:
    """One tree that is being rewritten."""

    def __init__(self, markup: Markup, soup: BeautifulSoup, base: str, address: str, level: int) -> None:
        self._markup = markup
        self._supply = markup.supply
        self._styles = markup.sheets
        self._soup = soup
        self._base = base
        self._address = address
        self._level = level

    def rewrite(self) -> None:
        for note in self._soup.find_all(
            string=lambda text: isinstance(text, (Comment, CData, Declaration, ProcessingInstruction))
        ):
            if not isinstance(note, Doctype):
                note.extract()
        for tag in self._soup.find_all(lambda tag: tag.name.lower() in _REMOVED):
            self._markup.media += tag.name.lower() == "audio"
            tag.extract()
        for frame in self._soup.find_all("iframe"):
            self._rewrite_frame(frame)
        self._remove_repeated_noscript()
        for tag in self._soup.find_all(True):
            self._rewrite_tag(tag)
        for tag in self._soup.find_all(lambda tag: tag.name.lower() in _UNWRAPPED):
            tag.unwrap()
        if self._soup.body and not self._level:
            self._soup.body["tabindex"] = "0"  # a page without links could not be scrolled by keyboard
        head = self._soup.head or self._soup.find(True)
        if isinstance(head, Tag):
            mark = self._soup.new_tag("style")
            mark.string = _MISSING
            head.insert(0, mark)

    def _rewrite_tag(self, tag: Tag) -> None:
        name = tag.name.lower()
        match name:
            case "link":
                self._rewrite_link(tag)
                return
            case "style":
                self._rewrite_style(tag)
                return
            case "iframe" | "source":
                return
            case "img":
                new = {"src": self._picture(list(self._candidates(tag)), _is_dot(tag))}
            case "image":
                new = {"href": self._picture([_text(tag, "href") or _text(tag, "xlink:href")])}
            case "input" if _text(tag, "type").lower() == "image":
                new = {"src": self._picture([_text(tag, "src")])}
            case "video":
                self._markup.media += 1
                new = {"poster": self._picture([_text(tag, "poster")])}
            case "a" | "area":
                new = self._link(_text(tag, "href") or _text(tag, "xlink:href"))
            case "use":
                reference = (_text(tag, "href") or _text(tag, "xlink:href")).strip()
                new = {"href": reference if reference.startswith("#") else None}
            case _:
                new = {}
        late = name == "img" and bool(new.get("src")) and any(tag.get(known) for known in (*_LATE, *_LATE_SETS))
        backgrounds = [_text(tag, known) for known in ("background", *_LATE_BACKGROUNDS) if tag.get(known)]
        self._clean_attributes(tag)
        for attribute, value in new.items():
            if value is not None:
                tag[attribute] = value
        if backgrounds and name != "img" and (uri := self._picture(backgrounds[:1])):
            tag["style"] = f"{_text(tag, 'style').rstrip('; ')};background-image:url({uri})".lstrip(";")
        if late:
            # Scripts would have faded it in.
            tag["style"] = f"{_text(tag, 'style').rstrip('; ')};opacity:1;visibility:visible".lstrip(";")
        if name in _CONTROLS:
            tag["disabled"] = ""

    def _clean_attributes(self, tag: Tag) -> None:
        for attribute in list(tag.attrs):
            lower = _BLANK.sub("", attribute).lower()
            if lower.startswith(("on", "data-src", "data-lazy")) or lower in _DROPPED or lower in _OF_SCRIPTS:
                del tag[attribute]
        style = _text(tag, "style")
        if style and _STYLE_ADDRESS.search(style):
            written = self._styles.text(style, self._base)
            if written:
                tag["style"] = written
            else:
                del tag["style"]

    # Pictures

    def _candidates(self, img: Tag) -> Iterator[str]:
        """The addresses of a picture, the one to show first: those that scripts load late, then the largest."""
        yield from (_text(img, name) for name in _LATE)
        for name in _LATE_SETS:
            yield from _of_set(_text(img, name))
        yield from _of_set(_text(img, "srcset"))
        # The parser takes `source` for an element with content.
        if (holder := img.parent) is not None and holder.name in ("picture", "source"):
            picture = holder if holder.name == "picture" else holder.find_parent("picture")
            for source in picture.find_all("source") if picture else ():
                for name in (*_LATE_SETS, "srcset"):
                    yield from _of_set(_text(source, name))
        yield _text(img, "src")

    def _picture(self, references: list[str], is_dot: bool = False) -> str | None:
        """The first of some addresses that was captured, as a `data:` URI."""
        addresses = [
            address for reference in references if reference.strip() and (address := absolute(self._base, reference))
        ]
        if not addresses:
            return None
        outside = [address for address in addresses if not is_data(address)]
        for address in outside:
            if uri := self._supply.uri(address, "image/"):
                self._count_picture(outside[0], is_dot, shown=True)
                return uri
        if outside:
            self._count_picture(outside[0], is_dot, shown=False)
        for address in filter(is_data, addresses):
            if uri := self._supply.uri(address, "image/"):
                # A small one keeps the place of a picture that a script would have loaded.
                if not outside and len(address) >= _PLACEHOLDER:
                    self._count_picture(address, is_dot, shown=True)
                return uri
        if not outside:  # `data:,` stands for what a program could not save: each of them is a picture
            self._count_picture(f"data:{self._markup.pictures.all}", is_dot, shown=False)
        return None

    def _count_picture(self, address: str, is_dot: bool, *, shown: bool) -> None:
        if not is_dot:
            self._markup.count_picture(address, shown)

    def _remove_repeated_noscript(self) -> None:
        """Remove what is shown instead of scripts, unless it has a picture that is nowhere else.

        A frame without scripts shows it; beside the picture that a script loads late, it is the same one again.
        """
        fallbacks = self._soup.find_all("noscript")
        if not fallbacks:
            return
        inside = {id(img) for fallback in fallbacks for img in fallback.find_all("img")}
        elsewhere = {
            absolute(self._base, reference)
            for img in self._soup.find_all("img")
            if id(img) not in inside
            for reference in self._candidates(img)
            if reference
        }
        for fallback in fallbacks:
            addresses = [
                {absolute(self._base, reference) for reference in self._candidates(img) if reference}
                for img in fallback.find_all("img")
                if not _is_dot(img)
            ]
            styled = fallback.find(["link", "style"]) is not None
            if not styled and all(addressed & elsewhere for addressed in addresses):
                fallback.extract()
            else:
                fallback.unwrap()

    # Stylesheets and frames

    def _rewrite_link(self, link: Tag) -> None:
        relations = {word.lower() for word in link.get_attribute_list("rel") if word}
        late = _text(link, "onload").lower()
        is_sheet = "stylesheet" in relations or ("preload" in relations and "stylesheet" in late)
        address = absolute(self._base, _text(link, "href"))
        if not is_sheet or "alternate" in relations or not address or link.has_attr("disabled"):
            link.extract()
            return
        media = "" if "media" in late or "preload" in relations else _text(link, "media")
        css = self._styles.sheet(address)
        self._markup.count_style(address, shown=css is not None)
        style = self._soup.new_tag("style", attrs={"media": media} if media else {})
        style.string = in_element(css or "")
        link.replace_with(style)

    def _rewrite_style(self, style: Tag) -> None:
        css = self._styles.text(style.get_text(), self._base)
        media = _text(style, "media")
        style.attrs = {"media": media} if media else {}
        style.string = in_element(css or "")

    def _rewrite_frame(self, frame: Tag) -> None:
        """A frame that was saved in the page or in its file; others are left out."""
        inner, address = _text(frame, "srcdoc"), absolute(self._base, _text(frame, "src"))
        if not inner and (part := self._supply.page_part(address)):
            try:
                inner = decode(part.data, part.charset)
            except ValueError:
                inner = ""
        written = None
        if inner and self._level < _MAX_FRAMES:
            written = self._markup.page(inner, address or self._base, level=self._level + 1)
        if not self._level and not _is_dot(frame) and (inner or is_web_address(address)):
            self._markup.frames.all += 1
            self._markup.frames.shown += written is not None
        if written is None:
            frame.extract()
            return
        self._clean_attributes(frame)
        frame.clear()
        frame.attrs = {name: value for name, value in frame.attrs.items() if name in _OF_FRAMES}
        frame["srcdoc"], frame["sandbox"] = written, "allow-popups allow-popups-to-escape-sandbox"

    # Links

    def _link(self, reference: str) -> dict[str, str | None]:
        clean = reference.strip()
        if not clean:
            return {}
        address = absolute(self._base, clean)
        page, hash_sign, fragment = address.partition("#")
        if clean.startswith("#") or (hash_sign and page == self._address.partition("#")[0]):
            return {"href": f"#{fragment}" if fragment else None}
        if not is_web_address(address):
            return {}
        href, said = self._markup.link(address)
        return {"href": href, "title": said, "target": "_blank", "rel": "noopener noreferrer nofollow"}


def _count(count: Count, seen: dict[str, bool], address: str, shown: bool) -> None:
    if address not in seen:
        seen[address] = shown
        count.all += 1
        count.shown += shown
    elif shown and not seen[address]:
        seen[address] = True
        count.shown += 1


def _base(soup: BeautifulSoup, address: str) -> str:
    """Where relative addresses begin: at `<base>`, or at the page's own address."""
    found = soup.find("base", href=True)
    return (absolute(address, _text(found, "href")) or address) if isinstance(found, Tag) else address


def _text(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else str(value or "")


def _is_dot(img: Tag) -> bool:
    """Whether a picture is one dot, which counts readers."""
    return all(_text(img, side).strip().removesuffix("px") in ("0", "1") for side in ("width", "height"))


def _of_set(text: str) -> list[str]:
    """The addresses of a `srcset`, the largest first."""
    if not text or len(text) > _MAX_SET:
        return []
    found = [(float((size or "1x")[:-1]), address) for address, size in _IN_SET.findall(text)]
    return [address for _, address in sorted(found, key=lambda pair: -pair[0])]
