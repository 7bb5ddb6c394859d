"""The fields of the index, as a Whoosh schema.

| field | terms | of each posting | for |
|---|---|---|---|
| `text_form` | forms of title and body | positions | exact words, phrases, patterns |
| `text_lemma` | lemmas of title and body | - | which articles hold a word |
| `text_stem`, `text_root` | stems, roots of title and body | frequency | ranking |
| `title_form` | forms of the title | positions | `عنوان:` |
| `title_lemma` | lemmas of the title | - | `عنوان:` |
| `title_stem` | stems of the title | frequency | the weight of headlines in ranking |
| `source`, `section`, `author` | their forms | positions | `مصدر:` `قسم:` `كاتب:` |
| `source_name`, `section_name`, `author_name` | whole names | - | filters and facets |
| `group_name` | the name of the article's group of near-duplicates, if any | - | one hit per story |
| `day` | the printed day, `20170216` | - | date ranges, timeline |
| `time` | seconds since the year 1, twelve digits | - | sorting by date |
| `id` | the article's id; also its stored value | - | replacing an article |

`ORDER`, a column, has the number of each document's article in the archive: the order of ties, which no merge and no
rebuild changes.

In `text_*` the body follows the title after a gap of positions that no phrase bridges. The text itself is in the
archive only. `day`, `time` and `id` have at most one term per document, so their postings are also the columns of these
values. Nothing is stored per document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from whoosh.analysis import Analyzer, Token
from whoosh.fields import ID, FieldType, Schema
from whoosh.formats import Existence, Frequency, Positions

from indexer.analysis import Level, Terms, analyze_words
from indexer.analysis import analyze as analyze_text
from indexer.codec import ColumnarCodec
from indexer.embedded.whoosh_internals import encode_frequency

LEVEL_FIELDS: Final = {
    "text_form": Level.FORM,
    "text_lemma": Level.LEMMA,
    "text_stem": Level.STEM,
    "text_root": Level.ROOT,
    "title_form": Level.FORM,
    "title_lemma": Level.LEMMA,
    "title_stem": Level.STEM,
}
"""Field → the level of its terms, for the fields of title and body."""

FORM_FIELDS: Final = ("source", "section", "author")
"""Fields of forms other than title and body."""

NAME_FIELDS: Final = ("id", "day", "time", "source_name", "section_name", "author_name", "group_name")
"""Fields whose terms are whole values."""

ORDER: Final = "order"
"""The column of the articles' numbers in the archive."""

FORMAT_VERSION: Final = 7
"""Increased with every change of the fields or files: an index of another format requires `arshif reindex`."""

_FORMATS: Final = {
    Level.FORM: Positions,
    Level.LEMMA: Existence,  # lemmas decide which articles match, and score nothing
    Level.STEM: Frequency,
    Level.ROOT: Frequency,
}


class LevelAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh's base class is untyped in 2.7.4
    """Arshif's analysis as a Whoosh analyzer, so that Whoosh's own query parser works on the index."""

    def __init__(self, level: Level) -> None:
        self.level = level.value

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, start_pos: int = 0, **kwargs: Any
    ) -> Iterator[Token]:
        """Yields the terms of a text at this level; those of an ambiguous word have one position."""
        token = Token(positions, chars, **kwargs)
        for position, word in enumerate(analyze_text(value), start_pos):
            for term in word.terms.at(Level(self.level)):
                token.text = token.original = term
                token.boost = 1.0
                token.stopped = False
                if positions:
                    token.pos = position
                if chars:
                    token.startchar, token.endchar = word.start, word.end
                yield token


class LevelField(FieldType):  # type: ignore[misc]  # as above
    """Text at one level of analysis, given as a string or as its terms from `analyze_words`."""

    def __init__(self, level: Level) -> None:
        self.level = level.value
        super().__init__(_FORMATS[level](), LevelAnalyzer(level), scorable=level is not Level.LEMMA)

    def index(self, value: str | list[Terms], **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yields (term, frequency, weight, posting value) for each distinct term; positions count all words.

        Whoosh's own writer calls this; Arshif's (`indexer.embedded.writer`) makes the same postings in bulk.
        """
        level = Level(self.level)
        found: dict[str, list[int]] = {}
        for position, terms in enumerate(analyze_words(value) if isinstance(value, str) else value):
            for term in terms.at(level):
                found.setdefault(term, []).append(position)
        for term, places in found.items():
            count = 1 if level is Level.LEMMA else len(places)
            yield term.encode("utf-8"), count, float(count), self._value(places)

    def _value(self, places: list[int]) -> bytes:
        """The value of a posting."""
        match self.format:
            case Positions():
                value: bytes = self.format.encode(places)
                return value
            case Existence():
                return b""
        return encode_frequency(len(places))


class NameField(ID):  # type: ignore[misc]  # as above
    """Whole values, one per document or several (given as a tuple)."""

    def __init__(self, *, stored: bool = False, unique: bool = False) -> None:
        super().__init__(stored=stored, unique=unique)
        self.format = Existence()

    def index(self, value: str | tuple[str, ...], **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yields a posting for each value."""
        for name in dict.fromkeys((value,) if isinstance(value, str) else value):
            yield name.encode("utf-8", "surrogatepass"), 1, 1.0, b""


def make_schema() -> Schema:
    """The schema of the index."""
    fields: dict[str, FieldType] = {name: LevelField(level) for name, level in LEVEL_FIELDS.items()}
    fields |= {name: LevelField(Level.FORM) for name in FORM_FIELDS}
    fields |= {name: NameField(stored=name == "id", unique=name == "id") for name in NAME_FIELDS}
    return Schema(**fields)


def make_codec() -> ColumnarCodec:
    """The codec of a segment. Whoosh reads an article's id, the only stored field, from the postings of `id`."""
    return ColumnarCodec(stored_terms=("id",))
