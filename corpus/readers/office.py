"""Documents of word processors, DOCX (ECMA-376) and ODT (ISO 26300): one article each.

Paragraphs are read in document order: headings, lists, the cells of tables, text boxes, and after them the footnotes
and endnotes. Deleted, moved-away and hidden text, comments, and page headers and footers are left out.

    title     at the beginning, the paragraph with the style of a title or of a heading of the first level, or the one
              that is the document's title property, or a first line as in plain text; otherwise that property, with a
              warning, since it may be left over from another document
    author    the creator, silently if the name is printed in the text, otherwise with a warning, since it is the name
              of a computer's user
    date      printed in a short line above the text; never that of the file's creation, which is no publication date
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from lxml import etree

from corpus.article import single_line
from corpus.dates.parsing import FoundDate, find_date, parse_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.page import begins_with_title
from corpus.readers.record import MAX_PAGE_BYTES, Item, Place, Reading, Record
from corpus.readers.zip_members import Members
from corpus.settings import source_of_file

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ODT: Final = "application/vnd.oasis.opendocument.text"

_OTHER_OOXML: Final = (
    ("spreadsheetml", "an Excel workbook (XLSX), which is not supported: save it as CSV"),
    ("ms-excel", "an Excel workbook, which is not supported: save it as CSV"),
    ("presentationml", "a PowerPoint presentation, which is not supported"),
    ("ms-powerpoint", "a PowerPoint presentation, which is not supported"),
)
_OTHER_ODF: Final = (
    ("spreadsheet", "a spreadsheet (ODS), which is not supported: save it as CSV"),
    ("presentation", "a presentation (ODP), which is not supported"),
    ("", "an office document, which is not supported"),
)
_WORD: Final = re.compile(r"wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled")

_DOCX_SKIPPED: Final = frozenset(
    {"del", "moveFrom", "Fallback", "rPr", "pPr", "instrText", "sectPr", "rt", "rubyPr", "docPr"}
)
_ODT_SKIPPED: Final = frozenset(
    {
        *("tracked-changes", "annotation", "note", "sequence-decls", "forms", "table-of-content", "bibliography"),
        *("alphabetical-index", "ruby-text", "title", "desc"),
    }
)
_TITLE_STYLE: Final = re.compile(r"title|العنوان", re.I)
_HEADING_STYLE: Final = re.compile(r"heading[ _](?:20_)?1|عنوان 1", re.I)
_TOP: Final = 5  # paragraphs among which the title and the date are
_MAX_LINE: Final = 120
_MAX_DATE_WORDS: Final = 8
_WORD_OF_LETTERS: Final = re.compile(r"[^\W\d_]+")
_NO_PERSON: Final = re.compile(
    r"admin|administrator|user|owner|unknown|author|python-docx|windows user|microsoft(?: office)? user|hp|dell|lenovo"
    r"|acer|asus|toshiba|pc|home|office|apache poi|openoffice|libreoffice|المستخدم|مستخدم|المدير|مجهول",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Properties:
    title: str = ""
    creator: str = ""


def read_docx(members: Members, file: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read a DOCX file.

    Raises:
        UnreadableInput: it is another kind of document, or cannot be read.
    """
    label = place.label
    types = members.xml("[Content_Types].xml", label)
    overrides = [(one.get("PartName", ""), one.get("ContentType", "")) for one in types.iter("{*}Override")]
    main = next((name.lstrip("/") for name, kind in overrides if _WORD.search(kind)), None)
    if main is None and "word/document.xml" in members:
        main = "word/document.xml"
    if main is None:
        kinds = " ".join(kind for _, kind in overrides)
        other = next((reason for sign, reason in _OTHER_OOXML if sign in kinds), None)
        raise UnreadableInput(label, other or "an office document, which is not supported")
    folder = main.rpartition("/")[0]
    styles = _docx_styles(members, f"{folder}/styles.xml", label)
    paragraphs = list(_docx_paragraphs(members.xml(main, label), styles))
    for notes, kind in (("footnotes", "footnote"), ("endnotes", "endnote")):
        if (name := f"{folder}/{notes}.xml") in members:
            for note in members.xml(name, label).iter(f"{{*}}{kind}"):
                if _value(note, "type") in (None, "normal"):
                    paragraphs += _docx_paragraphs(note, styles)
    properties = _properties(members, "docProps/core.xml", label)
    yield _record(paragraphs, properties, _whole(file), _DOCX, place, reading)


