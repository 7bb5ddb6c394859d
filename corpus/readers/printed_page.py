"""Scanned pages with recognized text: ALTO, PAGE and hOCR, with the place of each word.

Blocks are paragraphs and their lines are joined; the order, also of words from right to left, is that of the file. The
file is stored with the article, so that `printed_words` finds the boxes of its words again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any, Final

from corpus.errors import UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.encodings import decode
from corpus.readers.feed import without_doctype
from corpus.readers.page import MAX_TITLE_LENGTH, begins_with_title
from corpus.readers.record import Place, Reading, Record
from corpus.readers.xml_documents import (
    MAX_TAGS,
    attribute,
    children,
    descendants,
    find,
    local_name,
    parse_xml,
    text_of,
)
from corpus.settings import source_of_file

PRINTED_ROOTS: Final = frozenset({"alto", "PcGts"})
"""Root elements of ALTO and PAGE."""

_MEDIA_TYPES: Final = {
    "alto": "application/alto+xml",
    "PcGts": "application/vnd.prima.page+xml",
    "html": "text/vnd.hocr+html",
}
_HOCR: Final = re.compile(r"""<\w+\s[^<>]{0,2000}?\bclass\s*=\s*["'](?:[^"'<>]{0,200}\s)?ocr_page\b""", re.I)
_PROPERTY: Final = re.compile(r"\s*(\w+)\s+([^;]*)")
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_POINT: Final = re.compile(r"(-?\d{1,9}(?:\.\d{1,9})?),(-?\d{1,9}(?:\.\d{1,9})?)")
_HOCR_LINES: Final = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_textfloat", "ocr_caption"})
_SOFT_HYPHENS: Final = "\u00ad\u00ac"
_HEADLINES: Final = frozenset({"headline", "heading", "title", "headings", "main headline", "عنوان"})
_LARGER: Final = 1.3  # a headline's type, compared with the usual size
_MAX_HOLDERS: Final = 8  # elements around a block or a line that are looked at
_MAX_PAGES: Final = 10_000
_MAX_OUTSIDE: Final = 0.1  # share of a page's letters that hOCR may have outside its pages


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in the unit of its page from the upper left corner; None if the file does not tell.

    `confidence` is from 0 to 1.
    """

    text: str
    left: float | None
    top: float | None
    width: float | None
    height: float | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page with its words in reading order; `unit` is `pixel`, or `mm10` and `inch1200` in ALTO."""

    width: float | None
    height: float | None
    unit: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: its words, what is printed with hyphens joined, and its type size, if known."""

    words: tuple[Word, ...]
    text: str
    size: float | None
    continues: bool = False
    """Whether its last word ends on the next line."""


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[_Line, ...]
    is_headline: bool = False

    @property
    def text(self) -> str:
        joined = "".join(line.text if line.continues else line.text + " " for line in self.lines)
        return " ".join(joined.split())

    @property
    def size(self) -> float | None:
        return median(sizes) if (sizes := [line.size for line in self.lines if line.size]) else None


@dataclass(frozen=True, slots=True)
class _Page:
    width: float | None
    height: float | None
    unit: str
    blocks: tuple[_Block, ...]


def is_hocr(head: str) -> bool:
    """Whether the start of a page may be hOCR: an element is of the class `ocr_page`."""
    return bool(_HOCR.search(head))


def printed_words(data: bytes) -> tuple[PrintedPage, ...]:
    """The words of a stored page with their boxes; empty if the bytes are none of these formats.

    >>> line = b'<TextLine><String CONTENT="a" HPOS="5"/></TextLine>'
    >>> printed_words(b"<alto><Layout><Page>" + line + b"</Page></Layout></alto>")[0].words[0].left
    5.0
    """
    try:
        pages, _ = _pages(data, "")
    except UnreadableInput:
        return ()
    return tuple(
        PrintedPage(
            page.width,
            page.height,
            page.unit,
            tuple(word for block in page.blocks for line in block.lines for word in line.words),
        )
        for page in pages
    )


def read_printed_page(data: bytes, place: Place, reading: Reading) -> Record | None:
    """The article of a scanned page; None if an HTML page is not hOCR.

    The title is a first block that the file marks as a headline or that has larger type than most; otherwise the rule
    of plain texts applies.

    Raises:
        UnreadableInput: it is damaged, or has no text.
    """
    pages, root = _pages(data, place.label)
    if root == "html" and not pages:
        return None
    blocks = [block for page in pages for block in page.blocks if block.text]
    paragraphs = [block.text for block in blocks]
    if not paragraphs:
        raise UnreadableInput(place.label, "the page has no recognized text")
    title = None
    if len(blocks) > 1 and _may_be_title(paragraphs[0]) and (_is_headline(blocks) or begins_with_title(paragraphs)):
        title = paragraphs.pop(0)
    source = source_of_file(reading.sources, place.file)
    letters = DamagedLetters(place.label)
    article = letters.article(
        title=title,
        paragraphs=paragraphs,
        source=source.name if source else None,
        retrieved_at=reading.retrieved_at,
    )
    warnings = "; ".join(letters.warnings())
    warning = f"{place.label}: {warnings}" if warnings else None
    return Record(article, data, _MEDIA_TYPES[root], warning, origin=place.origin)


def _may_be_title(text: str) -> bool:
    """Whether a text is short and no page number."""
    return len(text) <= MAX_TITLE_LENGTH and any(map(str.isalpha, text))


def _is_headline(blocks: list[_Block]) -> bool:
    """Whether the first block is a headline, by its type or as the file says."""
    if blocks[0].is_headline:
        return True
    sizes = [line.size for block in blocks[1:] for line in block.lines if line.size]
    return bool(sizes and blocks[0].size and blocks[0].size > _LARGER * median(sizes))


def _pages(data: bytes, name: str) -> tuple[list[_Page], str]:
    """The pages of a file, and the local name of its root element; no pages if it is none of the formats."""
    try:
        text = decode(data)
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    if is_hocr(text):
        return _hocr_pages(text, name), "html"
    root = parse_xml(data, name)
    kind = local_name(root)
    if kind not in PRINTED_ROOTS:
        raise UnreadableInput(name, "not a scanned page")
    return list(_alto_pages(root) if kind == "alto" else _page_pages(root)), kind


# ALTO: https://www.loc.gov/standards/alto/


def _alto_pages(root: Any) -> Iterator[_Page]:
    unit = text_of(next(descendants(root, "MeasurementUnit"), None)) or "pixel"
    sizes = {attribute(style, "ID"): _number(attribute(style, "FONTSIZE")) for style in descendants(root, "TextStyle")}
    tags = [tag for group in children(root, "Tags") for tag in group]
    headlines = {attribute(tag, "ID") for tag in tags if attribute(tag, "LABEL").lower() in _HEADLINES}
    for page in descendants(root, "Page"):
        blocks = list(descendants(page, "TextBlock")) or [page]
        yield _Page(
            _number(attribute(page, "WIDTH")),
            _number(attribute(page, "HEIGHT")),
            unit,
            tuple(_alto_block(block, sizes, headlines) for block in blocks),
        )


def _alto_block(block: Any, sizes: dict[str, float | None], headlines: set[str]) -> _Block:
    lines = descendants(block, "TextLine")
    inherited = _inherited(block, "STYLEREFS")
    return _Block(
        tuple(_alto_line(line, sizes, inherited) for line in lines),
        not headlines.isdisjoint(_inherited(block, "TAGREFS")),
    )


def _inherited(block: Any, name: str) -> list[str]:
    """References of a block, and otherwise of the nearest element around it."""
    for holder in (block, *islice(block.iterancestors(), _MAX_HOLDERS)):
        if found := attribute(holder, name):
            return found.split()
    return []


def _alto_line(line: Any, sizes: dict[str, float | None], inherited: list[str]) -> _Line:
    words: list[Word] = []
    printed: list[str] = []
    found_sizes: list[float] = []
    own = attribute(line, "STYLEREFS").split() or inherited
    for child in line:
        if local_name(child) != "String":
            continue  # a space, or the hyphen of a word that is given whole with its first part
        content = attribute(child, "CONTENT")
        words.append(
            Word(
                content,
                _number(attribute(child, "HPOS")),
                _number(attribute(child, "VPOS")),
                _number(attribute(child, "WIDTH")),
                _number(attribute(child, "HEIGHT")),
                _share(attribute(child, "WC"), 1),
            )
        )
        part, whole = attribute(child, "SUBS_TYPE"), attribute(child, "SUBS_CONTENT")
        if part == "HypPart1" and whole:
            printed.append(whole)
        elif part != "HypPart2" or not whole:
            printed.append(content)
        refs = attribute(child, "STYLEREFS").split() or own
        found_sizes += [size for ref in refs if (size := sizes.get(ref))]
    return _joined(tuple(words), " ".join(printed), median(found_sizes) if found_sizes else None)


# PAGE: https://github.com/PRImA-Research-Lab/PAGE-XML


def _page_pages(root: Any) -> Iterator[_Page]:
    for page in children(root, "Page"):
        regions = {attribute(region, "id"): region for region in descendants(page, "TextRegion")}
        order = [attribute(ref, "regionRef") for ref in descendants(page, "RegionRefIndexed", "RegionRef")]
        first = [regions.pop(ref) for ref in dict.fromkeys(order) if ref in regions]
        yield _Page(
            _number(attribute(page, "imageWidth")),
            _number(attribute(page, "imageHeight")),
            "pixel",
            tuple(map(_page_block, [*first, *regions.values()])),
        )


def _page_block(region: Any) -> _Block:
    lines = tuple(_page_line(line) for line in children(region, "TextLine"))
    if not lines:
        lines = (_joined((), _page_text(region)),)
    return _Block(lines, attribute(region, "type").lower() in _HEADLINES)


def _page_line(line: Any) -> _Line:
    parts = [(part, _page_text(part)) for part in children(line, "Word")]
    words = tuple(
        Word(text, *_box_of_points(attribute(find(part, "Coords"), "points")), _confidence(part))
        for part, text in parts
        if text
    )
    return _joined(words, _page_text(line) or " ".join(word.text for word in words))


def _page_text(element: Any) -> str:
    """The text of a region, line or word: that of the first alternative."""
    found = sorted(children(element, "TextEquiv"), key=lambda one: _number(attribute(one, "index")) or 0)
    return text_of(find(found[0], "Unicode")) if found else ""


def _confidence(part: Any) -> float | None:
    return _share(attribute(find(part, "TextEquiv"), "conf"), 1)


def _box_of_points(points: str) -> tuple[float | None, float | None, float | None, float | None]:
    found = [(float(x), float(y)) for x, y in _POINT.findall(points[:10_000])]
    if not found:
        return None, None, None, None
    left, top = min(x for x, _ in found), min(y for _, y in found)
    return left, top, max(x for x, _ in found) - left, max(y for _, y in found) - top


# hOCR: https://kba.github.io/hocr-spec/1.2/


def _hocr_pages(text: str, name: str) -> list[_Page]:
    """The pages of hOCR; none if most of the text is outside of them, as in an article about it."""
    from lxml import etree

    if text.count("<") > MAX_TAGS:
        raise UnreadableInput(name, f"it has more than {MAX_TAGS:,} tags")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(without_doctype(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableInput(name, "the page is too damaged to be read") from error
    if root is None:
        return []
    found = [element for element in root.iter() if _has_class(element, "ocr_page")]
    if len(found) > _MAX_PAGES:
        raise UnreadableInput(name, f"it has more than {_MAX_PAGES:,} pages")
    found = [element for element in found if not any(_has_class(one, "ocr_page") for one in element.iterancestors())]
    body = next(descendants(root, "body"), root)
    inside = sum(_letters(element) for element in found)
    if _letters(body) - inside > _MAX_OUTSIDE * inside:
        return []
    return [_hocr_page(element) for element in found]


def _hocr_page(page: Any) -> _Page:
    """A page: its lines are grouped by paragraph, or otherwise by area."""
    grouped: dict[Any, list[_Line]] = {}
    for element in page.iterdescendants():
        if any(_has_class(element, name) for name in _HOCR_LINES):
            holders = list(islice(element.iterancestors(), _MAX_HOLDERS))
            blocks = [one for name in ("ocr_par", "ocr_carea") for one in holders if _has_class(one, name)]
            grouped.setdefault(blocks[0] if blocks else page, []).append(_hocr_line(element))
    if not grouped:  # a program that marks no lines
        blocks = [one for one in page.iterdescendants() if _has_class(one, "ocr_par")] or [page]
        grouped = {block: [_hocr_line(block)] for block in blocks}
    left, top, width, height = _hocr_box(_properties(page))
    return _Page(
        None if width is None else width + (left or 0),
        None if height is None else height + (top or 0),
        "pixel",
        tuple(_Block(tuple(lines)) for lines in grouped.values()),
    )


def _hocr_line(line: Any) -> _Line:
    words: list[Word] = []
    sizes: list[float | None] = [_number(_properties(line).get("x_size", ""))]
    for element in line.iterdescendants():
        if _has_class(element, "ocrx_word") and (text := text_of(element)):
            properties = _properties(element)
            words.append(Word(text, *_hocr_box(properties), _share(properties.get("x_wconf", ""), 100)))
            sizes.append(_number(properties.get("x_fsize", "")))
    found = [size for size in sizes if size]
    text = " ".join(word.text for word in words) or text_of(line)
    return _joined(tuple(words), text, median(found) if found else None)


def _has_class(element: Any, name: str) -> bool:
    return isinstance(element.tag, str) and name in (element.get("class") or "").split()


def _properties(element: Any) -> dict[str, str]:
    """The properties in an element's title: `bbox 0 0 90 20; x_wconf 95`."""
    parts = (element.get("title") or "")[:10_000].split(";")
    return {found[1]: found[2].strip() for part in parts if (found := _PROPERTY.fullmatch(part))}


def _hocr_box(properties: dict[str, str]) -> tuple[float | None, float | None, float | None, float | None]:
    corners = [float(number) for number in _NUMBER.findall(properties.get("bbox", ""))]
    if len(corners) != 4:
        return None, None, None, None
    left, top, right, bottom = corners
    return left, top, right - left, bottom - top


def _letters(element: Any) -> int:
    return sum(map(str.isalpha, "".join(element.itertext())))


def _joined(words: tuple[Word, ...], text: str, size: float | None = None) -> _Line:
    """A line; a soft hyphen at its end joins it to the next."""
    if text and text[-1] in _SOFT_HYPHENS:
        return _Line(words, text[:-1], size, continues=True)
    return _Line(words, text, size)


def _number(text: str) -> float | None:
    """A number, which programs also write with a unit or a decimal comma."""
    found = _NUMBER.match(text.replace(",", "."))
    return float(found[0]) if found else None


def _share(text: str, of: float) -> float | None:
    number = _number(text)
    return None if number is None else min(1.0, max(0.0, number / of))
