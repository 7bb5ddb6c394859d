"""Variants of names in Latin letters: Soleimani is سليماني, if the archive prints that.

A name gets its likely spellings (`indexer.analysis.transliteration`), and the archive decides which of them are words.
The best is the likeliest one, except that a spelling in ten times more articles may be a little less likely. Those
that are nearly as good are searched too, and the variants of the best one (`indexer.spellings.name_variants`).

Some names are two words in one of the scripts: al-Assad is الأسد, Abdel Fattah عبد الفتاح. If one of two words is too
short to be certain (Xi Jinping), only spellings that the archive prints side by side count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import log
from typing import Final

from indexer.analysis import PROCLITICS, analyze_words, fold, is_known, is_name, may_be_name, stem
from indexer.analysis.transliteration import latin_letters, transliterations
from indexer.spellings.name_variants import exonyms, is_another_word, is_whole_word, name_variants
from indexer.spellings.vocabulary import Vocabulary

_SHORTEST: Final = 3
_CERTAIN_SCORE: Final = -0.3
"""Score per letter from which on a spelling is certain enough to be required."""
_DOUBTLESS: Final = 0.2
"""Cost per letter up to which a word of `_LONG` letters or more is a listed name, even without a capital letter."""
_LONG: Final = 5
_CERTAIN_ARTICLES: Final = 3
"""Articles that print such a spelling."""
_MAX_COST: Final = 1.3
"""Cost allowed per letter: 97 of 100 names cost less."""
_MIN_SCORE: Final = -1.0
"""Score per letter that a spelling must reach; below it is some other word that resembles the letters."""
_MIN_SCORE_OF_WORD: Final = -4.0
"""Score that a dictionary word must reach, regardless of its length."""
_FREQUENCY_WEIGHT: Final = 0.5
_LIKELY: Final = 0.5
"""Cost per letter up to which a spelling is likely."""
_ORDINARY: Final = 2.5
"""Lowers the score of a dictionary word: many names are words, but more words are not names."""
_LISTED: Final = 0.5
"""Raises the score of a listed name (`protected.txt`)."""
_ARTICLE_TYPED: Final = 1.4
_AS_GOOD: Final = 0.8
_MOST: Final = 4
_TIMES_MORE: Final = 20
"""A dictionary word that is as good as a name is searched too if it is in so many times more articles."""
_MAX_CAPITALS: Final = 4
"""Letters; a longer word in capitals is not an abbreviation."""
_ENDS_IN_YA: Final = re.compile("يه?$")
_MAY_END_IN_YA: Final = "aehiy"
_VOWEL: Final = re.compile("[aeiouy]")
_NAMES_OF_LETTERS: Final[Mapping[str, tuple[str, ...]]] = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            tuple(fold(name) for name in names.split())
            for names in (
                "إيه أي", "بي", "سي", "دي", "إي", "إف", "جي", "إتش اتش", "آي", "جي جيه", "كي كيه", "إل", "إم", "إن",
                "أو", "بي", "كيو", "آر", "إس", "تي", "يو", "في", "دبليو", "إكس", "واي", "زد",
            )
        ),
        strict=True,
    )
)  # fmt: skip
_MAX_PAIRED: Final = 12
_MAX_CHECKED: Final = 30
_TIMES_WITHOUT: Final = 3
"""If a word is so many times more frequent without its first letter, that is a clitic."""

_ARTICLE: Final = "ال"
_ALEF: Final = "ا"  # may be printed with a hamza: آبل and إبل have one form
_GOD: Final = "الله"
_RUN_TOGETHER: Final = 0.35
_LONGEST_PAIR: Final = 12
_ARTICLES: Final = frozenset(("al", "el", "ul", "as", "ash", "ad", "an", "ar", "at", "az", "es", "ech", "ed", "en"))
_ABD: Final = re.compile("(?:abd(?:el|al|ul|oul|il)?|abd(?:er|ur|ar|ou|el)r?)")
_ABD_OF: Final = re.compile(r"abd(?:ou|[aeiu])(?:l|([rsdntz])(?=\1)|)(.{3,})")
"""Abdulaziz, Abdessalam, Abdurahman."""
_PARTICLES: Final = frozenset(["de", "van", "von", "da", "di", "del", "der", "le", "la", "st", "mc", "ki"])
_ALLAH: Final = re.compile("(.{3,}?)[aeou]?ll?ah")
_NO_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        "the and for with from that this not are was were has have had but you all can will one two who what when where"
        " why how his her its our their they she him them into over under after before about between than then there"
        " here of in on at to by is it as an or if be do so no we he me my up les des et du un une"
        " king queen prince princess sheikh sheik sultan president minister state city news war people world apple",
    )
)
"""English and French words that are typed beside names."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A spelling that the archive prints, its document frequency, and its score for what was typed."""

    form: str
    articles: int
    score: float
    is_ordinary: bool


