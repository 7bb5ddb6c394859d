"""What a search has to say about a query, one sentence each, in Arabic and in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from corpus import DateAssumption
from indexer.results import QueryWarning

_MOST_PARTS: Final = 12
_QUOTED: Final = 40  # characters of the user's text that a warning repeats


def query_cut(limit: int) -> QueryWarning:
    """The query was longer than `limit` characters."""
    return QueryWarning(
        f"الاستعلام أطول من {limit} حرف: بُحث عن بدايته فقط.",
        f"The query is longer than {limit} characters: only its beginning was searched.",
    )


def too_many_words(limit: int) -> QueryWarning:
    """The query had more than `limit` words."""
    return QueryWarning(
        f"في الاستعلام أكثر من {limit} كلمة: بُحث عن الكلمات الأولى منها.",
        f"The query has more than {limit} words: only the first of them were searched.",
    )


def too_deep(limit: int) -> QueryWarning:
    """Brackets were nested deeper than `limit`."""
    return QueryWarning(
        f"الأقواس متداخلة أكثر من {limit} مرة: أُهملت الأقواس الأعمق.",
        f"Brackets are nested more than {limit} deep: the deeper ones were ignored.",
    )


def no_words() -> QueryWarning:
    """The query has marks and no word."""
    return QueryWarning("ليس في عبارة البحث كلمة يُبحث عنها.", "There is no word to search for.")


def unbalanced_bracket() -> QueryWarning:
    """A bracket has no partner."""
    return QueryWarning("قوس بلا نظير: أُهمل.", "A bracket has no partner: it was ignored.")


def unbalanced_quote() -> QueryWarning:
    """A quotation mark has no partner."""
    return QueryWarning("علامة اقتباس بلا نظير: أُهملت.", "A quotation mark has no partner: it was ignored.")


def lone_operator(operator: str) -> QueryWarning:
    """An operator has nothing to work on."""
    operator = operator[:_QUOTED]
    return QueryWarning(
        f"«{operator}» بلا كلمة بعده أو قبله: أُهمل.", f"“{operator}” has no word beside it: it was ignored."
    )


def unknown_field(name: str) -> QueryWarning:
    """The word before a colon is no field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"«{name}:» ليس اسم حقل، فبُحث عن الكلمة.", f"“{name}:” is not a field: it was searched as a word."
    )


def field_without_value(name: str) -> QueryWarning:
    """No word, phrase or date follows a field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"لا شيء يُبحث عنه بعد «{name}:»، فبُحث عن الكلمة نفسها.",
        f"Nothing to look for follows “{name}:”: it was searched as a word.",
    )


def value_apart(name: str) -> QueryWarning:
    """A space parts the name of a field from its value."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"بُحث عن الكلمة «{name}»: للبحث في الحقل تُكتب قيمته بعد النقطتين بلا مسافة.",
        f"“{name}:” was searched as a word: to search a field, write its value right after the colon, without a space.",
    )


def root_in_field(name: str) -> QueryWarning:
    """A root was asked for in a field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"لا يُبحث عن الجذر داخل الحقل «{name}:»: بُحث فيه عن الكلمة.",
        f"Roots are not searched within the field “{name}:”: the word was searched in it.",
    )


def not_a_date(text: str) -> QueryWarning:
    """What follows a date field is no date."""
    text = text[:_QUOTED]
    return QueryWarning(f"«{text}» ليس تاريخا، فبُحث عن كلماته.", f"“{text}” is not a date: it was searched as words.")


def date_without_year(text: str) -> QueryWarning:
    """A day or month whose year is not given."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"«{text}» بلا سنة، فبُحث عن كلماته. اكتب السنة أيضا.",
        f"“{text}” has no year: it was searched as words. Write the year too.",
    )


_READ_AS: Final = {
    DateAssumption.VAGUE: ("لا يُعرف أوله وآخره باليوم", "its bounds are not known to the day"),
    DateAssumption.TWO_DIGIT_YEAR: ("السنة من رقمين", "the year has two digits"),
    DateAssumption.WINTER: ("يسمى الشتاء بسنة شهر يناير فيه", "a winter is named by the year of its January"),
    DateAssumption.EARLIER_YEAR: ("لم تُذكر سنة البداية", "the year of the beginning is not given"),
    DateAssumption.HOURS: ("يُبحث بالأيام لا بالساعات", "searches go by days, not by hours"),
    DateAssumption.WEEKDAY: ("هو آخر يوم بهذا الاسم", "it is the latest day of that name"),
}


def _day(day: date | None) -> str:
    """A day in an isolate: in an Arabic line its parts would change places."""
    return f"\u2066{day}\u2069" if day else ""


