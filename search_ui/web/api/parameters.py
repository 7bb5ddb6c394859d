"""The parameters of the API, each with its schema and parser.

Invalid or unknown parameters are rejected, not ignored as by the search page; the response lists every error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from corpus import NotADate, local_day, read_first_day, read_last_day
from indexer import MAX_LINES, MAX_PAGE_SIZE, MAX_QUERY_LENGTH, LineOrder, MatchMode, SearchRequest, Sort, WordForms

MAX_VALUES: Final = 20
"""Maximum number of values of a repeatable parameter."""

MAX_NAME_LENGTH: Final = 200
"""Maximum length of a source, a section or a date."""

_MAX_LENGTH: Final = 4000  # of an id, an address or a cursor


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query string. `read` raises ValueError with the reason; `repeated` ones give a tuple."""

    name: str
    description: str
    schema: dict[str, Any]
    read: Callable[[str], Any]
    default: Any = None
    repeated: bool = False
    required: bool = False


class BadParameters(Exception):
    """Invalid parameters; `errors` has the name and reason of each."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in self.errors))


def read_parameters(known: Iterable[Parameter], values: MultiDict[str, str]) -> dict[str, Any]:
    """The values by name, with defaults. An empty value counts as missing.

    Raises:
        BadParameters: with every invalid, unknown or missing parameter.
    """
    by_name = {parameter.name: parameter for parameter in known}
    faults = [(name[:100], f"unknown; known: {', '.join(by_name) or 'none'}") for name in values if name not in by_name]
    read: dict[str, Any] = {}
    for name, parameter in by_name.items():
        given = [text for text in values.getlist(name) if text]
        if not given and parameter.required:
            faults.append((name, "missing"))
        elif len(given) > (MAX_VALUES if parameter.repeated else 1):
            faults.append((name, f"given {len(given)} times"))
        else:
            try:
                several = tuple(dict.fromkeys(parameter.read(text) for text in given))
            except ValueError as error:
                faults.append((name, str(error)))
            else:
                read[name] = (several if parameter.repeated else several[0]) if several else parameter.default
    if faults:
        raise BadParameters(faults)
    return read


def search_request(values: dict[str, Any], *, facets: bool = False, meaning: bool = False) -> SearchRequest:
    """The search request of the values of a search's parameters."""
    query = values["q"].strip()
    return SearchRequest(
        query=query,
        sources=values["source"],
        sections=values["section"],
        authors=values["author"],
        after=values["after"],
        before=values["before"],
        # Without words, no article is more relevant than another.
        sort=values.get("sort") or (Sort.RELEVANCE if query else Sort.NEWEST),
        page_size=values.get("limit", 1),
        facets=facets,
        group=values.get("group", True),
        match=values["match"],
        forms=values["forms"],
        spellings=values["spellings"],
        meaning=meaning,
    )


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"longer than {most:,} characters")
        return text

    return read


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
            raise ValueError(f"must be an integer from {least:,} to {most:,}")
        return int(text)

    return read


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}") from None

    return read


def _day(bound: Callable[[str, date], date]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return bound(_text(MAX_NAME_LENGTH)(text), local_day())
        except NotADate as error:
            raise ValueError("not a day, month or year") from error

    return read


def _string(most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "string", "maxLength": most, **({"minLength": least} if least else {})}


def _integer(least: int, most: int, default: int | None = None) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, **({} if default is None else {"default": default})}


def _boolean(default: bool) -> dict[str, Any]:
    return {"type": "boolean", "default": default}


# The parameters that operations have.

_PERIOD: Final = "2017-02-16, 2017-02, 2017, شباط 2017 or 1438هـ, for example."

