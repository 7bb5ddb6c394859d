"""The warnings about a query, one sentence each, in Arabic and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from corpus import DateAssumption
from indexer.results import QueryWarning

_MAX_PARTS: Final = 12
_QUOTED: Final = 40  # characters of the query that a warning quotes


def query_cut(limit: int) -> QueryWarning:
    """The query is longer than `limit` characters."""
    return QueryWarning(
        f"الاستعلام أطول من {limit:,} حرف: بُحث عن بدايته فقط.",
        f"The query is longer than {limit:,} characters: only its beginning was searched.",
    )


def too_many_words(limit: int) -> QueryWarning:
    """The query has more than `limit` words."""
    return QueryWarning(
        f"في الاستعلام أكثر من {limit} كلمة: بُحث عن أول {limit} كلمة فقط.",
        f"The query has more than {limit} words: only the first {limit} were searched.",
    )


def too_deep(limit: int) -> QueryWarning:
    """Brackets are nested more than `limit` deep."""
    return QueryWarning(
        f"الأقواس متداخلة أكثر من {limit} مرة: أُهملت الأقواس الأعمق.",
        f"Brackets are nested more than {limit} deep: the deeper ones were ignored.",
    )


def no_words() -> QueryWarning:
    """The query has no word."""
    return QueryWarning("ليس في الاستعلام كلمة يُبحث عنها.", "The query has no words to search for.")


def unbalanced_bracket() -> QueryWarning:
    """A bracket is unmatched."""
    return QueryWarning("قوس بلا نظير: أُهمل.", "Unmatched bracket: it was ignored.")


def unbalanced_quote() -> QueryWarning:
    """A quotation mark is unmatched."""
    return QueryWarning("علامة اقتباس بلا نظير: أُهملت.", "Unmatched quotation mark: it was ignored.")


def lone_operator(operator: str) -> QueryWarning:
    """An operator has no operand."""
    operator = operator[:_QUOTED]
    return QueryWarning(
        f"«{operator}» بلا كلمة بعده أو قبله: أُهمل.", f"“{operator}” has no word beside it: it was ignored."
    )


def unknown_field(name: str) -> QueryWarning:
    """The word before a colon is not a field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"«{name}:» ليس اسم حقل، فبُحث عن الكلمة.", f"“{name}:” is not a field: it was searched as a word."
    )


def field_without_value(name: str) -> QueryWarning:
    """No word, phrase or date follows a field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"الحقل «{name}:» بلا قيمة، فبُحث عن الكلمة نفسها.",
        f"“{name}:” has no value: it was searched as a word.",
    )


def value_apart(name: str) -> QueryWarning:
    """A space separates the name of a field from its value."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"بُحث عن الكلمة «{name}»: للبحث في الحقل تُكتب قيمته بعد النقطتين بلا مسافة.",
        f"“{name}:” was searched as a word: to search a field, write its value right after the colon, without a space.",
    )


def root_in_field(name: str) -> QueryWarning:
    """A root is restricted to a field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"لا يُبحث عن الجذر داخل الحقل «{name}:»: بُحث فيه عن الكلمة نفسها.",
        f"Roots cannot be searched in the field “{name}:”: the word itself was searched.",
    )


def not_a_date(text: str) -> QueryWarning:
    """The value of a date field is not a date."""
    text = text[:_QUOTED]
    return QueryWarning(f"«{text}» ليس تاريخا، فبُحث عن كلماته.", f"“{text}” is not a date: it was searched as words.")


def date_without_year(text: str) -> QueryWarning:
    """A day or month is given without its year."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"«{text}» بلا سنة، فبُحث عن كلماته. اكتب السنة أيضا.",
        f"“{text}” has no year: it was searched as words. Write the year too.",
    )


_READ_AS: Final = {
    DateAssumption.VAGUE: ("لا يُعرف أوله وآخره باليوم", "it has no exact first and last day"),
    DateAssumption.TWO_DIGIT_YEAR: ("السنة من رقمين", "the year has two digits"),
    DateAssumption.WINTER: ("يسمى الشتاء بسنة شهر يناير فيه", "a winter is named by the year of its January"),
    DateAssumption.EARLIER_YEAR: ("لم تُذكر سنة البداية", "the first date has no year"),
    DateAssumption.HOURS: ("يُبحث بالأيام لا بالساعات", "searches use days, not hours"),
    DateAssumption.WEEKDAY: ("هو آخر يوم بهذا الاسم", "this is the latest such day"),
}


