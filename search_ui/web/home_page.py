"""What the first page says of the archive: its span, its largest sources, its years, this day in other years, examples.

Everything is of the index; without one, the page has the counts of the archive and the reason. What takes searches is
computed once per commit and day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from flask import current_app

from corpus import ArshifError, letters, local_day
from indexer import Hit, SearchRequest, Sort
from search_ui.web.archive_calendar import ArchiveCalendar, YearRow, archive_calendar, year_rows
from search_ui.web.languages import calendar, is_arabic
from search_ui.web.served_archive import ServedArchive
from search_ui.web.settings import web_settings

MAX_SOURCES: Final = 8
"""The largest sources that the page names."""

_MAX_ROWS: Final = 12  # years whose months are shown; with more, the years alone
_MAX_SAME_DAYS: Final = 5
_NEWEST: Final = 100  # articles whose titles give the examples
_LEAST_LETTERS: Final = 4
_CACHE: Final = "arshif.home"
# Words of titles that are no subjects: they make poor examples.
_NO_SUBJECTS: Final = frozenset(
    letters.fold(word)
    for line in (
        "الذي التي الذين اللذين هذا هذه ذلك تلك هناك خلال بعد قبل بين عبر منذ حول أمام خلف تحت فوق عند عندما حين حتى",
        "ضمن ضد نحو مثل مع على إلى كما لكن لماذا ماذا كيف متى أين كان كانت يكون تكون ليس ليست أكثر أقل جميع بعض غير",
        "إنها إنه اليوم أمس غدا الآن عام العام مرة أول ثاني قال قالت يقول بسبب بدون لدى أيضا فيديو صور بالصور عاجل",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class SameDay:
    """This day in another year: its articles, and the title of one of them."""

    time: str
    count: int
    hit: Hit | None


@dataclass(frozen=True, slots=True)
class _Computed:
    """What takes searches."""

    examples: tuple[str, ...]
    same_days: tuple[SameDay, ...]


def home_page(served: ServedArchive) -> dict[str, Any]:
    """The values of the page's template."""
    settings = web_settings(served.archive)
    description = settings.description if is_arabic() else settings.description_en or settings.description
    values: dict[str, Any] = {
        "description": description,
        "problem": None,
        "empty": not served.archive.article_count(),
        "today": local_day(),
    }
    if values["empty"]:
        return values | _without_index(served)
    try:
        return values | _with_index(served, values["today"])
    except ArshifError as error:
        # The archive is the truth: its page is shown even if its index is missing or damaged.
        return values | _without_index(served) | {"problem": error}


def _with_index(served: ServedArchive, today: date) -> dict[str, Any]:
    known, times = archive_calendar(served), served.searcher.source_times()
    named = [one for one in times if one.name]
    computed = _computed(served, known, today)
    rows = [row for row in year_rows(known.months, known.month_shades) if row.until is None]
    hijri = known.same_hijri_days(today) if calendar() == "hijri" else []
    return {
        "articles": sum(one.articles for one in times),
        "source_count": len(named),
        "sources": named[:MAX_SOURCES],
        "span": known.span,
        "rows": rows if len(rows) <= _MAX_ROWS else (),
        "years": [] if len(rows) <= _MAX_ROWS else _years(rows, known),
        "shades": known.month_shades if len(rows) <= _MAX_ROWS else known.year_shades,
        "examples": computed.examples,
        "same_days": computed.same_days,
        "same_hijri_days": hijri[:_MAX_SAME_DAYS],
    }


def _without_index(served: ServedArchive) -> dict[str, Any]:
    counts = served.counts
    days = (counts.first_day, counts.last_day)
    return {
        "articles": counts.articles,
        "source_count": len(counts.sources),
        "sources": (),
        "span": tuple(date.fromisoformat(day) for day in days if day) or None,
        "rows": (),
        "years": (),
        "examples": (),
        "same_days": (),
        "same_hijri_days": (),
    }


def _years(rows: Iterable[YearRow], known: ArchiveCalendar) -> list[tuple[str, int, int]]:
    return [(f"{row.year:04}", row.count, known.year_shades.of(row.count)) for row in rows]


def _computed(served: ServedArchive, known: ArchiveCalendar, today: date) -> _Computed:
    key = (served.searcher.version, today)
    cached: tuple[object, _Computed] | None = current_app.extensions.get(_CACHE)
    if cached is None or cached[0] != key:
        same_days = tuple(
            SameDay(time, count, _one_of(served, date.fromisoformat(time)))
            for time, count in known.same_days(today)[:_MAX_SAME_DAYS]
        )
        cached = current_app.extensions[_CACHE] = (key, _Computed(_examples(served), same_days))
    return cached[1]


def _one_of(served: ServedArchive, day: date) -> Hit | None:
    """The last article of a day."""
    page = served.searcher.search(SearchRequest("", after=day, before=day, sort=Sort.NEWEST, page_size=1))
    return next(iter(page.hits), None)


def _examples(served: ServedArchive) -> tuple[str, ...]:
    """Queries that find articles: a word, a phrase, either of two words, and a word of titles, all of newest titles."""
    page = served.searcher.search(SearchRequest("", sort=Sort.NEWEST, page_size=_NEWEST))
    words: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    printed: dict[str, str] = {}
    for hit in page.hits:
        title = [(match.start(), match.end(), match[0]) for match in letters.WORD.finditer(hit.title.text)]
        for word in {word for _, _, word in title if _is_subject(word)}:
            words[letters.fold(word)] += 1
            printed.setdefault(letters.fold(word), word)
        for (_, end, first), (start, _, second) in pairwise(title):
            if _is_subject(first) and _is_subject(second) and hit.title.text[end:start] == " ":
                phrases[f"{first} {second}"] += 1
    common = [printed[word] for word, _ in words.most_common(4)]
    # A phrase of other words than the first example, if there is one.
    phrase = next((phrase for phrase, _ in phrases.most_common(20) if not {*common[:1]} & {*phrase.split()}), "")
    made = (
        *common[:1],
        *([f"«{phrase}»"] if phrase else []),
        *([f"{common[1]} أو {common[2]}"] if len(common) > 2 else []),
        *([f"عنوان:{common[3]}"] if len(common) > 3 else []),
    )
    return tuple(query for query in made if served.searcher.search(SearchRequest(query, page_size=1)).total)


def _is_subject(word: str) -> bool:
    """Whether a word may be what a title is about: not a short or common one, or a number."""
    folded = letters.fold(word)
    return len(folded) >= _LEAST_LETTERS and folded not in _NO_SUBJECTS and not any(map(str.isdigit, word))
