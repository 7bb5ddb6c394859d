"""Dates that stand in a query without a field against them: a range that is the whole query, a space behind a colon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise, takewhile
from typing import Final

from corpus import DayRange, NotADate
from indexer.query import warnings
from indexer.query.dates import MAX_DATE_TOKENS, bare_range, is_date, leading_date
from indexer.query.lexer import Bound, Token, field_named
from indexer.query.prose import SHORT, form_of
from indexer.results import QueryWarning

_MOST_WORDS: Final = 2 * SHORT  # of keywords beside such a date
_MOST_TOKENS: Final = _MOST_WORDS + 4 * MAX_DATE_TOKENS  # of a query that is looked through for one


def whole_range(tokens: Sequence[Token]) -> DayRange | None:
    """The days of a query that is a range of dates and nothing else: بين 2014 و2016."""
    return bare_range([token.text for token in tokens]) if all(map(is_run, tokens)) else None


def ranges_in_words(tokens: Sequence[Token]) -> list[QueryWarning]:
    """What has to be said of a range of dates at the end of keywords: it has no field, so its words are searched."""
    runs = [token.text for token in tokens]
    if len(tokens) > _MOST_WORDS or any(token.kind != "run" for token in tokens):
        return []
    found = (runs[start:] for start in range(1, len(runs)) if bare_range(runs[start:]))
    return [warnings.range_as_words(" ".join(words)) for words in islice(found, 1)]


def with_spaced_dates(tokens: list[Token], today: date) -> list[Token]:
    """The tokens, with date fields also where a space parts them from a date, if keywords at most stand beside them.

    In a sentence a colon after "إلى" or "قبل" is punctuation.
    """
    if len(tokens) > _MOST_TOKENS:
        return tokens
    joined: list[Token] = []
    others: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        colon = following is not None and following.text == ":"
        is_label = token.kind == "run" and token.distance is None and (token.text.endswith(":") or colon)
        label = token.text.rstrip(":")
        start = place + 1 + (colon and not token.text.endswith(":"))
        is_label = is_label or token.kind == "field"
        count = date_tokens(tokens[start:], today) if is_label and isinstance(field_named(label), Bound) else 0
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
    form = form_of(rest, others, today) if others else None
    if form and (form.is_text or form.is_prose or len(others) > _MOST_WORDS):
        return tokens
    return joined


def date_tokens(tokens: Sequence[Token], today: date) -> int:
    """How many tokens at the beginning are a date: a phrase, or runs."""
    if not tokens:
        return 0
    if tokens[0].kind == "phrase":
        return int(is_date([tokens[0].text], today))
    try:
        runs = [token.text for token in takewhile(is_run, tokens[:MAX_DATE_TOKENS])]
        return leading_date(runs, today, counted=True)[1] if runs else 0
    except NotADate:
        return 0


def _refused(tokens: Sequence[Token], today: date) -> str:
    """The words at the beginning that are no date, as many as look like one."""
    try:
        leading_date([token.text for token in takewhile(is_run, tokens[:MAX_DATE_TOKENS])], today)
    except NotADate as error:
        return error.text
    return tokens[0].text


def is_run(token: Token) -> bool:
    """Whether a token is a plain run, without a distance."""
    return token.kind == "run" and token.distance is None


def mistyped_dates(tokens: Sequence[Token], today: date, *, prose: bool) -> list[QueryWarning]:
    """What has to be said of date fields in a text whose value is no date.

    In prose only of values with digits: nobody writes those so in a text.
    """
    said = []
    for place, (label, value) in enumerate(pairwise(tokens[:_MOST_TOKENS])):
        if label.kind != "field" or not isinstance(field_named(label.text), Bound) or value.kind != "run":
            continue
        if not date_tokens(tokens[place + 1 :], today) and (value.text[0].isdigit() or not prose):
            said.append(warnings.not_a_date(_refused(tokens[place + 1 :], today)))
    return said
