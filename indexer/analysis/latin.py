"""Lemmas and stems of words in Latin letters: one set of rules for French and English, the others of the Maghreb.

A word's language is not asked for: a query has none, an article may quote the other one, and what depends on the
letters alone is the same in the index, in queries and in highlights. So the rules strip only inflection, that is
number, gender and participles, and only endings that do no harm in the other language. Rules for one language at a
time join hardly more words that belong together (docs/relevance.md); only French infinitives are left alone because of
the English officer and worker.

The rules for a folded form of four letters or more, in this order; an ending is stripped if letters enough remain:

1. listed       children → child, travaux → travail; news, cours, Hamas and the like are forms of nothing else
2. plural       s, but not ss; eux → eu; aux → al; ies → y and also ie, since parties is the plural of both
3. English      ing, ed: planning → plan, voting → vote; ied → y
4. French       trice → teur, euse → eu, and imperfect, future and ée → e
5. final e      off: nationale → national; then elle → el, enne → en, aise → ai, oise → oi, blique → blic, ive → if

No rule strips what makes another word of a word: minister is not ministry, Algérie is neither Alger nor algérien. The
Snowball stemmers join such words. A stem is a lemma that has i for its final y.

>>> lemmas("nationaux"), lemmas("nationale"), lemmas("parties")
(('national',), ('national',), ('party', 'parti'))
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from corpus import letters

_LATIN: Final = re.compile("[a-zœæ]+")
_SHORTEST: Final = 4
_VOWEL: Final = re.compile("[aeiouyœæ]")
_ENDS_IN_Y: Final = re.compile("[a-zœæ]{2,}[^aeiou]y")

_REWRITTEN: Final = 3
"""At most so many last letters of a lemma are written by the rules; those before begin each of its forms."""

_IRREGULAR: Final = {
    "children": "child", "women": "woman", "wives": "wife", "thieves": "thief",
    "travaux": "travail", "nouveau": "nouvel", "nouveaux": "nouvel",
}  # fmt: skip
_UNCHANGED: Final = frozenset({
    "bordeaux", "corps", "cours", "course", "faire", "fois", "fonds", "france", "hamas", "marche", "ministere", "news",
    "paris", "pays", "series", "species", "status", "temps", "united",
})  # fmt: skip
"""Words with an ending that are forms of no other word, in either language: Hamas is not Hama, marché is not March."""

_SHORT: Final = re.compile("[^aeiouy]+[aeiouy][^aeiouywx]")
"""Matches what had a final e before ing or ed: vot, mak, plac."""
_DOUBLED: Final = re.compile(r"([^aeioulsz])\1")
_FINITE: Final = re.compile("(.{5,}?)(?:er(?:a|ont|ent|ait|aient)|ait|aient)")
_WITHOUT_E: Final = (
    (re.compile("(?<=[^hp]e)ll$"), "l"),
    (re.compile("(?<=e)nn$"), "n"),
    (re.compile("(?<=.{3}[ao])is$"), "i"),
    (re.compile("(?<=bli)qu$"), "c"),
)


def lemmas(form: str) -> tuple[str, ...]:
    """The lemmas of a form of Latin letters: one, or two for a plural in ies."""
    if len(form) < _SHORTEST or form in _UNCHANGED:
        return (form,)
    if (irregular := _IRREGULAR.get(form)) is not None:
        return (irregular,)
    return tuple(dict.fromkeys(map(_base, _singulars(form))))


def stem(form: str) -> str:
    """The stem of a form of Latin letters."""
    lemma = lemmas(form)[0]
    return f"{lemma[:-1]}i" if _ENDS_IN_Y.fullmatch(lemma) else lemma


def is_latin(term: str) -> bool:
    """Whether a form, lemma or stem has Latin letters alone."""
    return _LATIN.fullmatch(term) is not None


def common_letters(term: str) -> frozenset[str]:
    """Letters that each form with this lemma or stem of Latin letters has.

    >>> sorted(common_letters("national"))
    ['a', 'i', 'n', 'o', 't']
    """
    return frozenset(term[: max(1, len(term) - _REWRITTEN)])


def _singulars(form: str) -> tuple[str, ...]:
    if form.endswith("ies") and len(form) > 4:
        return f"{form[:-3]}y", form[:-1]
    if form.endswith("aux") and len(form) > 5 and not form.endswith("eaux"):
        return (f"{form[:-2]}l",)
    if form.endswith(("eux", "eaux")) or (form[-1] == "s" and form[-2] != "s"):
        return (form[:-1],)
    return (form,)


def _base(singular: str) -> str:
    """The lemma of a singular."""
    if singular in _UNCHANGED:
        return singular
    word = _without_finite(_without_participle(singular))
    if len(word) > 6 and word.endswith("trice"):
        return f"{word[:-5]}teur"
    if len(word) > 6 and word.endswith("euse"):
        return word[:-2]
    if word.endswith("ee"):
        if len(word) < 7:
            return word  # armée is not arme
        word = word[:-1]
    if len(word) > 4 + word.endswith("ie") and word[-1] == "e":
        word = word[:-1]
        for ending, rest in _WITHOUT_E:
            word = ending.sub(rest, word)
    return f"{word[:-1]}f" if len(word) > 4 and word.endswith("iv") else word


def _without_participle(word: str) -> str:
    """A word without the English ing or ed."""
    if len(word) > 4 and word.endswith("ied") and not _VOWEL.match(word[-4]):
        return f"{word[:-3]}y"
    ending = "ing" if word.endswith("ing") else "ed" if word.endswith("ed") and word[-3] not in "ei" else ""
    verb = word.removesuffix(ending)
    if not ending or len(verb) < 3 or not _VOWEL.search(verb):
        return word
    if len(verb) > 3 and _DOUBLED.fullmatch(verb[-2:]):
        return verb[:-1]
    return f"{verb}e" if _SHORT.fullmatch(verb) else verb


def _without_finite(word: str) -> str:
    """A French verb without the ending of its imperfect or future."""
    found = _FINITE.fullmatch(word)
    return f"{found[1]}e" if found else word


# Stop words


@cache
def stop_words() -> frozenset[str]:
    """The folded forms of the stop words of both languages (`stopwords_latin.txt`)."""
    return frozenset(_stop_spellings())


def is_stop_word(printed: str, form: str) -> bool:
    """Whether a printed word with this form is a stop word: the is one, thé (tea) is not; a and à both are."""
    spellings = _stop_spellings().get(form)
    if spellings is None:
        return False
    return printed.isascii() or unicodedata.normalize("NFC", printed.lower()) in spellings


@cache
def _stop_spellings() -> dict[str, frozenset[str]]:
    """The folded form of each stop word → its spellings."""
    text = Path(__file__).with_name("stopwords_latin.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    return {form: frozenset(word for word in words if letters.fold(word) == form) for form in map(letters.fold, words)}