Q: Final = Parameter(
    "q",
    "The query, in the query language, or the web address of an article. Without it, every article matches.",
    _string(MAX_QUERY_LENGTH),
    _text(MAX_QUERY_LENGTH),
    "",
)
FILTERS: Final = (
    Q,
    Parameter(
        "source",
        "Only articles from this source; several sources are alternatives.",
        _string(MAX_NAME_LENGTH),
        _text(MAX_NAME_LENGTH),
        (),
        True,
    ),
    Parameter(
        "section",
        "Only articles in this section; several sections are alternatives.",
        _string(MAX_NAME_LENGTH),
        _text(MAX_NAME_LENGTH),
        (),
        True,
    ),
    Parameter(
        "author",
        "Only articles by this author; several authors are alternatives.",
        _string(MAX_NAME_LENGTH),
        _text(MAX_NAME_LENGTH),
        (),
        True,
    ),
    Parameter(
        "after",
        f"Only articles published on or after this day: {_PERIOD}",
        _string(MAX_NAME_LENGTH),
        _day(read_first_day),
    ),
    Parameter(
        "before",
        "Only articles published on or before this day; formats as for `after`.",
        _string(MAX_NAME_LENGTH),
        _day(read_last_day),
    ),
    Parameter(
        "match",
        "How many words of the query an article must have to match: all, most by weight, or any.",
        {"type": "string", "enum": [*MatchMode], "default": MatchMode.ALL.value},
        _one_of(MatchMode),
        MatchMode.ALL,
    ),
    Parameter(
        "forms",
        "Which forms a word of the query matches: as typed, with clitics, all forms, or all words of its root.",
        {"type": "string", "enum": [*WordForms], "default": WordForms.LEMMA.value},
        _one_of(WordForms),
        WordForms.LEMMA,
    ),
    Parameter(
        "spellings",
        "Match names in other spellings too, including those in Latin letters, if the archive's settings allow it.",
        _boolean(True),
        _flag,
        True,
    ),
)
GROUP: Final = Parameter(
    "group",
    "Return a story that several papers printed as one hit: the copy that sorts first.",
    _boolean(True),
    _flag,
    True,
)
MEANING: Final = Parameter(
    "meaning",
    "Order the first hits by words and meaning, which the archive needs an encoder for. Which articles match, and every"
    " count, is the same. The default is the archive's setting: false unless its owner changed it.",
    {"type": "boolean"},
    _flag,
)
SIMILAR_MEANING: Final = Parameter(
    "meaning",
    "Find articles by meaning too, which the archive needs an encoder for. The default is the archive's setting.",
    {"type": "boolean"},
    _flag,
)
ANSWERS: Final = Parameter(
    "answers",
    "On the first page of a question, with `meaning`, also return up to three sentences that may answer it.",
    _boolean(False),
    _flag,
    False,
)
SORT: Final = Parameter(
    "sort", "The order of the hits.", {"type": "string", "enum": [*Sort], "default": "relevance"}, _one_of(Sort)
)
LIMIT: Final = Parameter("limit", "Hits per page.", _integer(1, MAX_PAGE_SIZE, 10), _number(1, MAX_PAGE_SIZE), 10)
LINES: Final = Parameter(
    "lines",
    "The order of the lines: of the hits, by the words before or after the keyword, by date or source.",
    {"type": "string", "enum": [*LineOrder], "default": LineOrder.HITS.value},
    _one_of(LineOrder),
    LineOrder.HITS,
)
MOST_LINES: Final = Parameter(
    "limit", "Maximum number of lines.", _integer(1, MAX_LINES, MAX_LINES), _number(1, MAX_LINES), MAX_LINES
)
MOST_WORDS: Final = Parameter(
    "limit", "Maximum number of single words, and of terms of several words.", _integer(1, 50, 20), _number(1, 50), 20
)
CURSOR: Final = Parameter(
    "cursor", "Start of the page: `next` of the previous page.", _string(_MAX_LENGTH), _text(_MAX_LENGTH)
)
FACETS: Final = Parameter(
    "facets", "Also count all hits by source, section, author and time.", _boolean(False), _flag, False
)
PREFIX: Final = Parameter(
    "q", "The beginning of a query.", _string(MAX_QUERY_LENGTH, 1), _text(MAX_QUERY_LENGTH), required=True
)
SUGGESTIONS: Final = Parameter("limit", "Maximum number of suggestions.", _integer(1, 50, 8), _number(1, 50), 8)
ID: Final = Parameter(
    "id",
    "The article's id, or its web address in any spelling.",
    _string(_MAX_LENGTH, 1),
    _text(_MAX_LENGTH),
    required=True,
)
REVISION: Final = Parameter(
    "revision",
    "The number of a revision, counted from 1; the default is the current one.",
    _integer(1, 999_999_999),
    _number(1, 999_999_999),
)
MARKS: Final = Parameter(
    "q", "A query whose matches in the text are returned.", _string(MAX_QUERY_LENGTH), _text(MAX_QUERY_LENGTH), ""
)