def latin_name_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The Arabic spellings of a name in Latin letters that the archive prints, the best first; none for other words."""
    names = [latin_letters(fold(word)) for word in words]
    first, *rest = names
    if first is None or None in rest:
        return []
    if listed := exonyms(words, vocabulary):
        return listed
    if len(words) == 1:
        if first in _NO_NAMES or analyze_words(words[0])[0].stem is None or len(first) < _SHORTEST:
            return []
        if len(first) <= _MAX_CAPITALS and words[0].isupper():
            return _of_abbreviation(first, vocabulary)
        if served := _ABD_OF.fullmatch(first):
            return (
                _ending_in_allah(first, vocabulary)
                or _beginning_with_abd(served.group(2), vocabulary)
                or _of_one(first, vocabulary)
            )
        return _ending_in_allah(first, vocabulary) or _of_one(first, vocabulary)
    *articles, second = (one or "" for one in rest)
    if articles and not (_ABD.fullmatch(first) and len(articles) == 1 and articles[0] in _ARTICLES):
        return []
    if first in _ARTICLES and len(second) >= _SHORTEST:
        return _of_one(second, vocabulary, defined=True)
    if _ABD.fullmatch(first) and len(second) >= _SHORTEST:
        return _beginning_with_abd(second, vocabulary)
    if first in _PARTICLES and len(second) >= _SHORTEST:
        return _side_by_side(first, second, vocabulary) or _of_one(second, vocabulary)
    if {first, second} & (_NO_NAMES | _ARTICLES | _PARTICLES) - {"ki"}:
        return []
    if min(len(first), len(second)) < _SHORTEST:
        return _side_by_side(first, second, vocabulary)
    return _run_together(first, second, vocabulary)


def is_certain(words: tuple[str, ...], spellings: tuple[tuple[str, ...], ...], vocabulary: Vocabulary) -> bool:
    """Whether the best spelling of a name is so likely, and so frequent, that it may be required of an article.

    `spellings` are those of `latin_name_variants`.
    """
    best = tuple(map(fold, spellings[0]))
    articles = vocabulary.adjacent([best])[best] if len(best) > 1 else vocabulary.frequency("text_form", best[0])
    if articles < _CERTAIN_ARTICLES:
        return False
    *before, last = (latin_letters(fold(word)) or "" for word in words)
    if _ABD_OF.fullmatch(last) or (before and not (len(before) == 1 and before[0] in _ARTICLES | _PARTICLES)):
        return True  # the archive prints both words side by side, or as one
    found = _spellings(last, vocabulary, defined=bool(before))
    return bool(found) and not found[0].is_ordinary and found[0].score >= _CERTAIN_SCORE * len(last)


def is_beyond_doubt(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word, regardless of its capital letters, is a listed name, spelled as it sounds."""
    latin = latin_letters(fold(word)) or ""
    if len(latin) < _LONG or not (found := _spellings(latin, vocabulary)):
        return False
    best = found[0]
    cost = _FREQUENCY_WEIGHT * log(best.articles) + _LISTED - best.score
    return is_name(stem(best.form)) and best.articles >= _CERTAIN_ARTICLES and cost <= _DOUBTLESS * len(latin)


def _of_one(latin: str, vocabulary: Vocabulary, *, defined: bool = False) -> list[tuple[str, ...]]:
    """The spellings of one word; with `defined` it was typed with its article."""
    found = _spellings(latin, vocabulary, defined=defined)
    if not found:
        return []
    best = found[0]
    good = [
        one.form
        for one in found
        if one.score >= best.score - _AS_GOOD
        and (best.is_ordinary or not one.is_ordinary or one.articles >= _TIMES_MORE * best.articles)
    ][:_MOST]
    others = (form for forms in name_variants((best.form,), vocabulary) for form in forms)
    return [(form,) for form in dict.fromkeys((*good, *others))]