def read_odt(members: Members, file: IO[bytes], place: Place, reading: Reading) -> Iterator[Item]:
    """Read an ODT file.

    Raises:
        UnreadableInput: it is another kind of document, or cannot be read.
    """
    label = place.label
    manifest = members.xml("META-INF/manifest.xml", label)
    entries = list(manifest.iter("{*}file-entry"))
    kind = next((_value(one, "media-type") or "" for one in entries if _value(one, "full-path") == "/"), "")
    if "mimetype" in members:
        kind = kind or members.read("mimetype", label)[:200].decode("ascii", "replace")
    if not kind.startswith(_ODT):
        raise UnreadableInput(label, next(reason for sign, reason in _OTHER_ODF if sign in kind))
    if next(manifest.iter("{*}encryption-data"), None) is not None:
        raise UnreadableInput(label, "it is encrypted")
    content = members.xml("content.xml", label)
    styles = {_value(one, "name"): _value(one, "parent-style-name") for one in content.iter("{*}style")}
    paragraphs: list[_Paragraph] = []
    if (text := content.find("{*}body/{*}text")) is not None:
        paragraphs += _odt_paragraphs(text, styles)
    for body in content.iter("{*}note-body"):
        paragraphs += _odt_paragraphs(body, styles)
    yield _record(paragraphs, _properties(members, "meta.xml", label), _whole(file), _ODT, place, reading)


def _record(
    paragraphs: list[_Paragraph],
    properties: _Properties,
    whole: bytes | None,
    media_type: str,
    place: Place,
    reading: Reading,
) -> Record:
    notes: list[str] = []
    lines = [one for one in paragraphs if one.text]
    title, lines = _title(lines, properties.title, notes)
    published = _printed_date(lines, reading)
    if published and published.doubt:
        notes.append(published.doubt)
    if whole is None:
        notes.append(f"larger than {MAX_PAGE_BYTES // 2**20} MB: its text is kept, the file itself is not")
    source = source_of_file(reading.sources, place.file)
    letters = DamagedLetters(place.label)
    try:
        article = letters.article(
            title=title,
            paragraphs=[one.text for one in lines],
            published=published.moment if published else None,
            source=source.name if source else None,
            authors=_authors(properties.creator, lines, notes),
            retrieved_at=reading.retrieved_at,
        )
    except ValueError as error:
        raise UnreadableInput(place.label, "it contains no text") from error
    notes += letters.warnings()
    warning = f"{place.label}: {'; '.join(notes)}" if notes else None
    return Record(article, whole, media_type, warning, origin=place.origin)


def _title(lines: list[_Paragraph], declared: str, notes: list[str]) -> tuple[str | None, list[_Paragraph]]:
    """The title, and the paragraphs without it."""
    at = next(
        (
            number
            for matches in (
                lambda one: _TITLE_STYLE.fullmatch(one.style),
                lambda one: _HEADING_STYLE.fullmatch(one.style),
                lambda one: declared == one.text,
            )
            for number, one in enumerate(_above_text(lines))
            if matches(one)
        ),
        None,
    )
    if at is None and begins_with_title([one.text for one in lines]) and not _is_date(lines[0].text):
        at = 0
    if at is not None and len(lines) > 1:
        return lines[at].text, lines[:at] + lines[at + 1 :]
    if declared:
        notes.append("the title is the document's property, which is not printed in it")
    return declared or None, lines


def _above_text(lines: list[_Paragraph]) -> list[_Paragraph]:
    """The first lines, up to the first that is long or a sentence, which may be the title too."""
    is_text = (len(one.text) > _MAX_LINE or one.text.endswith(".") for one in lines)
    first = next((number for number, found in enumerate(is_text) if found), _TOP)
    return lines[: min(first + 1, _TOP)]


def _authors(creator: str, lines: list[_Paragraph], notes: list[str]) -> tuple[str, ...]:
    words = _WORD_OF_LETTERS.findall(creator)
    if not words or _NO_PERSON.fullmatch(creator):
        return ()
    if any(creator in one.text for one in lines if len(one.text) <= _MAX_LINE):
        return (creator,)
    if len(words) < 2:
        return ()
    notes.append("the author is the document's property, which is not printed in it")
    return (creator,)


