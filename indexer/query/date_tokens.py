"""Dates among the tokens of a query: a range without a field, a field with a space before its date, warnings.

A query that is nothing but a range of dates is one. At the end of keywords a range without a field is searched as
words, with a warning. A date field that a space separates from its date (تاريخ: 2015) is accepted beside keywords.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise, takewhile
from typing import Final

from corpus import DayRange, NotADate
from indexer.query import warnings
from indexer.query.dates import MAX_DATE_TOKENS, bare_date_range, is_date, leading_date
from indexer.query.lexer import Bound, QueryToken, field_named
from indexer.query.prose import SHORT_TEXT, classify_query
from indexer.results import QueryWarning

_MAX_KEYWORDS: Final = 2 * SHORT_TEXT  # beside such a date
_MAX_TOKENS: Final = _MAX_KEYWORDS + 4 * MAX_DATE_TOKENS  # of a query that is searched for one


def whole_query_range(tokens: Sequence[QueryToken]) -> DayRange | None:
    """The days of a query that is nothing but a range of dates (بين 2014 و2016); None for other queries."""
    return bare_date_range([token.text for token in tokens]) if all(map(is_plain_run, tokens)) else None


def bare_range_warnings(tokens: Sequence[QueryToken]) -> list[QueryWarning]:
    """A warning for a range of dates at the end of keywords: without a field it is searched as words."""
    runs = [token.text for token in tokens]
    if len(tokens) > _MAX_KEYWORDS or any(token.kind != "run" for token in tokens):
        return []
    found = (runs[start:] for start in range(1, len(runs)) if bare_date_range(runs[start:]))
    return [warnings.range_as_words(" ".join(words)) for words in islice(found, 1)]


def join_spaced_dates(tokens: list[QueryToken], today: date) -> list[QueryToken]:
    """The tokens with each date field joined to a date after a space, where nothing but keywords is beside them.

    In a sentence the colon of "إلى:" or "قبل:" is punctuation.
    """
    if len(tokens) > _MAX_TOKENS:
        return tokens
    joined: list[QueryToken] = []
    others: list[QueryToken] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        colon = following is not None and following.text == ":"
        is_label = token.kind == "run" and token.distance is None and (token.text.endswith(":") or colon)
        label = token.text.rstrip(":")
        start = place + 1 + (colon and not token.text.endswith(":"))
        is_label = is_label or token.kind == "field"
        count = count_date_tokens(tokens[start:], today) if is_label and isinstance(field_named(label), Bound) else 0
        if count:
            joined.append(replace(token, kind="field", text=label))
            joined.extend(tokens[start : start + count])
            place = start + count
        else:
            joined.append(token)
            others.append(token)
            place += 1
    if len(joined) == len(tokens) and all(token.kind == old.kind for token, old in zip(joined, tokens, strict=True)):
        return tokens
    rest = " ".join(token.text for token in others)
    kind = classify_query(rest, others, today) if others else None
    if kind and (kind.is_text or kind.is_prose or len(others) > _MAX_KEYWORDS):
        return tokens
    return joined


def count_date_tokens(tokens: Sequence[QueryToken], today: date) -> int:
    """How many tokens at the beginning are a date: one phrase, or some runs."""
    if not tokens:
        return 0
    if tokens[0].kind == "phrase":
        return int(is_date([tokens[0].text], today))
    try:
        runs = [token.text for token in takewhile(is_plain_run, tokens[:MAX_DATE_TOKENS])]
        return leading_date(runs, today, counted=True)[1] if runs else 0
    except NotADate:
        return 0


def is_plain_run(token: QueryToken) -> bool:
    """Whether a token is a plain run, without a distance."""
    return token.kind == "run" and token.distance is None


def invalid_date_warnings(tokens: Sequence[QueryToken], today: date, *, prose: bool) -> list[QueryWarning]:
    """Warnings for date fields in a text whose values are not dates.

    In prose only for values that begin with a digit: after other words the colon is punctuation.
    """
    found = []
    for place, (label, value) in enumerate(pairwise(tokens[:_MAX_TOKENS])):
        if label.kind != "field" or not isinstance(field_named(label.text), Bound) or value.kind != "run":
            continue
        if not count_date_tokens(tokens[place + 1 :], today) and (value.text[0].isdigit() or not prose):
            found.append(warnings.not_a_date(_refused(tokens[place + 1 :], today)))
    return found


def _refused(tokens: Sequence[QueryToken], today: date) -> str:
    """The words at the beginning that look like a date and are none."""
    try:
        leading_date([token.text for token in takewhile(is_plain_run, tokens[:MAX_DATE_TOKENS])], today)
    except NotADate as error:
        return error.text
    return tokens[0].text
