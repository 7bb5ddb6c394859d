"""From the fields of an object or of a row to an article: one form for JSON Lines, JSON and tables.

    {"id": …, "url": …, "title": …, "text": …, "date": …, "source": …, "section": …, "author": …}

`text` is required, its paragraphs split by newlines; the others are optional; other names are passed over.
`author` is a name, an object with a `name`, or a list of either; `date` is read as pages' dates are. A field map says
under what other names they stand; a name with dots, `content.plain`, leads into objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from corpus.article import make_article
from corpus.dates import parse_date
from corpus.errors import NotADate, UnreadableInput
from corpus.readers.record import Place, Reading, Record
from corpus.sources import Source, source_of_file, source_of_url

_NAMES_SHOWN: Final = 12
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads the objects of one file: its field map, and the source that it is of where they do not say."""

    reading: Reading
    names: Mapping[str, str]
    source: Source | None

    @classmethod
    def of(cls, place: Place, reading: Reading) -> FieldReader:
        """What the settings and the command say of the file at a place."""
        source = source_of_file(reading.sources, place.file)
        named = source.field_map if source else {}
        return cls(reading, {**named, **reading.field_map}, source)

    def name_of(self, field: str) -> str:
        """The name that stands for a field of ours in this file."""
        return self.names.get(field, field)

    def record(self, value: Mapping[str, Any], place: Place, warning: str | None = None) -> Record:
        """The article of an object.

        Raises:
            UnreadableInput: it has no text, or a field is of the wrong kind.
        """
        where = place.shown
        text = self._text(value, "text", where)
        if text is None:
            raise UnreadableInput(where, f"it has no '{self.name_of('text')}'; {_names_in(value)}")
        url = self._text(value, "url", where)
        published, undated = self._date(value, where)
        try:
            article = make_article(
                id=self._id(value, where),
                url=url,
                title=self._text(value, "title", where),
                paragraphs=text.splitlines(),
                published=published,
                source=self._text(value, "source", where) or self._source_name(url),
                section=self._text(value, "section", where),
                authors=self._authors(value, where),
                retrieved_at=self.reading.retrieved_at,
            )
        except ValueError as error:
            raise UnreadableInput(where, f"its '{self.name_of('text')}' is empty") from error
        return Record(article, warning=warning or undated, origin=place.origin)

    def _source_name(self, url: str | None) -> str | None:
        source = self.source or source_of_url(self.reading.sources, url)
        return source.name if source else None

    def _look(self, value: Mapping[str, Any], field: str) -> Any:
        name = self.name_of(field)
        if name in value:
            return value[name]
        found: Any = value
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def _text(self, value: Mapping[str, Any], field: str, where: str) -> str | None:
        found = self._look(value, field)
        if found is None or isinstance(found, str):
            return found
        raise UnreadableInput(where, f"{self.name_of(field)!r} must be a text")

    def _id(self, value: Mapping[str, Any], where: str) -> str | None:
        given = self._look(value, "id")
        if given is None or isinstance(given, str):
            return given
        if isinstance(given, int) and not isinstance(given, bool):
            return str(given)
        raise UnreadableInput(where, f"{self.name_of('id')!r} must be a text or a whole number")

    def _authors(self, value: Mapping[str, Any], where: str) -> tuple[str, ...]:
        given = self._look(value, "author")
        if given is None:
            return ()
        several = given if isinstance(given, list) else [given]
        # As JSON-LD has it, an author is an object with a name.
        names = [one.get("name") if isinstance(one, Mapping) else one for one in several]
        if len(texts := tuple(name for name in names if isinstance(name, str))) == len(names):
            return texts
        raise UnreadableInput(where, f"{self.name_of('author')!r} must be a text or a list of texts")

    def _date(self, value: Mapping[str, Any], where: str) -> tuple[datetime | None, str | None]:
        given = self._look(value, "date")
        if given is None or given == "":
            return None, None
        try:
            if isinstance(given, bool) or not isinstance(given, (str, int)):
                raise NotADate(str(given)[:80])
            return parse_date(str(given)), None
        except (NotADate, ValueError) as error:  # ValueError: a whole number of thousands of digits
            return None, f"{where}: kept without a date: {error}"


def _names_in(value: Mapping[str, Any]) -> str:
    names = [name[:_LONGEST_NAME] for name in list(value)[:_NAMES_SHOWN]]
    more = " …" if len(value) > _NAMES_SHOWN else ""
    return f"its names are: {', '.join(names)}{more}" if names else "it is empty"
