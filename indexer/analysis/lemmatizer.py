"""Lemmas: the dictionary word of a printed word, without clitics, number, gender, person and tense.

A printed word is split into proclitics, a form of the lexicon and a pronoun in every way that grammar allows. Each
analysis has a cost in bits: the rarity of the form's reading and of the clitics, and the difference between the printed
spelling and that of the reading (احمد for أحمد). The cheapest analysis is taken, and other lemmas that cost little
more, since both readings are printed. A word without a cheap analysis is a name or a loan word: it keeps its letters,
without the article.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from corpus import letters
from indexer.analysis import latin
from indexer.analysis.lexicon import VERB, WEIGHT_STEPS, FormKind, Table, lexicon, spelling_of, unmarked

_ANY: Final = int(FormKind.NOUN | FormKind.PAST | FormKind.PRESENT | FormKind.NAME)
_NOMINAL: Final = int(FormKind.NOUN | FormKind.NAME)
_PRESENT: Final = int(FormKind.PRESENT)
_NAME_KIND: Final = int(FormKind.NAME)  # plain integers: operations on flags take ten times as long
_NOUN_KIND: Final = int(FormKind.NOUN)
_NO_ARTICLE: Final = int(FormKind.NO_ARTICLE)


class _Proclitic(NamedTuple):
    """Letters before a form: their cost in bits, the kinds of form that they need one of, and those that they exclude.

    With `has_article` the form is definite, and takes no pronoun; with `is_merged` a ل of the form is written into
    them: للاعب is ل + اللاعب.
    """

    letters: str
    cost: float
    onto: int
    never_onto: int = 0
    has_article: bool = False
    is_merged: bool = False


def _proclitics() -> tuple[_Proclitic, ...]:
    article, preposition = _NO_ARTICLE, int(FormKind.ACCUSATIVE)
    each = [
        _Proclitic("", 0.0, _ANY),
        _Proclitic("ال", 1.0, _NOMINAL, article),
        _Proclitic("ب", 4.0, _NOMINAL, preposition),
        _Proclitic("ل", 5.5, _NOMINAL | _PRESENT, preposition),
        _Proclitic("ك", 9.0, _NOMINAL, preposition),
        _Proclitic("س", 3.0, _PRESENT),
        _Proclitic("بال", 4.5, _NOMINAL, article),
        _Proclitic("كال", 9.0, _NOMINAL, article),
        _Proclitic("لل", 4.5, _NOMINAL, article),
    ]
    conjunctions = (("", 0.0), ("و", 3.5), ("ف", 7.5))
    return tuple(
        one._replace(
            letters=conjunction + one.letters,
            cost=cost + one.cost,
            has_article=one.never_onto == article,
            is_merged=one.letters == "لل",
        )
        for conjunction, cost in conjunctions
        for one in each
    )


_PROCLITICS: Final = _proclitics()
_CLITIC_LETTERS: Final = re.compile("[وف]?[بلكسا]{0,3}")
_FIRST_OF_PROCLITICS: Final = frozenset(each.letters[0] for each in _PROCLITICS if each.letters)
_CONJUNCTIONS: Final = frozenset("وف")
_NO_PROCLITIC: Final = _PROCLITICS[:1]

_ALONE: Final = int(FormKind.BOUND)
_WITH_PRONOUN: Final = int(FormKind.NO_PRONOUN | FormKind.NAME)
_PRONOUNS: Final = {
    "ني": (10.0, _WITH_PRONOUN | int(FormKind.NOUN)),
} | {
    pronoun: (cost, _WITH_PRONOUN)
    for pronoun, cost in {
        "ه": 5.0, "ها": 5.0, "هم": 6.0, "نا": 7.0, "هما": 9.0, "ي": 9.0, "كم": 9.0, "هن": 10.0, "ك": 10.0, "كما": 12.0,
    }.items()
}  # fmt: skip
"""A pronoun → its cost in bits, and the kinds of form that it excludes."""

_MISSPELLED_LETTER: Final = (
    dict.fromkeys(((".", "أ"), (".", "إ"), (".", "ٱ"), ("ٱ", ".")), 1.5)
    | {(".", "آ"): 2.5, (".", "ة"): 3.9, (".", "ى"): 2.5, ("ى", "."): 3.0, ("ة", "."): 8.0}
    | {("أ", "."): 4.0, ("إ", "."): 3.0, ("أ", "إ"): 5.0, ("إ", "أ"): 5.0, ("آ", "أ"): 8.0, ("أ", "آ"): 8.0}
    | {(one, other): 0.5 for one in "ءؤئ" for other in "ءؤئ" if one != other}
)
"""(printed, expected) letter, as `spelling_of` → bits that it costs; other pairs cost more."""

_UNKNOWN: Final = 32.0
"""Cost of a word that the lexicon does not have."""

_ALSO: Final = 2.6
"""Another lemma is added if its cheapest analysis costs at most so many bits more."""
_ALSO_OTHER_PART: Final = 3.5
"""The same for a noun beside a verb, or a verb beside a noun."""
_ALSO_SAME_LETTERS: Final = 8.0
"""The same if these two have the same letters, and mostly the same meaning: رد, وقف."""
_MAX_LEMMAS: Final = 3
_NAME: Final = 2.0
"""A word that may be a name for at most so many bits more than its cheapest analysis is that name."""

_BOUND: Final = 3.5
"""Bits less for a pronoun after a form that always has one."""

_SHORTEST_NAME: Final = 3
_ARTICLE: Final = re.compile("[وف]?(?:[بك]?ال|لل)(?=.{2})")
_RELATIVE: Final = re.compile("([ء-ي]{3,}ي)(?:ه|ين|ون|ات|ان)")


def lemmas(printed: str, form: str) -> tuple[str, ...]:
    """The lemmas of a printed word, the likeliest first: mostly one, more for an ambiguous word.

    Args:
        printed: the word as printed, which the lemma may depend on (جامعة, جامعه).
        form: its folded form.
    """
    word = unmarked(printed)
    # If folding changes the length (مائة, شاطيء), the printed spelling is not compared.
    return _lemmas(word if len(word) == len(form) else form, form)


def shown_lemma(lemma: str) -> str:
    """A lemma for display, with a note if it is a verb.

    >>> shown_lemma("قال/v")
    'قال (verb)'
    """
    return f"{lemma.removesuffix(VERB)} (verb)" if lemma.endswith(VERB) else lemma


def letters_of_lemma(lemma: str) -> frozenset[str]:
    """The letters that every form with this lemma has: for رجل all three, though رجال has one more."""
    if latin.is_latin(lemma):
        return latin.common_letters(lemma)
    own = frozenset(letters.fold(lemma))
    common = lexicon().common_letters(lemma)
    return own if common is None else own.intersection(common)


def is_known(printed: str) -> bool:
    """Whether a printed word is a dictionary word, not a name, by its cheapest analysis."""
    word, form = unmarked(printed), letters.fold(printed)
    if len(word) != len(form):
        return False
    table = lexicon()
    cost, _, kind, _, _ = min(analyses(table, word, form), default=(_UNKNOWN, 0, 0, 0, 0))
    return cost < _UNKNOWN and not kind & FormKind.NAME


def may_be_name(form: str, *, unlike: str | None = None) -> bool:
    """Whether a folded form without clitics is a name in some spelling; with `unlike`, in another one than that."""
    table = lexicon()
    other = None if unlike is None else spelling_of(unmarked(unlike)).rstrip(".")
    return any(
        kind & FormKind.NAME and table.spelling(spelled) != other for _, kind, _, spelled in table.readings_of(form)
    )


def has_spelling(word: str, form: str) -> bool:
    """Whether the lexicon has a reading of a word without marks that is spelled as printed."""
    table = lexicon()
    spelling = spelling_of(word).rstrip(".")
    return any(
        table.spelling(spelled) == spelling and not kind & _ALONE for _, kind, _, spelled in table.readings_of(form)
    )


Analysis = tuple[float, int, int, int, int]
"""An analysis of a word: cost in bits, number of its lemma, `FormKind`, number of the form, place of its reading."""


def analyses(table: Table, word: str, form: str) -> list[Analysis]:
    """Every analysis of a word.

    Args:
        table: the lexicon.
        word: the word as printed, without marks (`unmarked`).
        form: its folded form, of the same length.
    """
    found = []
    spelling = spelling_of(word)
    is_feminine = word.endswith("ة")
    for proclitic in _proclitics_of(word):
        start = len(proclitic.letters)
        rests = [(form[start:], spelling[start:])]
        if proclitic.is_merged:
            rests.append(("ل" + form[start:], "." + spelling[start:]))
        for rest, rest_spelling in rests:
            for key, number in table.prefixes(rest):
                length = len(key)
                pronoun = rest[length:]
                if pronoun:
                    if pronoun not in _PRONOUNS or proclitic.has_article or (is_feminine and pronoun[0] == "ه"):
                        continue
                    cost, never_onto = _PRONOUNS[pronoun]
                else:
                    cost, never_onto = 0.0, _ALONE
                cost += proclitic.cost
                printed = rest_spelling[:length].rstrip(".")
                for place, (lemma, kind, weight, spelled) in table.fitting(
                    number, proclitic.onto, never_onto | proclitic.never_onto
                ):
                    bits = cost + weight / WEIGHT_STEPS - (_BOUND if kind & _ALONE else 0.0)
                    expected = table.spelling(spelled)
                    if printed != expected:
                        bits += _misspelling(printed, expected)
                    found.append((bits, lemma, kind, number, place))
    return found


def _proclitics_of(word: str) -> tuple[_Proclitic, ...]:
    """The proclitics that a word may begin with; none is the whole word."""
    if word[:1] not in _FIRST_OF_PROCLITICS:
        return _NO_PROCLITIC
    clitics = _CLITIC_LETTERS.match(word).group()  # type: ignore[union-attr]  # it matches always
    return _proclitics_within(clitics if len(clitics) < len(word) else clitics[:-1])


@cache
def _proclitics_within(clitics: str) -> tuple[_Proclitic, ...]:
    return tuple(each for each in _PROCLITICS if clitics.startswith(each.letters))


@lru_cache(maxsize=50_000)
def _misspelling(printed: str, expected: str) -> float:
    """The cost in bits of reading one spelling as another; both as `spelling_of`."""
    cost = 0.0
    pairs = zip(printed.ljust(len(expected), "."), expected.ljust(len(printed), "."), strict=True)
    for place, (one, other) in enumerate(pairs):
        if one != other:
            cost += _MISSPELLED_LETTER.get((one, other), 6.0) * (2.0 if place and "." in (one, other) else 1.0)
    return cost


@lru_cache(maxsize=100_000)
def _lemmas(word: str, form: str) -> tuple[str, ...]:
    table = lexicon()
    if form[:1] in _CONJUNCTIONS and form[1:2] not in _CONJUNCTIONS and not _may_begin_with_form(table, form):
        return _lemmas(word[1:], form[1:]) if len(form) > _SHORTEST_NAME else _unknown(form)
    found = analyses(table, word, form)
    if not found:
        return _unknown(form)
    if len(found) == 1:
        return (table.lemma(found[0][1]),) if found[0][0] < _UNKNOWN else _unknown(form)
    found.sort()
    if found[0][0] >= _UNKNOWN:
        return _unknown(form)
    dearest = found[0][0] + _NAME
    name = None
    for each in found:
        if each[0] > dearest:
            break
        if each[2] & _NAME_KIND:
            name = each
            break
    best: dict[str, float] = {}
    for cost, number, kind, base, _ in found:
        lemma = table.lemma(number)
        if name is None or _beside_name(cost, lemma, kind, base, name, table.lemma(name[1])):
            best.setdefault(lemma, cost)
    (first, least), *others = best.items()
    kept = [lemma for lemma, cost in others if cost <= least + _also(first, lemma)]
    return (first, *kept[: _MAX_LEMMAS - 1])


def _may_begin_with_form(table: Table, form: str) -> bool:
    """Whether a form begins with one of the lexicon; otherwise its first letter is a conjunction."""
    return any(
        len(key) == len(form) or form[len(key) :] in _PRONOUNS for key, _ in table.prefixes(form) if len(key) > 1
    )


def _beside_name(cost: float, lemma: str, kind: int, base: int, name: Analysis, named: str) -> bool:
    """Whether a reading is kept beside that of a name. Most are not: عدن is a name, and no form of عاد.

    Kept are names, readings with the name's letters, and likelier nouns with the same clitics.
    """
    if kind & _NAME_KIND or lemma.removesuffix(VERB) == named:
        return True
    return cost <= name[0] and base == name[3] and kind & _NOUN_KIND != 0


def _also(lemma: str, other: str) -> float:
    """The bits that another lemma may cost more than the likeliest."""
    if lemma.endswith(VERB) == other.endswith(VERB):
        return _ALSO
    return _ALSO_SAME_LETTERS if lemma.removesuffix(VERB) == other.removesuffix(VERB) else _ALSO_OTHER_PART


def _unknown(form: str) -> tuple[str, ...]:
    """The lemmas of a word that the lexicon does not have: the whole word, and the rest after each proclitic.

    The letters do not show which is right: لميركل is to Merkel, ليفربول is Liverpool.
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
    """The masculine singular of a relative adjective, as nearly all unknown words in يه, يين and يون are."""
    found = _RELATIVE.fullmatch(form)
    return found[1] if found else form
