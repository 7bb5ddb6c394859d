"""Lemmas: which dictionary word a printed word is, its clitics, number, gender, person and tense left off.

A printed word is cut into proclitics, a form of the lexicon and a pronoun in every way that the grammar allows. Each
way has a cost in bits: how rare the reading of the form is, how rare the clitics are, and how far the print is from
the reading's spelling (احمد for أحمد). The cheapest way is taken, and another lemma too where it costs little more,
since both readings are printed. What no cheap way explains is a name or a loan word: it keeps its letters, the
article apart.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from indexer.analysis.letters import fold
from indexer.analysis.lexicon import VERB, WEIGHT_STEPS, FormKind, Table, lexicon, spelling_of, unmarked

_ANY: Final = int(FormKind.NOUN | FormKind.PAST | FormKind.PRESENT | FormKind.NAME)
_NOMINAL: Final = int(FormKind.NOUN | FormKind.NAME)
_PRESENT: Final = int(FormKind.PRESENT)
_NAME_KIND: Final = int(FormKind.NAME)  # plain integers: an operation on flags takes ten times as long
_NOUN_KIND: Final = int(FormKind.NOUN)
_NO_ARTICLE: Final = int(FormKind.NO_ARTICLE)


class _Proclitic(NamedTuple):
    """Letters before a form: what they cost in bits, the kinds of which a form must be one, and may be none.

    What `has_article` stands before a definite noun, which takes no pronoun; into what `is_merged` a ل of the form is
    written: للاعب is ل + اللاعب.
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
            letters=letters + one.letters,
            cost=cost + one.cost,
            has_article=one.never_onto == article,
            is_merged=one.letters == "لل",
        )
        for letters, cost in conjunctions
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
"""A pronoun → what it costs in bits, and the kinds of which a form before it is none."""

_UNKNOWN: Final = 32.0
"""Bits that a word costs which the lexicon does not have."""

_ALSO: Final = 2.6
"""A further lemma is given where its cheapest way costs at most so many bits more."""
_ALSO_OTHER_PART: Final = 3.5
"""Likewise of a noun beside a verb, or a verb beside a noun."""
_ALSO_SAME_LETTERS: Final = 8.0
"""Likewise where these have the same letters, and mostly mean much the same: رد, وقف."""
_MOST_LEMMAS: Final = 3
_NAME: Final = 2.0
"""A word that may be a name at so many bits more than its cheapest way is that name, or a word with its letters."""

_BOUND: Final = 3.5
"""Bits less for a pronoun onto a form that always has one."""

_SHORTEST_NAME: Final = 3
_ARTICLE: Final = re.compile("[وف]?(?:[بك]?ال|لل)(?=.{2})")
_RELATIVE: Final = re.compile("([ء-ي]{3,}ي)(?:ه|ين|ون|ات|ان)")


Analysis = tuple[float, int, int, int, int]
"""One way to read a word: what it costs in bits, its lemma's number, its `FormKind`, the form's number, and the reading of
the form."""


def analyses(table: Table, word: str, form: str) -> list[Analysis]:
    """Every way to read a word.

    Args:
        table: the lexicon.
        word: the word as printed, without marks (`unmarked`).
        form: its folded form, letter by letter the same length.
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
    """The proclitics that a word may begin with, none of them the whole word."""
    if word[:1] not in _FIRST_OF_PROCLITICS:
        return _NO_PROCLITIC
    letters = _CLITIC_LETTERS.match(word).group()  # type: ignore[union-attr]  # it matches always
    return _proclitics_within(letters if len(letters) < len(word) else letters[:-1])


@cache
def _proclitics_within(letters: str) -> tuple[_Proclitic, ...]:
    return tuple(each for each in _PROCLITICS if letters.startswith(each.letters))


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
    | {(".", "آ"): 2.5, (".", "ة"): 3.9, (".", "ى"): 2.5, ("ى", "."): 3.0, ("ة", "."): 8.0}
    | {("أ", "."): 4.0, ("إ", "."): 3.0, ("أ", "إ"): 5.0, ("إ", "أ"): 5.0, ("آ", "أ"): 8.0, ("أ", "آ"): 8.0}
    | {(one, other): 0.5 for one in "ءؤئ" for other in "ءؤئ" if one != other}
)


def lemmas(printed: str, form: str) -> tuple[str, ...]:
    """The lemmas of a printed word, likeliest first: mostly one, two where both readings are printed.

    Args:
        printed: the word as it was printed; what it is may depend on that (جامعة, جامعه).
        form: its folded form.
    """
    word = unmarked(printed)
    # Where folding changes more than letters (مائة, شاطيء) the print tells nothing further.
    return _lemmas(word if len(word) == len(form) else form, form)


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
    return (first, *kept[: _MOST_LEMMAS - 1])


def _may_begin_with_form(table: Table, form: str) -> bool:
    """Whether a form of the lexicon stands at the beginning; else its first letter is a conjunction."""
    return any(
        len(key) == len(form) or form[len(key) :] in _PRONOUNS for key, _ in table.prefixes(form) if len(key) > 1
    )


def _beside_name(cost: float, lemma: str, kind: int, base: int, name: Analysis, named: str) -> bool:
    """Whether a reading stands beside that of a name, which is no form of another word: عدن is not of عاد.

    One does that is a name too, that has the name's letters, or that is likelier and a noun without other clitics.
    """
    if kind & _NAME_KIND or lemma.removesuffix(VERB) == named:
        return True
    return cost <= name[0] and base == name[3] and kind & _NOUN_KIND != 0


def _also(lemma: str, other: str) -> float:
    """How many bits more another lemma than the likeliest may cost."""
    if lemma.endswith(VERB) == other.endswith(VERB):
        return _ALSO
    return _ALSO_SAME_LETTERS if lemma.removesuffix(VERB) == other.removesuffix(VERB) else _ALSO_OTHER_PART


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


def shown_lemma(lemma: str) -> str:
    """A lemma as people read it: that of a verb says so.

    >>> shown_lemma("قال/v")
    'قال (verb)'
    """
    return f"{lemma.removesuffix(VERB)} (verb)" if lemma.endswith(VERB) else lemma


def letters_of_lemma(lemma: str) -> frozenset[str]:
    """The letters that every form with this lemma holds: of رجل all three, though رجال has one more."""
    own = frozenset(fold(lemma))
    common = lexicon().common_letters(lemma)
    return own if common is None else own.intersection(common)


def is_known(printed: str) -> bool:
    """Whether a printed word is an ordinary one: its cheapest reading is not a name's."""
    word, form = unmarked(printed), fold(printed)
    if len(word) != len(form):
        return False
    table = lexicon()
    cost, _, kind, _, _ = min(analyses(table, word, form), default=(_UNKNOWN, 0, 0, 0, 0))
    return cost < _UNKNOWN and not kind & FormKind.NAME


def may_be_name(form: str, *, unlike: str | None = None) -> bool:
    """Whether a folded form, without clitics, is a name in some spelling; in another than `unlike`, if it is given."""
    table = lexicon()
    other = None if unlike is None else spelling_of(unmarked(unlike)).rstrip(".")
    return any(
        kind & FormKind.NAME and table.spelling(spelled) != other for _, kind, _, spelled in table.readings_of(form)
    )


def is_spelled_so(word: str, form: str) -> bool:
    """Whether the lexicon has a reading of a word, without marks, that is spelled as it was printed."""
    table = lexicon()
    spelling = spelling_of(word).rstrip(".")
    return any(
        table.spelling(spelled) == spelling and not kind & _ALONE for _, kind, _, spelled in table.readings_of(form)
    )