def _printed_date(lines: list[_Paragraph], reading: Reading) -> FoundDate | None:
    """The date in a short line above the text."""
    for one in lines[:_TOP]:
        if len(one.text) > _MAX_LINE or len(_WORD_OF_LETTERS.findall(one.text)) > _MAX_DATE_WORDS:
            return None
        try:
            return find_date(one.text, not_after=reading.retrieved_at)
        except NotADate:
            continue
    return None


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except NotADate:
        return False
    return True


def _whole(file: IO[bytes]) -> bytes | None:
    """The bytes of the document; None if there are too many to be stored."""
    file.seek(0)
    data = file.read(MAX_PAGE_BYTES + 1)
    return data if len(data) <= MAX_PAGE_BYTES else None


def _properties(members: Members, name: str, label: str) -> _Properties:
    if name not in members:
        return _Properties()
    root = members.xml(name, label)

    def text(*names: str) -> str:
        found = (one.text for name in names for one in root.iter(f"{{*}}{name}"))
        return single_line(next(found, None))

    # In ODF, `creator` is who saved the document last.
    return _Properties(text("title"), text("initial-creator", "creator"))


def _docx_styles(members: Members, name: str, label: str) -> dict[str | None, str]:
    """The names of the styles by their ids, which depend on the language of the program."""
    if name not in members:
        return {}
    styles = members.xml(name, label).iter("{*}style")
    return {
        _value(style, "styleId"): _value(one, "val") or "" for style in styles for one in style.iterchildren("{*}name")
    }


def _docx_paragraphs(top: Any, styles: dict[str | None, str]) -> Iterator[_Paragraph]:
    def style_of(paragraph: Any) -> str:
        style = paragraph.find("{*}pPr/{*}pStyle")
        return styles.get(_value(style, "val"), _value(style, "val") or "") if style is not None else ""

    def text_of(tag: str, element: Any) -> str:
        if tag == "t":
            return element.text or ""
        return {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}.get(tag, "")

    def is_skipped(tag: str, element: Any) -> bool:
        if tag == "r":
            hidden = element.find("{*}rPr/{*}vanish")
            return hidden is not None and _value(hidden, "val") not in ("0", "false", "off")
        return tag in _DOCX_SKIPPED

    return _paragraphs(top, frozenset({"p"}), style_of, text_of, lambda element: "", is_skipped)


def _odt_paragraphs(top: Any, styles: dict[str | None, str | None]) -> Iterator[_Paragraph]:
    def style_of(paragraph: Any) -> str:
        if _tag(paragraph) == "h" and _value(paragraph, "outline-level") in (None, "1"):
            return "heading 1"
        name = _value(paragraph, "style-name")
        return styles.get(name) or name or ""

    def text_of(tag: str, element: Any) -> str:
        if tag == "s":
            return " "
        text: str = {"tab": " ", "line-break": "\n"}.get(tag) or element.text or ""
        return text

    return _paragraphs(
        top,
        frozenset({"p", "h"}),
        style_of,
        text_of,
        lambda element: element.tail or "",
        lambda tag, element: tag in _ODT_SKIPPED,
    )


def _paragraphs(
    top: Any,
    kinds: frozenset[str],
    style_of: Callable[[Any], str],
    text_of: Callable[[str, Any], str],
    tail_of: Callable[[Any], str],
    is_skipped: Callable[[str, Any], bool],
) -> Iterator[_Paragraph]:
    """The paragraphs below an element; those inside another one, as of a text box, precede it."""
    open_paragraphs: list[list[str]] = []
    walker = etree.iterwalk(top, events=("start", "end"))
    for event, element in walker:
        tag = _tag(element)
        if event == "start":
            if element is not top and is_skipped(tag, element):
                walker.skip_subtree()
                continue
            if tag in kinds:
                open_paragraphs.append([])
            if open_paragraphs:
                open_paragraphs[-1].append(text_of(tag, element))
            continue
        if tag in kinds and open_paragraphs:
            style, text = style_of(element), "".join(open_paragraphs.pop())
            for line in [text] if _TITLE_STYLE.fullmatch(style) else text.split("\n"):
                yield _Paragraph(" ".join(line.split()), style)
        if open_paragraphs and element is not top:
            open_paragraphs[-1].append(tail_of(element))


def _tag(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment, an instruction or an entity."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: Any, name: str) -> str | None:
    """An attribute, regardless of its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
