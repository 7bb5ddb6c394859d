"""From the query tree to a plan: which terms of which fields are looked up, how they are weighted, what must match.

The one place that knows weights and matching rules; executors of either engine only do what the plan says. Weights are
those of `docs/relevance.md`, found by measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from indexer.analysis import analyze_words, fold
from indexer.query import (
    And,
    DateRange,
    Everything,
    Exact,
    FieldName,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Required,
    Root,
    Wildcard,
    Word,
)
from indexer.results import SearchRequest
from indexer.schema import day_term

STEM_WEIGHT: Final = 1.0
FORM_WEIGHT: Final = 0.5
ROOT_WEIGHT: Final = 0.5
SIMILAR_WEIGHT: Final = 0.25
TITLE_WEIGHT: Final = 0.25

WEAK_CAP: Final = 0.9
"""A match by root or likeness alone adds at most this share of the least that a match of the stem adds anywhere."""

STRICT_WORDS: Final = 2
"""Queries of so many words want all of them, by their stems."""

LEAST_MASS: Final = 0.15
"""Of longer queries an article must hold words with this share of the whole query's inverse document frequency."""

_FORM_FIELDS: Final = {FieldName.SOURCE: "source", FieldName.AUTHOR: "author", FieldName.SECTION: "section"}


class LevelTerm(NamedTuple):
    """A term of a field, and what its BM25 score is multiplied by."""

    field: str
    term: str
    weight: float


