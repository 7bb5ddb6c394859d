"""What a search has to say about a query, one sentence each, in Arabic and in English."""

from __future__ import annotations

from indexer.results import QueryWarning

_QUOTED = 40  # characters of the user's text that a warning repeats


def query_cut(limit: int) -> QueryWarning:
    """The query was longer than `limit` characters."""
    return QueryWarning(
        f"السؤال أطول من {limit} حرف: بُحث عن بدايته فقط.",
        f"The query is longer than {limit} characters: only its beginning was searched.",
    )


def too_many_words(limit: int) -> QueryWarning:
    """The query had more than `limit` words."""
    return QueryWarning(
        f"في السؤال أكثر من {limit} كلمة: بُحث عن الكلمات الأولى منها.",
        f"The query has more than {limit} words: only the first of them were searched.",
    )


def too_deep(limit: int) -> QueryWarning:
    """Brackets were nested deeper than `limit`."""
    return QueryWarning(
        f"الأقواس متداخلة أكثر من {limit} مرة: أُهملت الأقواس الأعمق.",
        f"Brackets are nested more than {limit} deep: the deeper ones were passed over.",
    )


def unbalanced_bracket() -> QueryWarning:
    """A bracket has no partner."""
    return QueryWarning("قوس بلا نظير: أُهمل.", "A bracket has no partner: it was passed over.")


def unbalanced_quote() -> QueryWarning:
    """A quotation mark has no partner."""
    return QueryWarning("علامة اقتباس بلا نظير: أُهملت.", "A quotation mark has no partner: it was passed over.")


def lone_operator(operator: str) -> QueryWarning:
    """An operator has nothing to work on."""
    return QueryWarning(
        f"«{operator}» بلا كلمة بعده أو قبله: أُهمل.", f"“{operator}” has no word beside it: it was passed over."
    )


def unknown_field(name: str) -> QueryWarning:
    """The word before a colon is no field."""
    name = name[:_QUOTED]
    return QueryWarning(
        f"«{name}:» ليس اسم حقل: بُحث عنه ككلمة.", f"“{name}:” is not a field: it was searched as a word."
    )


def not_a_date(text: str) -> QueryWarning:
    """What follows a date field is no date."""
    text = text[:_QUOTED]
    return QueryWarning(f"«{text}» ليس تاريخا: بُحث عنه ككلمات.", f"“{text}” is not a date: it was searched as words.")


def relaxed() -> QueryWarning:
    """No article holds all the words."""
    return QueryWarning(
        "لا مقال يضم كل الكلمات: هذه أقرب المقالات إليها.", "No article has all the words: these have some of them."
    )
