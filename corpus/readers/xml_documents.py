"""XML documents other than feeds: parsed by lxml without entities, network or unlimited nesting.

Elements are found by their local names, since the same format is in use with several namespaces and with none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.encodings import decode
from corpus.readers.feed import without_doctype

MAX_TAGS: Final = 1_000_000
"""Tags of a document; a printed page of 20,000 words has 60,000."""

_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30};)")
_XML_ENTITIES: Final = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
# Characters that XML 1.0 does not allow, and that programs write nevertheless.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def parse_xml(data: bytes, name: str) -> Any:
    """The root element of a document.

    The DOCTYPE is removed with the entities that it declares; entities of HTML, which agencies use, are decoded.

    Raises:
        UnreadableInput: it is not well-formed, or too large.
    """
    from lxml import etree

    try:
        text = without_doctype(decode(data))
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if text.count("<") > MAX_TAGS:
        raise UnreadableInput(name, f"it has more than {MAX_TAGS:,} tags")
    text = _FORBIDDEN.sub(" ", _ENTITY.sub(_character, text))
    # As bytes, since lxml refuses text with a declared encoding, which the parser's own overrides.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        reason = str(error.msg or "damaged").partition("\n")[0]
        raise UnreadableInput(name, f"not well-formed XML: {reason}") from error


def local_name(element: Any) -> str:
    """The name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Any, *names: str) -> Iterator[Any]:
    """The children of an element with these names; none of None."""
    return (child for child in (() if element is None else element) if local_name(child) in names)


def descendants(element: Any, *names: str) -> Iterator[Any]:
    """The elements at all levels below with these names, in document order; none of None."""
    below = () if element is None else element.iterdescendants()
    return (found for found in below if local_name(found) in names)


def find(element: Any, path: str) -> Any:
    """The first element at a path of names below: `head/docdata/date.issue`; None if there is none."""
    for name in path.split("/"):
        element = next(children(element, name), None)
    return element


def text_of(element: Any) -> str:
    """The text in an element, on one line; empty for None."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def attribute(element: Any, name: str) -> str:
    """An attribute, with or without a namespace, without space around it; empty if it is missing."""
    if element is None:
        return ""
    found = element.get(name)
    if found is None:
        found = next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
    return str(found).strip()


def _character(entity: re.Match[str]) -> str:
    return entity[0] if entity[1] in _XML_ENTITIES else html5.get(entity[1], entity[0])
