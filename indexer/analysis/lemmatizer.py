"""Lemmas: which dictionary word a printed word is, its clitics, number, gender, person and tense left off.

A printed word is cut into proclitics, a form of the lexicon and a pronoun in every way that the grammar allows. Each
way has a cost in bits: how rare the reading of the form is, how rare the clitics are, and how far the print is from the
reading's spelling (احمد for أحمد). The cheapest way is the word's; another lemma that costs little more is given too, since
both readings are printed. What no cheap way explains is a name or a loan word: it keeps its letters, the article apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from indexer.analysis.letters import fold
from indexer.analysis.lexicon import WEIGHT_STEPS, Kind, Table, lexicon, spelling_of, unmarked

_ANY: Final = Kind.NOUN | Kind.PAST | Kind.PRESENT | Kind.NAME
_NOMINAL: Final = Kind.NOUN | Kind.NAME


_PREPOSITIONS: Final = ("ب", "ل", "ك")


class _Proclitic(NamedTuple):
    letters: str
    cost: float  # bits
    kinds: int  # that it may be written onto
    article: bool = False
    preposition: bool = False


def _proclitics() -> tuple[_Proclitic, ...]:
    onto = [
        _Proclitic("", 0.0, _ANY),
        _Proclitic("ال", 1.0, _NOMINAL, article=True),
        _Proclitic("ب", 4.0, _NOMINAL),
        _Proclitic("ل", 5.5, _NOMINAL | Kind.PRESENT),
        _Proclitic("ك", 9.0, _NOMINAL),
        _Proclitic("س", 3.0, Kind.PRESENT),
        _Proclitic("بال", 4.5, _NOMINAL, article=True),
        _Proclitic("كال", 9.0, _NOMINAL, article=True),
        _Proclitic("لل", 4.5, _NOMINAL, article=True),
    ]
    conjunctions = (("", 0.0), ("و", 3.5), ("ف", 7.5))
    return tuple(
        _Proclitic(letters + each.letters, cost + each.cost, each.kinds, each.article, each.letters in _PREPOSITIONS)
        for letters, cost in conjunctions
        for each in onto
    )


_PROCLITICS: Final = _proclitics()
_PRONOUNS: Final = {
    "": 0.0, "ه": 5.0, "ها": 5.0, "هم": 6.0, "هما": 9.0, "هن": 10.0, "نا": 7.0, "ي": 9.0, "ك": 10.0, "كم": 9.0, "كما": 12.0,
    "ني": 10.0,
}  # fmt: skip
_VERBAL_PRONOUNS: Final = frozenset(("ني",))

_UNKNOWN: Final = 36.0
"""Bits that a word costs which the lexicon does not have."""

_ALSO: Final = 3.0
"""A further lemma is given where its cheapest way costs at most so many bits more."""

_BOUND: Final = 3.5
"""Bits less for a pronoun onto a form that always has one."""

_SHORTEST_NAME: Final = 3
_ARTICLE: Final = re.compile("[وف]?(?:[بك]?ال|لل)(?=.{2})")
_RELATIVE: Final = re.compile("([ء-ي]{3,}ي)(?:ه|ين|ون|ات|ان)")


class Analysis(NamedTuple):
    """One way to read a word: the lemma's number, what it costs in bits, the form's number, the place of its entry."""

    cost: float
    lemma: int
    form: int
    entry: int


def analyses(table: Table, word: str, form: str) -> Iterator[Analysis]:
    """Every way to read a word.

    Args:
        table: the lexicon.
        word: the word as printed, without marks (`unmarked`).
        form: its folded form, letter by letter the same length.
    """
    spelling = spelling_of(word)
    end = len(form)
    for proclitic in _starting(word):
        start = len(proclitic.letters)
        for rest, begin in _bases(form, start, article=proclitic.letters.endswith("لل")):
            for key, number in table.prefixes(rest):
                if (pronoun := rest[len(key) :]) not in _PRONOUNS:
                    continue
                if pronoun.startswith("ه") and word[end - 1] == "ة":
                    continue
                base = proclitic.cost + _PRONOUNS[pronoun]
                for place, entry in enumerate(table.entries(number)):
                    if not _fits(entry.kind, proclitic, pronoun):
                        continue
                    cost = base + entry.weight / WEIGHT_STEPS
                    if entry.kind & Kind.BOUND:
                        cost -= _BOUND
                    printed = spelling[begin : begin + len(key)] if begin >= 0 else "." + spelling[start:][: len(key) - 1]
                    expected = table.spelling(entry.spelling)
                    if printed.rstrip(".") != expected:
                        cost += _misspelling(printed, expected)
                    yield Analysis(cost, entry.lemma, number, place)


def _starting(word: str) -> Iterator[_Proclitic]:
    for proclitic in _PROCLITICS:
        if word.startswith(proclitic.letters) and len(word) > len(proclitic.letters):
            yield proclitic


def _bases(form: str, start: int, *, article: bool) -> tuple[tuple[str, int], ...]:
    """What is behind proclitics; behind لل also with the ل that is written once for two: للاعب is ل + اللاعب."""
    rest = form[start:]
    return ((rest, start), ("ل" + rest, -1)) if article else ((rest, start),)


def _fits(kind: int, proclitic: _Proclitic, pronoun: str) -> bool:
    if not kind & proclitic.kinds:
        return False
    if proclitic.article and (pronoun or kind & Kind.NO_ARTICLE):
        return False
    if proclitic.preposition and kind & Kind.ACCUSATIVE:
        return False
    if not pronoun:
        return not kind & Kind.BOUND
    if kind & (Kind.NO_PRONOUN | Kind.NAME) or (pronoun in _VERBAL_PRONOUNS and kind & Kind.NOUN):
        return False
    return True


@lru_cache(maxsize=50_000)
def _misspelling(printed: str, expected: str) -> float:
    """What it costs to read a print as another spelling; both as `spelling_of`."""
    cost = 0.0
    pairs = zip(printed.ljust(len(expected), "."), expected.ljust(len(printed), "."), strict=True)
    for place, (one, other) in enumerate(pairs):
        if one != other:
            cost += _LETTERS.get((one, other), 6.0) * (2.0 if place and "." in (one, other) else 1.0)
    return cost


_LETTERS: Final = (
    dict.fromkeys(((".", "أ"), (".", "إ"), (".", "ٱ"), ("ٱ", ".")), 1.5)
    | {(".", "آ"): 2.5, (".", "ة"): 1.5, (".", "ى"): 2.5, ("ى", "."): 3.0, ("ة", "."): 8.0}
    | {("أ", "."): 4.0, ("إ", "."): 3.0, ("أ", "إ"): 5.0, ("إ", "أ"): 5.0, ("آ", "أ"): 4.0, ("أ", "آ"): 4.0}
    | {(one, other): 0.5 for one in "ءؤئ" for other in "ءؤئ" if one != other}
)


def lemmas(printed: str, form: str) -> tuple[str, ...]:
    """The lemmas of a printed word, likeliest first: mostly one, two where both readings are printed.

    Args:
        printed: the word as it was printed; what it is may depend on that (جامعة, جامعه).
        form: its folded form.
    """
    word = unmarked(printed)
    return _lemmas(word, form) if len(word) == len(form) else (form,)


@lru_cache(maxsize=100_000)
def _lemmas(word: str, form: str) -> tuple[str, ...]:
    table = lexicon()
    best: dict[int, float] = {}
    for cost, lemma, _, _ in analyses(table, word, form):
        if cost < best.get(lemma, _UNKNOWN):
            best[lemma] = cost
    if not best:
        return _unknown(form)
    least = min(best.values())
    kept = sorted((cost, lemma) for lemma, cost in best.items() if cost <= least + _ALSO)
    return tuple(table.lemma(lemma) for _, lemma in kept[:2])


def _unknown(form: str) -> tuple[str, ...]:
    """The lemmas of a word that the lexicon does not have: all of it, and what is behind each of its proclitics.

    Both, as the letters do not tell: لميركل is to Merkel, ليفربول is Liverpool.
    """
    rest = form
    if (article := _ARTICLE.match(form)) is not None:
        return (_adjective(form[article.end() :]),)
    found = [_adjective(form)]
    for clitics in ("وف", "بلك"):
        if len(rest) > _SHORTEST_NAME and rest[0] in clitics:
            rest = rest[1:]
            found.append(_adjective(rest))
    return tuple(found)


def _adjective(form: str) -> str:
    """The masculine singular of a relative adjective, which is what nearly all unknown words in يه, يين and يون are."""
    found = _RELATIVE.fullmatch(form)
    return found[1] if found else form


def letters_of_lemma(lemma: str) -> frozenset[str]:
    """The letters that every form with this lemma holds: of رجل all three, though رجال has one more."""
    own = frozenset(fold(lemma))
    common = lexicon().common_letters(lemma)
    return own if common is None else own.intersection(common)


def is_known(printed: str) -> bool:
    """Whether the lexicon has a reading of a printed word that is not a name's."""
    return any(not kind & Kind.NAME for kind in _kinds(unmarked(printed), fold(printed)))


def is_name(form: str) -> bool:
    """Whether a folded form, without clitics, is a name in some spelling."""
    table = lexicon()
    return any(
        entry.kind & Kind.NAME
        for key, number in table.prefixes(form)
        if key == form
        for entry in table.entries(number)
    )


def is_spelled_so(word: str, form: str) -> bool:
    """Whether the lexicon has a reading of a word, without marks, that is spelled as it was printed."""
    table = lexicon()
    spelling = spelling_of(word).rstrip(".")
    return any(
        table.spelling(entry.spelling) == spelling and not entry.kind & Kind.BOUND
        for key, number in table.prefixes(form)
        if key == form
        for entry in table.entries(number)
    )


def _kinds(word: str, form: str) -> Iterator[int]:
    table = lexicon()
    if len(word) == len(form):
        for cost, _, number, place in analyses(table, word, form):
            if cost < _UNKNOWN:
                yield table.entries(number)[place].kind