def _range(first: date | None, last: date | None) -> str:
    return f"{_day(first)}..{_day(last)}"


def read_as_days(text: str, remark: DateAssumption, first: date | None, last: date | None) -> QueryWarning:
    """A date was read as these days, and could have been meant otherwise."""
    text = text[:_QUOTED]
    days = _range(first, last) if first != last else _day(first)
    arabic, english = _READ_AS[remark]
    return QueryWarning(f"قُرئ «{text}» على أنه {days}: {arabic}.", f"“{text}” was read as {days}: {english}.")


def read_as_range(first: date, last: date) -> QueryWarning:
    """The whole query is a range of dates, without a field."""
    return QueryWarning(
        f"عبارة البحث كلها مدة: بُحث عما نُشر فيها ({_range(first, last)}). للبحث عن الكلمات ضع \\ قبل أولها.",
        f"The whole query is a range of dates: what was published then was searched ({_range(first, last)})."
        " To search for the words, put \\ before the first.",
    )


def range_as_words(text: str) -> QueryWarning:
    """Words that name a range of dates stand in a query without a field."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"بُحث عن كلمات «{text}»: لما نُشر في هذه المدة اكتب «تاريخ:{text}».",
        f"“{text}” was searched as words: for what was published then, write “date:{text}”.",
    )


def dates_exclude() -> QueryWarning:
    """No day lies within all the dates that are required."""
    return QueryWarning(
        "لا يوم يقع في التواريخ المطلوبة كلها: لا شيء يطابق.",
        "No day lies within all the dates that are required: nothing matches.",
    )


def dates_swapped() -> QueryWarning:
    """The first date is after the last."""
    return QueryWarning(
        "تاريخ البداية بعد تاريخ النهاية: بُحث في المدة بينهما.",
        "The first date is later than the last: the time between them was searched.",
    )


def short_pattern(pattern: str, letters: int) -> QueryWarning:
    """A word with wildcards gives fewer than `letters` letters."""
    pattern = pattern[:_QUOTED]
    return QueryWarning(
        f"في «{pattern}» حروف أقل من اللازم ({letters}): أُهملت علامة البدل.",
        f"“{pattern}” has fewer than {letters} letters: its wildcards were ignored.",
    )


def wildcard_in_phrase(text: str) -> QueryWarning:
    """A wildcard stands between quotation marks."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"لا عمل لعلامة البدل بين علامتي الاقتباس «{text}»: أُهملت.",
        f"Wildcards do not work between quotation marks (“{text}”): they were ignored.",
    )


def short_for_fuzzy(word: str, letters: int) -> QueryWarning:
    """A word has too few letters for words like it to be searched."""
    word = word[:_QUOTED]
    return QueryWarning(
        f"«{word}» أقصر من {letters} حروف: لم يُبحث عما يشبهها.",
        f"“{word}” is shorter than {letters} letters: words like it were not searched.",
    )


def distance_cut(limit: int) -> QueryWarning:
    """The number after ~ is more than `limit`."""
    return QueryWarning(
        f"العدد بعد ~ أكبر من {limit}: استُعمل {limit} بدلا منه.",
        f"The number after ~ is more than {limit}: {limit} was used instead.",
    )


def read_as_text() -> QueryWarning:
    """A formula matches nothing, and the same query as text does."""
    return QueryWarning(
        "لا مقال يطابق العبارة بعلاماتها: بُحث عن كلماتها كلها بلا علامات.",
        "No article matches the query with its operators: it was searched as plain words instead.",
    )


def nothing_matches(parts: Sequence[tuple[str, int]]) -> QueryWarning:
    """No article has all parts of a query; each with how many articles have it."""
    shown = [(text[:_QUOTED], count) for text, count in parts[:_MOST_PARTS]]
    arabic = "، ".join(f"{text} ({count:,})" for text, count in shown)
    english = ", ".join(f"{text} ({count:,})" for text, count in shown)
    if len(parts) == 1:
        return QueryWarning(f"لا مقال فيه {shown[0][0]}.", f"No article has {shown[0][0]}.")
    more = " …" if len(parts) > len(shown) else ""
    return QueryWarning(
        f"لا مقال يضم الكلمات كلها. عدد المقالات لكل منها: {arabic}{more}.",
        f"No article has all the words. Articles with each: {english}{more}.",
    )


def pattern_cut(limit: int) -> QueryWarning:
    """A pattern stands for more than `limit` forms."""
    return QueryWarning(
        f"النمط يطابق أكثر من {limit} كلمة: بُحث عن أكثرها ورودا فقط.",
        f"The pattern matches more than {limit} words: only the most frequent were searched.",
    )
