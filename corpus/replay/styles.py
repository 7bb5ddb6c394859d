"""Stylesheets of stored pages, by tinycss2: every address in them becomes the content itself, or nothing.

Addresses are in `url(…)`, in the strings of `image-set(…)` and `src(…)`, and after `@import`, and any of their letters
may be written as an escape. A tokenizer of CSS sees them as browsers do; regular expressions would not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import tinycss2
from tinycss2.ast import StringToken, URLToken

from corpus.readers.encodings import decode
from corpus.replay.supply import Found, Supply, absolute, data_uri, is_data, part_key

MAX_SHEET: Final = 2_000_000
"""Characters of a stylesheet."""

MAX_SHEETS: Final = 4_000_000
"""Characters of all stylesheets of a page that are parsed: some four seconds' work."""

_MAX_IMPORTED: Final = 4  # levels of @import
_NOTHING: Final = "data:,"
_NO_STYLE: Final = "data:text/css,"
_OF_ADDRESSES: Final = ("url", "src", "image-set", "-webkit-image-set", "image", "cross-fade")
_SIGNS: Final = ("url", "@", "\\", "image", "src")

_TAG: Final = re.compile(r"<(?=[a-zA-Z/!?])")

_Address = Callable[[str], str]


class Styles:
    """Rewrites the stylesheets of one page."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self._characters = 0
        self._done: dict[str, str | None] = {}

    def sheet(self, address: str, *, level: int = 0) -> str | None:
        """The stylesheet at an address, rewritten; None if it was not captured or is too large."""
        key = part_key(address)
        if key not in self._done:
            self._done[key] = None  # while it is being rewritten: a sheet may import itself
            found = self._supply.find(address)
            if found is not None and found.media_type == "text/css" and level <= _MAX_IMPORTED:
                text = _decoded(found)
                self._done[key] = None if text is None else self.text(text, found.base, level=level)
        done = self._done[key]
        return done if done is not None and self._supply.spend(len(done)) else None

    def text(self, css: str, base: str, *, level: int = 0) -> str | None:
        """A stylesheet, or the declarations of a `style` attribute, rewritten; None if it is too large."""
        if len(css) > MAX_SHEET:
            return None
        lower = css.lower()
        if not any(sign in lower for sign in _SIGNS):
            return css
        self._characters += len(css)
        if self._characters > MAX_SHEETS:
            return None

        def content(reference: str) -> str:
            address = absolute(base, reference)
            if not address or is_data(address):  # in a stylesheet, nothing in a `data:` address runs or loads more
                return address or _NOTHING
            return self._supply.uri(address, "image/") or self._supply.uri(address, "font/") or _NOTHING

        def style(reference: str) -> str:
            address = absolute(base, reference)
            imported = self.sheet(address, level=level + 1) if address else None
            return _NO_STYLE if imported is None else data_uri("text/css", imported.encode())

        nodes = tinycss2.parse_component_value_list(css)
        try:
            _rewrite(nodes, content, style)
            return str(tinycss2.serialize(nodes))
        except RecursionError:  # brackets within brackets, far more than in any stylesheet
            return None


def in_element(css: str) -> str:
    """A stylesheet as the text of a `style` element: without what looks like a tag, which may end it.

    Within drawings and formulas, `style` is an element like others, and tags in it would be elements.
    """
    return _TAG.sub(r"\\3c ", css)


def _rewrite(nodes: list[Any], content: _Address, style: _Address) -> None:
    """Replace the addresses in a list of tokens, and in the blocks and functions within it."""
    importing = False
    for at, node in enumerate(nodes):
        match node.type:
            case "at-keyword":
                importing = node.lower_value == "import"
                continue
            case "whitespace" | "comment":
                continue
            case "string" if importing:
                nodes[at] = _url(node, style(node.value))
            case "url":
                if importing or not node.value.startswith("#"):
                    nodes[at] = _url(node, (style if importing else content)(node.value))
            case "function" if node.lower_name in _OF_ADDRESSES:
                _rewrite_strings(node.arguments, style if importing else content)
                _rewrite(node.arguments, content, style)
            case "function":
                _rewrite(node.arguments, content, style)
            case "{} block" | "() block" | "[] block":
                _rewrite(node.content, content, style)
        importing = False


def _rewrite_strings(nodes: list[Any], address: _Address) -> None:
    for at, node in enumerate(nodes):
        if node.type == "string" and not node.value.startswith("#"):
            new = address(node.value)
            nodes[at] = StringToken(node.source_line, node.source_column, new, f'"{_quoted(new)}"')


def _url(node: Any, address: str) -> URLToken:
    return URLToken(node.source_line, node.source_column, address, f'url("{_quoted(address)}")')


def _quoted(text: str) -> str:
    return "".join(f"\\{ord(char):x} " if char in '"\\\n\r\f' else char for char in text)


def _decoded(found: Found) -> str | None:
    try:
        return decode(found.data, found.charset)
    except ValueError:
        return None
