"""The words around a chart: axes, keys, searches, how it was counted; on the pages and in the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask_babel import gettext, lazy_gettext

from corpus import display_url
from indexer import MatchMode, ResultPage, SearchRequest, TimeUnit, WordForms
from search_ui.charts import THIN, Chart, Texts, TimeTick
from search_ui.charts.picture import isolated, left_to_right
from search_ui.export.about import program
from search_ui.export.citation import ENGLISH_MONTHS, POP_ISOLATE
from search_ui.web.charts import whole_archive
from search_ui.web.languages import is_arabic, language
from search_ui.web.template_filters import (
    bare,
    count_of_results,
    in_digits,
    number,
    printed_day,
    printed_time,
    source_name,
)

_BY_UNIT: Final = {
    TimeUnit.DAY: lazy_gettext("by day"),
    TimeUnit.MONTH: lazy_gettext("by month"),
    TimeUnit.YEAR: lazy_gettext("by year"),
}
_WIDTHS: Final = {
    MatchMode.MOST: lazy_gettext("articles with most of the words"),
    MatchMode.ANY: lazy_gettext("articles with any of the words"),
}
_FORMS: Final = {
    WordForms.WORD: lazy_gettext("words with prefixes"),
    WordForms.PRINTED: lazy_gettext("words as typed"),
    WordForms.ROOT: lazy_gettext("words of the same root"),
}


def values_title(chart: Chart) -> str:
    """What the value axis of a chart measures."""
    match chart.axis.per:
        case None:
            what = gettext("Articles")
        case 100:
            what = gettext("Per cent of the articles")
        case per:
            what = gettext("Per %(count)s articles", count=number(per))
    return f"{what}{gettext(', ')}{_BY_UNIT[chart.unit]}"


def tick_label(tick: TimeTick, unit: TimeUnit) -> str:
    """A period on the axis: 2015, Aug 2015, 6 Aug; in Arabic with the month's number: its names differ."""
    year, *rest = tick.time.split("-")
    if unit is TimeUnit.YEAR:
        return str(int(year))
    month = str(int(rest[0])) if is_arabic() else ENGLISH_MONTHS[int(rest[0]) - 1][:3]
    between = "/" if is_arabic() else " "
    days = [str(int(rest[1]))] if unit is TimeUnit.DAY else []
    # A month alone would be a mere number in Arabic.
    with_year = tick.with_year or (unit is TimeUnit.MONTH and is_arabic())
    return between.join([*days, month, *([year] if with_year else [])])


def search_label(page: ResultPage) -> str:
    """A search in a picture: its words, how they were understood, the number of articles, and its filters."""
    search = page.request
    words = f"“{isolated(search.query)}”" if search.query else gettext("All articles")
    if is_arabic() and search.query:
        words = f"«{isolated(search.query)}»"
    details = [count_of_results(page.total), *filters_in_words(search)]
    if bare(page.understood) not in ("", "«»", bare(search.query)):
        details.append(gettext("understood as: %(query)s", query=isolated(page.understood)))
    return f"{words}: {gettext('; ').join(details)}"


def filters_in_words(search: SearchRequest) -> list[str]:
    """The filters of a search, and what is not the default of its words."""
    words: list[str] = []
    for name, values in (
        (gettext("Source"), tuple(map(source_name, search.sources))),
        (gettext("Section"), search.sections),
        (gettext("Author"), search.authors),
    ):
        if values:
            words.append(f"{name}: {gettext(', ').join(map(isolated, values))}")
    words += [f"{gettext('from')} {printed_day(search.after)}"] if search.after else []
    words += [f"{gettext('to')} {printed_day(search.before)}"] if search.before else []
    words += [str(_WIDTHS[search.match])] if search.match in _WIDTHS else []
    words += [str(_FORMS[search.forms])] if search.forms in _FORMS else []
    words += [] if search.spellings else [gettext("without other spellings")]
    return words