class PlainWord(NamedTuple):
    """One word at its levels. It is met by `strong`; what else matches adds to the score.

    `added` are further levels that `strong` implies; `root` and `similar` may match where `strong` does not.
    """

    strong: LevelTerm
    added: tuple[LevelTerm, ...] = ()
    root: LevelTerm | None = None
    similar: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Any of these terms of one field, counted as one term."""

    field: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Any form of a field like the pattern: `*` any letters, `?` one."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Misspelt:
    """Any form of a field at most `limit` edits from this one."""

    field: str
    form: str
    limit: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """These forms in a field: side by side in this order, or, with a distance, near each other in any order."""

    field: str
    forms: tuple[str, ...]
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Published from the first to the last of these days (`yyyymmdd`), both included; None is open."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """One of these names in a field of names."""

    field: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """All of `wanted`, none of `excluded`; without `wanted`, every article but the excluded."""

    wanted: tuple[Plan, ...]
    excluded: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of these."""

    choices: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Most:
    """Words of which an article must hold enough (`LEAST_MASS`), by any level; phrases add to the score only."""

    words: tuple[PlainWord, ...]
    phrases: tuple[Sequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """Any of these terms; the scores of those that an article holds are added."""

    terms: tuple[LevelTerm, ...]


Plan = PlainWord | Terms | Pattern | Misspelt | Sequence | Days | Names | All | OneOf | Most | Telling


def make_plan(node: Node, *, relaxed: bool = False) -> Plan:
    """The plan of a query tree; `relaxed` asks for any of the wanted words, in longer queries also those of phrases."""
    match node:
        case Word():
            return _words((node,), relaxed=relaxed)
        case Exact():
            return Terms("text_form", _forms((node.text,)))
        case Root():
            roots = tuple(terms.root or terms.form for terms in analyze_words(node.text))
            return Terms("text_root", roots[:1])
        case Wildcard():
            return Pattern("text_form", fold(node.pattern))
        case Fuzzy():
            return Misspelt("text_form", "".join(_forms((node.text,))[:1]), node.distance)
        case Phrase():
            return Sequence("text_form", _forms(node.words))
        case Near():
            return Sequence("text_form", _forms(node.words), node.distance)
        case InField():
            return _in_field(node)
        case DateRange():
            return days(node.first, node.last)
        case Or():
            return OneOf(tuple(make_plan(child) for child in node.children))
        case Not():
            return All((), (make_plan(node.child),))
        case Required():
            return make_plan(node.child)
        case Everything():
            return All(())
        case Nothing():
            return OneOf(())
        case And():
            return _conjunction(node, relaxed=relaxed)


def days(first: date | None, last: date | None) -> Days:
    """The plan of a range of days."""
    return Days(day_term(first) if first else None, day_term(last) if last else None)


def make_filters(request: SearchRequest) -> tuple[Plan, ...]:
    """The filters beside the query."""
    filters: list[Plan] = [
        Names(field, names)
        for field, names in (
            ("source_name", request.sources),
            ("section_name", request.sections),
            ("author_name", request.authors),
        )
        if names
    ]
    if request.after or request.before:
        filters.append(days(request.after, request.before))
    return tuple(filters)


def plain_words(node: Node) -> tuple[Word, ...]:
    """The plain words that a query wants together, stop words too; empty for other queries."""
    if isinstance(node, Word):
        return (node,)
    return _words_and_phrases(node)[0] if isinstance(node, And) else ()


def _words_and_phrases(node: And) -> tuple[tuple[Word, ...], tuple[Phrase, ...]]:
    """The plain words and the phrases of a conjunction.

    In a longer query a quoted word is a plain one: papers put names in quotes, and headlines are pasted.
    """
    words = tuple(child for child in node.children if isinstance(child, Word))
    phrases = tuple(child for child in node.children if isinstance(child, Phrase))
    if len(words) < STRICT_WORDS:
        return words, phrases
    quoted = tuple(Word(phrase.words[0]) for phrase in phrases if len(phrase.words) == 1)
    return words + quoted, tuple(phrase for phrase in phrases if len(phrase.words) > 1)


def _conjunction(node: And, *, relaxed: bool) -> Plan:
    words, phrases = _words_and_phrases(node)
    others = [child for child in node.children if not isinstance(child, (Word, Phrase, Not))]
    excluded = [child.child for child in node.children if isinstance(child, Not)]
    wanted: list[Plan] = []
    if relaxed and phrases and len(words) >= STRICT_WORDS:
        wanted.append(_most((*words, *(Word(word) for phrase in phrases for word in phrase.words)), phrases))
    else:
        # Stop words beside phrases and fields say nothing more.
        if words and not ((others or phrases) and all(map(_is_stop_word, words))):
            wanted.append(_words(words, relaxed=relaxed))
        wanted += [make_plan(phrase) for phrase in phrases]
    wanted += [make_plan(child) for child in others]
    if len(wanted) == 1 and not excluded:
        return wanted[0]
    return All(tuple(wanted), tuple(make_plan(child) for child in excluded))


def _words(words: tuple[Word, ...], *, relaxed: bool) -> Plan:
    if relaxed or len(words) > STRICT_WORDS:
        return _most(words)
    plans = _plain(words)
    return plans[0] if len(plans) == 1 else All(plans) if plans else OneOf(())


def _most(words: tuple[Word, ...], phrases: tuple[Phrase, ...] = ()) -> Most:
    return Most(_plain(words), tuple(Sequence("text_form", _forms(phrase.words)) for phrase in phrases))


def _plain(words: tuple[Word, ...]) -> tuple[PlainWord, ...]:
    spoken = [word for word in words if not _is_stop_word(word)] or list(words)
    return tuple(dict.fromkeys(plan for word in spoken if (plan := plain_word(word.text))))


def plain_word(text: str) -> PlainWord | None:
    """The plan of one word; None when it is all marks."""
    terms = next(iter(analyze_words(text)), None)
    if terms is None or not terms.form:
        return None
    if terms.stem is None or terms.root is None:  # a stop word has its form alone
        return PlainWord(LevelTerm("text_form", terms.form, 1.0))
    return PlainWord(
        LevelTerm("text_stem", terms.stem, STEM_WEIGHT),
        (LevelTerm("text_form", terms.form, FORM_WEIGHT), LevelTerm("title_stem", terms.stem, TITLE_WEIGHT)),
        LevelTerm("text_root", terms.root, ROOT_WEIGHT),
        terms.stem,
    )


def _is_stop_word(word: Word) -> bool:
    return all(terms.stem is None for terms in analyze_words(word.text))


def _in_field(node: InField) -> Plan:
    child = node.child
    field = "title_form" if node.field is FieldName.TITLE else _FORM_FIELDS[node.field]
    match child:
        case Word() if node.field is FieldName.TITLE:
            terms = next(iter(analyze_words(child.text)))
            if terms.stem is None:
                return Terms(field, (terms.form,))
            return PlainWord(
                LevelTerm("title_stem", terms.stem, STEM_WEIGHT), (LevelTerm("title_form", terms.form, FORM_WEIGHT),)
            )
        case Word() | Exact():
            return Terms(field, _forms((child.text,)))
        case Wildcard():
            return Pattern(field, fold(child.pattern))
        case Fuzzy():
            return Misspelt(field, "".join(_forms((child.text,))[:1]), child.distance)
        case Near():
            return Sequence(field, _forms(child.words), child.distance)
        case Phrase():
            return Sequence(field, _forms(child.words))


def _forms(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(terms.form for word in words for terms in analyze_words(word) if terms.form)