def _day(day: date | None) -> str:
    """A day in a left-to-right isolate, since an Arabic line would reorder its parts."""
    return f"\u2066{day}\u2069" if day else ""


def _range(first: date | None, last: date | None) -> str:
    return f"{_day(first)}..{_day(last)}"


def read_as_days(text: str, remark: DateAssumption, first: date | None, last: date | None) -> QueryWarning:
    """A date was read as these days, and is ambiguous."""
    text = text[:_QUOTED]
    days = _range(first, last) if first != last else _day(first)
    arabic, english = _READ_AS[remark]
    return QueryWarning(f"قُرئ «{text}» على أنه {days}: {arabic}.", f"“{text}” was read as {days}: {english}.")


def read_as_range(first: date, last: date) -> QueryWarning:
    """The whole query is a range of dates, without a field."""
    return QueryWarning(
        f"الاستعلام كله مدة: بُحث عما نُشر فيها ({_range(first, last)}). للبحث عن الكلمات ضع \\ قبل أولها.",
        f"The whole query is a range of dates: articles published then were searched ({_range(first, last)})."
        " To search for the words, put \\ before the first.",
    )


def range_as_words(text: str) -> QueryWarning:
    """A range of dates without a field is searched as words."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"بُحث عن كلمات «{text}»: لما نُشر في هذه المدة اكتب «تاريخ:{text}».",
        f"“{text}” was searched as words: to find articles published then, write “date:{text}”.",
    )


def dates_exclude() -> QueryWarning:
    """The dates that are required have no day in common."""
    return QueryWarning(
        "لا يوم يقع في التواريخ المطلوبة كلها: لا شيء يطابق.",
        "No day is within all the required dates: nothing matches.",
    )


def dates_swapped() -> QueryWarning:
    """The first date is after the last."""
    return QueryWarning(
        "تاريخ البداية بعد تاريخ النهاية: بُدّل موضعاهما.",
        "The first date is later than the last: the dates were swapped.",
    )


def short_pattern(pattern: str, letters: int) -> QueryWarning:
    """A word with wildcards has fewer than `letters` letters."""
    pattern = pattern[:_QUOTED]
    return QueryWarning(
        f"في «{pattern}» حروف أقل من اللازم ({letters}): أُهملت علامة البدل.",
        f"“{pattern}” has fewer than {letters} letters: its wildcards were ignored.",
    )


def wildcard_in_phrase(text: str) -> QueryWarning:
    """A wildcard is between quotation marks."""
    text = text[:_QUOTED]
    return QueryWarning(
        f"لا عمل لعلامة البدل بين علامتي الاقتباس «{text}»: أُهملت.",
        f"Wildcards do not work in phrases (“{text}”): they were ignored.",
    )


def short_for_fuzzy(word: str, letters: int) -> QueryWarning:
    """A word has too few letters for a fuzzy search."""
    word = word[:_QUOTED]
    return QueryWarning(
        f"«{word}» أقصر من {letters} حروف: لم يُبحث عن تهجئات قريبة منها.",
        f"“{word}” has fewer than {letters} letters: similar spellings were not searched.",
    )


def distance_cut(limit: int) -> QueryWarning:
    """The number after ~ is greater than `limit`."""
    return QueryWarning(
        f"العدد بعد ~ أكبر من {limit}: استُعمل {limit} بدلا منه.",
        f"The number after ~ is more than {limit}: {limit} was used instead.",
    )


def read_as_text() -> QueryWarning:
    """An operator query matches nothing, and the same query as text matches something."""
    return QueryWarning(
        "لا مقال يطابق الاستعلام بعلاماته: بُحث عن كلماته بلا علامات.",
        "No article matches the query with its operators: it was searched as plain words instead.",
    )


_LANGUAGES: Final = {
    "de": ("بالألمانية", "in German"),
    "en": ("بالإنجليزية", "in English"),
    "es": ("بالإسبانية", "in Spanish"),
    "fr": ("بالفرنسية", "in French"),
    "tr": ("بالتركية", "in Turkish"),
}


def read_as_foreign(
    language: str | None,
    required: Sequence[str],
    dropped: Sequence[str],
    *,
    limited: bool = False,
    by_date: bool = False,
) -> QueryWarning:
    """The query is a question in another language: articles that match have all of the `required` names and numbers.

    No article has the `dropped` ones too; `limited` is as in `nothing_matches`. If nothing is required, none matches.
    In an order by date meaning has no part.
    """
    arabic, english = _LANGUAGES.get(language or "", ("بلغة أخرى", "in another language"))
    those, that = (" ضمن بقية الشروط", " that meets the other conditions") if limited else ("", "")
    read, was_read = f"قُرئ السؤال {arabic}", f"Read as a question {english}"
    missing = _names(dropped)
    if not required:
        arabic, english = f"لا مقال{those} فيه {missing}", f"no article{that} has {missing}"
        if not dropped:
            arabic = "ليس فيه اسم ولا رقم يُطلب في المقالات"
            english = "it has no name or number that an article must have"
        if by_date:
            arabic += "، ولا أثر للمعنى في الترتيب بالتاريخ."
            english += ", and meaning has no effect on an order by date."
        else:
            arabic += "، فالنتائج بحسب المعنى وحده، وهي تخمين."
            english += ". The results are by meaning alone, and are guesses."
        return QueryWarning(f"{read}: {arabic}", f"{was_read}: {english}")
    names = _names(required)
    arabic = "وما بقي بحسب المعنى، والنتائج تخمين."
    english = "the rest was searched by meaning, and the results are guesses."
    if by_date:
        arabic = "ولا أثر لما بقي في الترتيب بالتاريخ."
        english = "the rest has no effect on an order by date."
    without = (f" ولا مقال{those} فيه أيضا {missing}.", f" No article{that} also has {missing}.")
    return QueryWarning(
        f"{read}: بُحث عن {names} بالعربية أو كما كُتب، {arabic}" + without[0] * bool(dropped),
        f"{was_read}: {names} must occur, in Arabic or as typed; {english}" + without[1] * bool(dropped),
    )


def _names(names: Sequence[str]) -> str:
    """Names in isolates, since an Arabic line would reorder their parts."""
    shown = [f"\u2068{name[:_QUOTED]}\u2069" for name in names[:_MAX_PARTS]]
    return " + ".join(shown) + (" …" if len(names) > len(shown) else "")


def without_vector(articles: int) -> QueryWarning:
    """Some of the first hits have no vector yet, and keep the place that their words give them."""
    return QueryWarning(
        f"ترتيب بحسب المعنى: {articles:,} من النتائج الأولى لم يُحسب معناها بعد، ورُتّبت بحسب الكلمات وحدها.",
        f"Order by meaning: {articles:,} of the first hits have no vector yet and were ordered by their words alone.",
    )


def nothing_matches(parts: Sequence[tuple[str, int]], *, limited: bool = False) -> QueryWarning:
    """No article has all parts of a query; `parts` are their texts and how many articles have each.

    `limited` is whether only articles were counted that meet other conditions: a source, a date, an exclusion.
    """
    shown = [(text[:_QUOTED], count) for text, count in parts[:_MAX_PARTS]]
    arabic = "، ".join(f"{text} ({count:,})" for text, count in shown)
    english = ", ".join(f"{text} ({count:,})" for text, count in shown)
    those, that = (" ضمن بقية الشروط", " that meets the other conditions") if limited else ("", "")
    if len(parts) == 1:
        return QueryWarning(f"لا مقال{those} فيه {shown[0][0]}.", f"No article{that} has {shown[0][0]}.")
    more = " …" if len(parts) > len(shown) else ""
    return QueryWarning(
        f"لا مقال{those} يضم الكلمات كلها. عدد المقالات لكل منها: {arabic}{more}.",
        f"No article{that} has all the words. Articles with each: {english}{more}.",
    )


def pattern_cut(limit: int) -> QueryWarning:
    """A pattern matches more than `limit` forms."""
    return QueryWarning(
        f"النمط يطابق أكثر من {limit} كلمة: بُحث عن أكثرها ورودا فقط.",
        f"The pattern matches more than {limit} words: only the most frequent were searched.",
    )