def _spellings(
    latin: str, vocabulary: Vocabulary, *, defined: bool = False, stop_words: bool = False
) -> list[_Spelling]:
    """The spellings that the archive prints, the best first; with the article if that is more frequent."""
    if not _VOWEL.search(latin):
        return []
    most = _MAX_COST * len(latin)
    spellings = transliterations(latin, vocabulary.existing_prefixes)
    costs = {spelling: cost for spelling, cost in spellings.items() if cost <= most and len(spelling) > 1}
    counts = vocabulary.frequencies("text_form", [latin, *costs])
    found = []
    for spelling, cost in costs.items():
        bare = spelling.removeprefix(_ARTICLE) if len(spelling) > len(_ARTICLE) + 1 else spelling
        articles = counts.get(spelling, 0)
        if cost > _LIKELY * len(latin) and articles <= counts.get(latin, 0):
            continue  # a word that the archive prints in Latin letters: الستين (sixty) is no election
        if latin[-1] not in _MAY_END_IN_YA and _ENDS_IN_YA.search(bare):
            continue  # الأردني has a vowel that Erdogn lacks
        if not articles or (analyze_words(spelling)[0].stem is None and not stop_words):
            continue
        if bare != spelling and not defined and counts.get(bare, 0) >= articles:
            continue  # the spelling without the article matches it
        score = _FREQUENCY_WEIGHT * log(articles) - cost
        listed = stem(spelling)
        is_of_name = is_name(listed) and bare.startswith(listed[:2])
        is_ordinary = is_known(spelling) and not is_of_name and not may_be_name(bare)
        if cost <= _LIKELY * len(latin) and spelling[0] in PROCLITICS and not is_whole_word(spelling):
            is_ordinary = False  # فيتيل may be ف and a word: see below
        if is_ordinary and bare.startswith(_ALEF) and is_another_word(bare):
            continue
        score += _LISTED * is_of_name - _ORDINARY * is_ordinary
        if score < (_MIN_SCORE_OF_WORD if is_ordinary else _MIN_SCORE * len(latin)):
            continue
        found.append(
            _Spelling(spelling, articles, score + _ARTICLE_TYPED * (defined and bare != spelling), is_ordinary)
        )
    found.sort(key=lambda one: (-one.score, one.form))
    after = {one.form: one.form[1:] for one in found[:_MAX_CHECKED] if one.form[0] in PROCLITICS}
    others = vocabulary.frequencies("text_form", list(after.values())) if after else {}
    # بأسرة (with a family) is not Basra.
    return [one for one in found if others.get(after.get(one.form, ""), 0) <= _TIMES_WITHOUT * one.articles]


def _of_abbreviation(letters: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The spellings of capital letters: CNN is سي إن إن; NATO, which is pronounced as a word, is ناتو.

    In a word each letter is written.
    """
    runs = list(product(*(_NAMES_OF_LETTERS[letter] for letter in letters)))
    named = [run for run, articles in vocabulary.adjacent(runs).items() if articles]
    return named or [spelling for spelling in _of_one(letters, vocabulary) if len(spelling[0]) >= len(letters)]


def _beginning_with_abd(latin: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The spellings of Abdel and a word: عبد الفتاح and عبدالفتاح."""
    forms = [form for forms in _of_one(latin, vocabulary, defined=True) for form in forms]
    defined = [form if form.startswith(_ARTICLE) else _ARTICLE + form for form in forms]
    pairs = vocabulary.adjacent([("عبد", form) for form in defined])
    joined = vocabulary.frequencies("text_form", [f"عبد{form}" for form in defined])
    found: list[tuple[str, ...]] = [(f"عبد{form}",) for form in defined if joined.get(f"عبد{form}", 0)]
    return [*found, *(pair for pair, articles in pairs.items() if articles)]


def _ending_in_allah(latin: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The spellings of a name that ends in Allah: نصر الله, نصرالله."""
    if (found := _ALLAH.fullmatch(latin)) is None:
        return []
    before = [one.form for one in _spellings(found.group(1), vocabulary)[:_MAX_PAIRED]]
    pairs = vocabulary.adjacent([(form, _GOD) for form in before]) if before else {}
    joined = vocabulary.frequencies("text_form", [form + _GOD for form in before]) if before else {}
    counts = {pair: articles + joined.get("".join(pair), 0) for pair, articles in pairs.items()}
    best = max(counts, key=lambda pair: counts[pair], default=None)
    if best is None or not counts[best]:
        return []
    one = "".join(best)
    spellings: list[tuple[str, ...]] = [(one,)] if joined.get(one, 0) else []
    return [*spellings, best] if pairs[best] else spellings


def _run_together(first: str, second: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The spelling of two words that are one in Arabic: New York is نيويورك."""
    if len(first) + len(second) > _LONGEST_PAIR:
        return []
    found = _spellings(first + second, vocabulary)[:1]
    limit = _RUN_TOGETHER * (len(first) + len(second))
    return [(one.form,) for one in found if _FREQUENCY_WEIGHT * log(one.articles) - one.score <= limit]


def _side_by_side(first: str, second: str, vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The spellings of two words, one of them short, that are side by side in the most articles."""
    before, after = (_spellings(one, vocabulary, stop_words=True)[:_MAX_PAIRED] for one in (first, second))
    scores: dict[tuple[str, ...], float] = {(a.form, b.form): a.score + b.score for a in before for b in after}
    together = vocabulary.adjacent(list(scores)) if scores else {}
    scores = {pair: scores[pair] + _FREQUENCY_WEIGHT * log(articles) for pair, articles in together.items() if articles}
    ordered = sorted(scores, key=lambda pair: (-scores[pair], pair))
    return [pair for pair in ordered if scores[pair] >= scores[ordered[0]] - _AS_GOOD][:_MOST]
