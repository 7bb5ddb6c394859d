"""News of agencies in XML: NITF, NewsML-G2 and NewsML 1, alone or with a text in XHTML or NITF within.

What an agency withholds or has canceled, pictures, packages and lists of concepts are counted by their status or kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from corpus.dates.parsing import FoundDate, find_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.damaged_letters import DamagedLetters
from corpus.readers.html_metadata import without_byline
from corpus.readers.markup import plain_text
from corpus.readers.record import Ignored, Item, Place, Reading, Record, Refusal
from corpus.readers.xml_documents import attribute, children, descendants, find, local_name, parse_xml, text_of
from corpus.settings import source_of_file

AGENCY_ROOTS: Final = frozenset(
    {
        *("nitf", "NewsML", "newsMessage", "newsItem"),
        *("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"),
    }
)
"""Root elements of these formats."""

_OTHER_ITEMS: Final = {
    "packageItem": "package of items",
    "conceptItem": "concept item",
    "knowledgeItem": "knowledge item",
    "planningItem": "planning item",
    "catalogItem": "catalog item",
}
_BLOCKS: Final = frozenset(
    {
        *(
            "p",
            "block",
            "div",
            "section",
            "article",
            "body",
            "br",
            "hr",
            "li",
            "ul",
            "ol",
            "dl",
            "dt",
            "dd",
            "tr",
            "table",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hl1", "hl2", "bq", "blockquote", "pre", "nitf-table", "body.content"),
        *("abstract", "fn", "note"),
    }
)
# Pictures with their captions, and what is not printed as text.
_NO_TEXT: Final = frozenset(
    {
        "media",
        "figure",
        "figcaption",
        "script",
        "style",
        "head",
        "byline",
        "dateline",
        "body.head",
        "body.end",
        "hedline",
    }
)
_USABLE: Final = frozenset({"usable", ""})
_TEXT_CLASSES: Final = frozenset({"text", "composite", ""})
_TEXT_TYPES: Final = frozenset({"text", "complextext", "compositetext", ""})
_MAX_ITEMS: Final = 10_000


def read_agency_news(data: bytes, place: Place, reading: Reading) -> Iterator[Item]:
    """Read the articles of a document of an agency; its root is one of `AGENCY_ROOTS`."""
    try:
        root = parse_xml(data, place.label)
    except UnreadableInput as error:
        yield Refusal(error.name, error.reason)
        return
    items = list(_items(root))
    if not items:
        yield Refusal(place.label, "it has no news items")
    for number, item in enumerate(items[:_MAX_ITEMS], start=1):
        here = place.within(f"item {number}") if len(items) > 1 else place
        try:
            yield _READERS[local_name(item)](item, here, reading)
        except UnreadableInput as error:
            yield Refusal(error.name, error.reason)
    if len(items) > _MAX_ITEMS:
        yield Refusal(place.label, f"it has more than {_MAX_ITEMS:,} items: the rest was not read")


def _items(root: Any) -> Iterator[Any]:
    """The items of a document: itself, those of a message of NewsML-G2, or those of NewsML 1."""
    kind = local_name(root)
    if kind == "newsMessage":
        for items in children(root, "itemSet"):
            yield from children(items, *(name for name in _READERS if name not in ("nitf", "NewsItem")))
    elif kind == "NewsML":
        yield from children(root, "NewsItem")
    else:
        yield root


def _other_item(item: Any, place: Place, reading: Reading) -> Item:
    return Ignored(_OTHER_ITEMS[local_name(item)])


def _nitf(root: Any, place: Place, reading: Reading) -> Item:
    """A document of NITF."""
    docdata = find(root, "head/docdata")
    if (status := attribute(docdata, "management-status").lower()) not in _USABLE:
        return Ignored(_status(status))
    head, publication = find(root, "body/body.head"), find(root, "head/pubdata")
    dates = (
        attribute(find(docdata, "date.issue"), "norm"),
        attribute(publication, "date.publication"),
        attribute(find(head, "dateline/story.date"), "norm"),
        attribute(find(docdata, "date.release"), "norm"),
    )
    source = attribute(publication, "name") or text_of(find(head, "distributor"))
    return _record(
        place,
        reading,
        id=attribute(find(docdata, "doc-id"), "id-string"),
        url=attribute(publication, "ex-ref"),
        title=_nitf_title(root),
        paragraphs=_nitf_paragraphs(root),
        dates=dates,
        source=source,
        section=attribute(publication, "position.section"),
        authors=_bylines(head),
    )


def _nitf_title(root: Any) -> str:
    line = find(root, "body/body.head/hedline/hl1")
    return text_of(line if line is not None else find(root, "head/title"))


def _nitf_paragraphs(root: Any) -> list[str]:
    """The second headlines, the abstract unless the text repeats it, and the text; the dateline is not part of it."""
    head, content = find(root, "body/body.head"), find(root, "body/body.content")
    body = content if content is not None else find(root, "body")
    text = [] if body is None else _paragraphs(body)
    before = [text_of(line) for line in descendants(head, "hl2")]
    for abstract in children(head, "abstract"):
        before += _paragraphs(abstract)
    printed = "\n".join(text)
    return [one for one in before if one and one not in printed] + text


def _bylines(head: Any) -> tuple[str, ...]:
    """The names in bylines, each in `person` if it is marked."""
    names: list[str] = []
    for line in children(head, "byline"):
        persons = [text_of(one) for one in descendants(line, "person")]
        title = text_of(find(line, "byttl"))
        names += persons or [text_of(line).removesuffix(title).strip()]
    return tuple(without_byline(name) for name in names if name)


def _g2_item(item: Any, place: Place, reading: Reading) -> Item:
    """A news item of NewsML-G2."""
    meta, content = find(item, "itemMeta"), find(item, "contentMeta")
    if (status := _code(find(meta, "pubStatus"))) not in _USABLE:
        return Ignored(_status(status))
    if (kind := _code(find(meta, "itemClass"))) not in _TEXT_CLASSES:
        return Ignored(kind)
    bodies = [body for group in children(item, "contentSet") for body in group]
    inline = [body for body in bodies if local_name(body) in ("inlineXML", "inlineData", "inlineText")]
    if not inline:
        raise UnreadableInput(place.label, "its text is not in this file")
    found = [(_inline_paragraphs(body, place.label), body) for body in inline]
    paragraphs = next((one for one, _ in found if one), [])
    nitf = next((one for _, body in found for one in children(body, "nitf")), None)
    headlines = list(children(content, "headline"))
    headline = next((one for one in headlines if _code_of(attribute(one, "role")) in ("", "main")), None)
    title = text_of(headline) or _nitf_title(nitf)
    names = [text_of(by) for by in children(content, "by")]
    if not any(names):
        names = [text_of(find(one, "name")) for one in children(content, "creator")]
    return _record(
        place,
        reading,
        id=attribute(item, "guid"),
        title=title or text_of(find(meta, "title")),
        paragraphs=paragraphs,
        dates=(
            text_of(find(content, "contentCreated")),
            text_of(find(meta, "firstCreated")),
            text_of(find(meta, "versionCreated")),
        ),
        source=_named(find(meta, "provider")),
        authors=tuple(without_byline(name) for name in names if name) or _bylines(find(nitf, "body/body.head")),
    )


def _inline_paragraphs(body: Any, name: str) -> list[str]:
    """The text of an item: NITF, XHTML, or plain text with a paragraph per line."""
    for nitf in children(body, "nitf"):
        return _nitf_paragraphs(nitf)
    if len(body):  # other formats, of events or results of matches, are no text
        is_text = local_name(body[0]) in _BLOCKS | {"html"}
        return _paragraphs(body) if is_text else []
    try:  # also HTML, escaped or in CDATA, regardless of the declared type
        text = plain_text(body.text or "").text
    except ValueError as error:
        raise UnreadableInput(name, str(error)) from error
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def _newsml_item(item: Any, place: Place, reading: Reading) -> Item:
    """A news item of NewsML 1: its first component with a text."""
    management, identifier = find(item, "NewsManagement"), find(item, "Identification/NewsIdentifier")
    status = attribute(find(management, "Status"), "FormalName").lower()
    if status not in _USABLE:
        return Ignored(_status(status))
    contents = [one for one in descendants(item, "ContentItem") if find(one, "DataContent") is not None]
    kinds = [(attribute(find(one, "MediaType"), "FormalName").lower(), one) for one in contents]
    texts = [one for kind, one in kinds if kind in _TEXT_TYPES]
    if not texts:
        media = attribute(next(descendants(item, "MediaType"), None), "FormalName").lower()
        if media and media not in _TEXT_TYPES:
            return Ignored(media)
        raise UnreadableInput(place.label, "its text is not in this file")
    body = find(texts[0], "DataContent")
    nitf = next(children(body, "nitf"), None)
    lines = _news_lines(texts[0], item)
    names = [text_of(one) for one in children(lines, "ByLine")]
    return _record(
        place,
        reading,
        id=text_of(find(identifier, "PublicIdentifier")),
        title=text_of(find(lines, "HeadLine")) or _nitf_title(nitf),
        paragraphs=_inline_paragraphs(body, place.label),
        dates=(text_of(find(management, "FirstCreated")), text_of(find(management, "ThisRevisionCreated"))),
        source=_newsml_provider(item) or text_of(find(identifier, "ProviderId")),
        authors=tuple(without_byline(name) for name in names if name) or _bylines(find(nitf, "body/body.head")),
    )


def _news_lines(content: Any, item: Any) -> Any:
    """The lines (headline, byline) of the component nearest to a text."""
    for holder in content.iterancestors():
        lines = find(holder, "NewsLines")
        if lines is not None:
            return lines
        if holder is item:
            return next(descendants(item, "NewsLines"), None)
    return None


def _newsml_provider(item: Any) -> str:
    provider = next(descendants(item, "Provider"), None)
    return attribute(next(descendants(provider, "Party"), None), "FormalName")


def _record(
    place: Place,
    reading: Reading,
    *,
    title: str,
    paragraphs: list[str],
    dates: tuple[str, ...],
    source: str,
    authors: tuple[str, ...],
    id: str = "",
    url: str = "",
    section: str = "",
) -> Record:
    paragraphs = [one for one in paragraphs if one != title]
    if not paragraphs:
        raise UnreadableInput(place.label, "it contains no text")
    found, doubt = _date(dates, reading)
    settled = source_of_file(reading.sources, place.file)
    letters = DamagedLetters(place.label)
    article = letters.article(
        id=id,
        url=url if url.startswith(("http://", "https://")) else None,
        title=title,
        paragraphs=paragraphs,
        published=found.moment if found else None,
        source=source or (settled.name if settled else None),
        section=section,
        authors=authors,
        retrieved_at=reading.retrieved_at,
    )
    notes = "; ".join(filter(None, (doubt, *letters.warnings())))
    warning = f"{place.label}: {notes}" if notes else None
    return Record(article, warning=warning, origin=place.origin)


def _date(dates: tuple[str, ...], reading: Reading) -> tuple[FoundDate | None, str | None]:
    """The first of the dates that can be read, and what is to be reported."""
    problem = None
    for text in filter(None, dates):
        try:
            found = find_date(text, not_after=reading.retrieved_at)
        except (NotADate, ValueError) as error:
            problem = problem or f"kept without a date: {error}"
        else:
            return found, found.doubt
    return None, problem


def _paragraphs(top: Any) -> list[str]:
    """The paragraphs of an element in NITF or XHTML, without pictures and their captions."""
    found: list[str] = []
    pieces: list[str] = []

    def close() -> None:
        if text := " ".join("".join(pieces).split()):
            found.append(text)
        pieces.clear()

    # Iterative: True marks the end of an element.
    stack: list[tuple[Any, bool]] = [(top, False)]
    while stack:
        element, is_end = stack.pop()
        name = local_name(element)
        if name in _BLOCKS:
            close()
        elif name in ("td", "th"):
            pieces.append(" ")
        if is_end:
            pieces.append(element.tail or "" if element is not top else "")
            continue
        skipped = name in _NO_TEXT and element is not top
        stack.append((element, True))
        if not skipped and name:
            pieces.append(element.text or "")
            stack.extend((child, False) for child in reversed(element))
    close()
    return found


def _named(element: Any) -> str:
    """The name of a party: in an element of its own, a literal, or the code's last part."""
    code = attribute(element, "qcode")
    return text_of(find(element, "name")) or attribute(element, "literal") or code.rpartition(":")[2]


def _code(element: Any) -> str:
    """The last part of a code: `canceled` of `stat:canceled`, also if it is given as a URI."""
    return _code_of(attribute(element, "qcode") or attribute(element, "uri"))


def _code_of(code: str) -> str:
    return code.rpartition("/")[2].rpartition(":")[2].lower()


def _status(status: str) -> str:
    """A status in plain words."""
    return {"canceled": "canceled item", "cancelled": "canceled item", "withheld": "withheld item"}.get(
        status, f"{status[:40]} item"
    )


_READERS: Final = {"nitf": _nitf, "newsItem": _g2_item, "NewsItem": _newsml_item} | dict.fromkeys(
    _OTHER_ITEMS, _other_item
)