def method(chart: Chart | None, pages: Sequence[ResultPage]) -> list[str]:
    """How it was counted, one sentence for each thing that a reader must know."""
    notes = [
        gettext(
            "Counted are articles: each copy of a story counts. Unless otherwise stated, an article counts if it has"
            " all the words, each in any of its forms or in another spelling of a name."
        )
    ]
    if chart is None:
        return notes
    if chart.shares:
        notes.append(
            gettext("Shares are of all articles of the archive from the same time.")
            if whole_archive(pages)
            else gettext(
                "Shares are of the articles with the same source, section, author and dates as the search,"
                " regardless of their words; a search without words is a share of the archive."
            )
        )
    if chart.hollow():
        notes.append(gettext("Hollow points: shares of fewer than %(count)s articles.", count=number(THIN)))
    if chart.cut_off():
        notes.append(
            gettext(
                "Shares beyond the axis, of periods with fewer than %(count)s articles, are cut off.",
                count=number(THIN),
            )
        )
    if gaps := len(chart.times) - sum(map(len, chart.known())):
        notes.append(
            gettext(
                "Gaps, which are not zeros: from %(count)s periods the archive has no such article.", count=number(gaps)
            )
        )
    if chart.all_thin:
        notes.append(
            gettext(
                "Every period has fewer than %(count)s articles: one more would change a share much.",
                count=number(THIN),
            )
        )
    for page, series in zip(pages, chart.series, strict=True):
        # Hits outside the periods have no date: the chart contains all others.
        if (undated := page.total - sum(series.hits)) > 0:
            note = gettext("Articles without a date, which are not shown: %(count)s", count=number(undated))
            notes.append(note if len(pages) == 1 else f"{isolated(page.request.query)}: {note}")
    begins = {page.request.after.isoformat() for page in pages if page.request.after}
    ends = {page.request.before.isoformat() for page in pages if page.request.before}
    outer = (chart.days(0), chart.days(-1))
    if any(first < day <= last for day in begins for first, last in outer) or any(
        first <= day < last for day in ends for first, last in outer
    ):
        notes.append(gettext("The first and the last period are counted only within the dates of the search."))
    return notes


def same_searches(pages: Sequence[ResultPage]) -> list[str]:
    """A sentence for each search that equals an earlier one."""
    notes = []
    for index, page in enumerate(pages):
        first = next(other for other, earlier in enumerate(pages) if earlier.request == page.request)
        if first < index:
            notes.append(
                gettext(
                    "Searches %(first)s and %(second)s are the same: their lines coincide.",
                    first=first + 1,
                    second=index + 1,
                )
            )
    return notes


def volume_words(chart: Chart, pages: Sequence[ResultPage]) -> str:
    """The key of the area."""
    whole = chart.volume == chart.archive or whole_archive(pages)
    what = (
        gettext("Area: all articles of the archive") if whole else gettext("Area: all articles with the same filters")
    )
    scale = gettext("(own scale, up to %(count)s)", count=number(max(chart.volume)))
    return f"{what} {scale}"


def thin_words(chart: Chart) -> str:
    """The key of the hatching; empty if nothing is hatched."""
    if chart.all_thin or not chart.thin:
        return ""
    return str(gettext("Hatched: periods with fewer than %(count)s articles", count=number(THIN)))


@dataclass(frozen=True, slots=True)
class ChartWords:
    """The words below a chart: the key of area and hatching, and how it was counted.

    `whole` is whether shares are of the whole archive.
    """

    volume: str
    thin: str
    method: tuple[str, ...]
    whole: bool


def words_of(chart: Chart, pages: Sequence[ResultPage]) -> ChartWords:
    """The words below a chart."""
    return ChartWords(volume_words(chart, pages), thin_words(chart), tuple(method(chart, pages)), whole_archive(pages))


def picture_texts(chart: Chart, pages: Sequence[ResultPage], archive: str, address: str) -> Texts:
    """The words of a picture."""
    names = dict.fromkeys(page.request.query or gettext("All articles") for page in pages)
    queries = list(map(isolated, names))
    first, last = printed_time(chart.times[0]), printed_time(chart.times[-1])
    span = first if first == last else f"{first} – {last}"
    shortened = [query if len(query) < 60 else f"{query[:58]}…{POP_ISOLATE}" for query in queries]
    title = f"{gettext(', ').join(shortened)}: {span}"
    notes = [
        *method(chart, pages),
        *same_searches(pages),
        gettext(
            "Archive: %(name)s. Made on %(day)s with %(program)s.",
            name=isolated(archive),
            day=printed_day(datetime.now(UTC).date()),
            program=left_to_right(program()),
        ),
    ]
    words = [
        *map(search_label, pages),
        values_title(chart),
        volume_words(chart, pages),
        thin_words(chart),
        *notes,
        address,
    ]
    return Texts(
        title=title,
        key=key_of(pages),
        values=values_title(chart),
        ticks=tuple(in_digits(tick_label(tick, chart.unit)) for tick in chart.ticks),
        volume=volume_words(chart, pages),
        thin=thin_words(chart),
        notes=(*notes, f"{gettext('Address')}: {left_to_right(display_url(address))}"),
        description="\n".join(filter(None, words)),
        language=language(),
        right_to_left=is_arabic(),
        digits=in_digits,
    )


def key_of(pages: Sequence[ResultPage]) -> tuple[str, ...]:
    """The searches of a picture's key, numbered if there are several."""
    numbered = len(pages) > 1
    return tuple((f"{number(index)}. " if numbered else "") + search_label(page) for index, page in enumerate(pages, 1))
