"""The fields of the Whoosh index.

Title and body have a field for each level of analysis (`title_form`, `title_stem`, `body_form`, `body_stem`), so that
each level is ranked by its own statistics. Forms carry positions, for phrases. `source`, `section` and `author` are
forms, for field words; `source_name` and `section_name` are whole, for filters. `day` is the printed day as yyyymmdd,
`time` the second of publication, for sorting. The text itself stays in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from whoosh.analysis import Analyzer, Token
from whoosh.fields import ID, NUMERIC, FieldType, Schema
from whoosh.formats import Frequency, Positions
from whoosh.system import pack_uint

from corpus import Article
from indexer.analysis import ANALYSIS_VERSION, Level, Terms, analyze_words
from indexer.analysis import analyze as analyze_text

NO_TIME: Final = 0
"""The `time` of an article without a date: before every real one."""

LEVEL_FIELDS: Final = {
    (part, level): f"{part}_{level.value}" for part in ("title", "body") for level in (Level.FORM, Level.STEM)
}
"""(part of the article, level) → field."""

STATE_FIELD: Final = "state"

_BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)


class LevelAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh's base class is untyped in 2.7.4
    """Arshif's analysis as a Whoosh analyzer, so that Whoosh's own query parser works on the index."""

    def __init__(self, level: Level) -> None:
        self.level = level.value

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, start_pos: int = 0, **kwargs: Any
    ) -> Iterator[Token]:
        """Yields the tokens of a text that have a term at this level."""
        token = Token(positions, chars, **kwargs)
        for position, word in enumerate(analyze_text(value), start_pos):
            if not (term := level_term(word.terms, Level(self.level))):
                continue
            token.text = token.original = term
            token.boost = 1.0
            token.stopped = False
            if positions:
                token.pos = position
            if chars:
                token.startchar, token.endchar = word.start, word.end
            yield token


class LevelField(FieldType):  # type: ignore[misc]  # as above
    """Text at one level of analysis. Takes a text, or its terms from `analyze_words` so that it is analysed once."""

    def __init__(self, level: Level) -> None:
        self.level = level.value
        positions = level is Level.FORM
        super().__init__(Positions() if positions else Frequency(), LevelAnalyzer(level), scorable=True)

    def index(self, value: str | list[Terms], **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yields (term, frequency, weight, posting value) for each distinct term; positions count all words."""
        level = Level(self.level)
        found: dict[str, list[int]] = {}
        for position, terms in enumerate(analyze_words(value) if isinstance(value, str) else value):
            if term := level_term(terms, level):
                found.setdefault(term, []).append(position)
        with_positions = isinstance(self.format, Positions)
        for term, places in found.items():
            count = len(places)
            value_bytes = self.format.encode(places) if with_positions else pack_uint(count)
            yield term.encode("utf-8"), count, float(count), value_bytes


class IndexState(FieldType):  # type: ignore[misc]  # as above
    """No field but a record: which change of the archive and which analysis the index stands at.

    It lies in the schema because Whoosh writes the schema into the same file, in the same atomic rename, as the list
    of segments: the mark and the postings cannot part, whoever commits.
    """

    def __init__(self, change: int, analysis: int) -> None:
        super().__init__(None, None)
        self.indexed = False
        self.change = change
        self.analysis = analysis

    def clean(self) -> None:
        """Nothing to clean: there is no format."""


def make_schema() -> Schema:
    """The schema of a new, empty index at change 0."""
    fields: dict[str, FieldType] = {name: LevelField(level) for (_, level), name in LEVEL_FIELDS.items()}
    fields |= {name: LevelField(Level.FORM) for name in ("source", "section", "author")}
    return Schema(
        id=ID(stored=True, unique=True),
        source_name=ID(),
        section_name=ID(),
        day=NUMERIC(int, bits=32, signed=False),
        time=NUMERIC(int, bits=64, signed=False, sortable=True, default=NO_TIME),
        **fields,
        **{STATE_FIELD: IndexState(0, ANALYSIS_VERSION)},
    )


def set_state(schema: Schema, change: int) -> None:
    """Records in a writer's schema the change it is about to commit."""
    schema.remove(STATE_FIELD)
    schema.add(STATE_FIELD, IndexState(change, ANALYSIS_VERSION))


def document(article: Article) -> dict[str, Any]:
    """The values of an article for Whoosh's `add_document`."""
    fields: dict[str, Any] = {"id": article.id}
    for part, words in (("title", analyze_words(article.title)), ("body", analyze_words(article.text))):
        fields |= {LEVEL_FIELDS[part, level]: words for level in (Level.FORM, Level.STEM)}
    if article.source:
        fields |= {"source": article.source, "source_name": article.source}
    if article.section:
        fields |= {"section": article.section, "section_name": article.section}
    if article.authors:
        fields["author"] = " ".join(article.authors)
    fields["time"] = NO_TIME if article.published is None else sort_time(article.published)
    if article.published is not None:
        fields["day"] = day_number(article.published.date())
    return fields


def level_term(terms: Terms, level: Level) -> str | None:
    """The term of an analysed word at a level; None or empty where it has none."""
    if level is Level.FORM:
        return terms.form
    return terms.stem if level is Level.STEM else terms.root


def day_number(day: date) -> int:
    """A day as yyyymmdd."""
    return day.year * 10000 + day.month * 100 + day.day


def sort_time(published: datetime) -> int:
    """Seconds since the year 1, from 1: unsigned, since Whoosh sorts by the column's own bytes."""
    return max(1, int((published - _BEGINNING).total_seconds()))
