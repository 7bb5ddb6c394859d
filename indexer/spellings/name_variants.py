"""Variants of foreign names: غوتيريش is also searched as جوتيريس, if the archive prints that.

`indexer.analysis.transcription` defines how spellings may differ; the archive decides which of them are words, as only
what it prints is searched. A dictionary word is not a foreign name, nor is a variant that is one: غاز is not also جاز.
The exceptions:

- a listed name (`protected.txt`) is a name, regardless of other meanings of its letters;
- a word of five consonants or more is a loan word: دبلوماسي is also ديبلوماسي;
- what is ten times rarer than the name is a misspelling that happens to be a word with clitics: بايدل for بايدن could
  be بـ and أيدل. A dictionary word without clitics, in any spelling, stays that word: اله is آلة, not الله.

Of a word in the lexicon, a very rare spelling is a misspelling, not a variant: سعودد for سعود.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from indexer.analysis import PROCLITICS, analyze_words, fold, is_known, is_listed, is_name, stem, stop_words, word_forms
from indexer.analysis.lexicon import FormKind
from indexer.analysis.lexicon import lexicon as lexicon_table
from indexer.analysis.transcription import looks_arabic, transcriptions
from indexer.spellings.vocabulary import Vocabulary

_ARABIC_WORD: Final = re.compile("[ء-ي]{3,}")
_ARTICLE: Final = "ال"
_WITH_CLITIC: Final = re.compile("[وفبك]ال|[وف]?لل")
_START: Final = re.compile("[وف]?(?:لل|[بلك](?=.{5}))?(?:[امتين]ست|م?ت|س?[تين]|م|ان|ا)?")
_CONSONANTS_OF_A_LOAN: Final = 5
_ENDING: Final = re.compile("(?:ات|ت|ي)?(?:ي|ه|يه|ات|ون|ين|ان|يا|ا|وا|ها|هم|هما|هن|نا|كم|ت)$")
_SURE: Final = 0.5
"""The cost allowed if the word or its variant is in the dictionary."""
_TIMES_RARER: Final = 10
_LONG: Final = 7
_TIMES_WITHOUT: Final = 3
"""If a word is so many times more frequent without its first letter, that is a clitic."""
_CONSONANT: Final = 0.4  # greatest cost of a rule for consonants alone
_SHORT: Final = 5
_MIN_SHARE: Final = 0.01
"""A variant of a dictionary word must be in at least this share of the articles that the word is in."""
_MIN_SHARE_OF_NAME: Final = 0.001
_LETTERS_OF_A_COUNTRY: Final = 2
_ESTABLISHED: Final = 5
_TIMES_APART: Final = 5
"""Two words of up to `_SHORT` letters that differ by a vowel are two names if each is in `_ESTABLISHED` articles and
neither is `_TIMES_APART` times more frequent: كارل and كارول."""


def name_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The variants of a name that the archive prints, exonyms first, then the most frequent."""
    listed = [] if words[0].isascii() else exonyms(words, vocabulary)
    return list(dict.fromkeys((*listed, *_transcribed(words, vocabulary))))


def exonyms(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The other names of a place or thing (`exonyms.txt`), if the archive prints each word of them."""
    forms = tuple(map(_key, words))
    bare = (forms[0].removeprefix(_ARTICLE), *forms[1:])
    others = [other for other in _groups().get(forms, ()) or _groups().get(bare, ()) if other != bare]
    asked = [one for other in others for form in other for one in (form, _ARTICLE + form)]
    counts = vocabulary.frequencies("text_form", asked) if others else {}
    return [other for other in others if all(counts.get(form, 0) or counts.get(_ARTICLE + form, 0) for form in other)]


def exonyms_with_prefix(latin: str, vocabulary: Vocabulary) -> dict[str, int]:
    """The document frequencies of the listed names of one word whose Latin name has a prefix."""
    names = (name for name in _groups() if name[0].isascii() and len(name) == 1 and name[0].startswith(latin))
    forms = {form for name in names for form, *rest in _groups()[name] if not rest}
    counts = vocabulary.frequencies("text_form", sorted(forms)) if forms else {}
    return {form: articles for form, articles in counts.items() if articles}


def min_variant_frequency(form: str, articles: int) -> float:
    """The document frequency from which on another spelling of a form is a variant, not a misspelling."""
    bare = [form, form.removeprefix(_ARTICLE), *([form[1:]] if form[0] in PROCLITICS else [])]
    kinds = [kind for one in bare for kind in _kinds(one)]
    if not stop_words().isdisjoint(bare) or not all(map(_is_of_name, kinds)):
        return _MIN_SHARE * articles
    return _MIN_SHARE_OF_NAME * articles if kinds else 0.0


def is_whole_word(form: str) -> bool:
    """Whether the lexicon has a form without stripping clitics, in some spelling."""
    return bool(_kinds(form))


def is_another_word(*forms: str) -> bool:
    """Whether any of these forms is a dictionary word without stripping clitics, and not a name."""
    return any(
        (kinds := _kinds(form)) and not any(map(_is_of_name, kinds)) and not is_name(stem(form)) for form in forms
    )


def _transcribed(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The variants of a name of one word by transcription, the most frequent first."""
    terms = analyze_words(words[0]) if len(words) == 1 else []
    if not terms or terms[0].stem is None or not _ARABIC_WORD.fullmatch(terms[0].form):
        return []
    form = terms[0].form
    name = form.removeprefix(_ARTICLE) if len(form) > len(_ARTICLE) + 2 else form
    known = _is_ordinary(words[0], form) or (name != form and _is_ordinary(name, name))
    if (known or name != form) and looks_arabic(name):
        return []
    own_stem = stem(name)
    is_derived = own_stem not in (name, name.rstrip("اه")) and not is_listed(name)
    if _WITH_CLITIC.match(form) or (is_name(own_stem) and (is_derived or len(own_stem) < min(_SHORT, len(name)))):
        return []  # اليمنيين (of Yemen) and سوريا are as long as long names, but have as many neighbours as short ones
    candidates = {spelling: cost for spelling, cost in transcriptions(name).items() if not known or cost <= _SURE}
    if not candidates:
        return []
    asked = [form, name, form[1:], *candidates, *(_ARTICLE + spelling for spelling in candidates)]
    counts = vocabulary.frequencies("text_form", asked)
    typed = counts.get(form, 0) + (counts.get(name, 0) if name != form else 0)
    least = min_variant_frequency(form, typed) if not known else _MIN_SHARE * typed
    if _has_clitic(form) and counts.get(form[1:], 0) > _TIMES_WITHOUT * typed:
        return []  # a word with و, not a name
    own = frozenset(word_forms(form))
    found: dict[str, int] = {}
    for spelling, cost in candidates.items():
        bare, defined = counts.get(spelling, 0), counts.get(_ARTICLE + spelling, 0)
        if cost > _CONSONANT and len(name) <= _SHORT and _are_two(typed, bare + defined):
            continue
        if name != form and not defined and (len(name) <= _SHORT or not counts.get(name, 0)):
            continue
        if name == form and not bare and len(name) < _LONG:
            continue  # جازان is not الجزان
        printed = spelling if bare else _ARTICLE + spelling
        if not bare + defined or bare + defined < least or printed in own:
            continue
        terms_of_it = analyze_words(printed)[0]
        if not set(terms_of_it.lemmas).isdisjoint(terms[0].lemmas):
            continue
        is_word = _is_ordinary(printed, printed) or _is_ordinary(spelling, spelling)
        if terms_of_it.stem is None or (is_word and cost > _SURE):
            continue
        if not (_is_loan(name) and _is_loan(spelling)) and is_another_word(printed, spelling):
            continue
        if known or is_word:
            loan = _is_loan(name) and _is_loan(spelling) and (cost > _CONSONANT or not (known and is_word))
            rare = _are_apart(typed, bare + defined) if is_word else _are_apart(bare + defined, typed)
            rare = rare and not is_derived
            if not (loan if known == is_word or not rare else True) or (looks_arabic(spelling) and not rare):
                continue
        found[printed] = bare + defined
    stripped = {form: form[1:] for form in found if _has_clitic(form)}
    others = vocabulary.frequencies("text_form", list(stripped.values())) if stripped else {}
    # بايران is Iran with ب, not a variant of بايرن.
    names = [form for form in found if others.get(stripped.get(form, ""), 0) <= _TIMES_WITHOUT * found[form]]
    return [(form,) for form in sorted(names, key=lambda form: (-found[form], form))]


def _is_of_name(kind: int) -> bool:
    return bool(kind & FormKind.NAME)


@lru_cache(maxsize=50_000)
def _kinds(form: str) -> tuple[int, ...]:
    """The kinds (`FormKind`) of a form without stripping clitics."""
    return tuple(kind for _, kind, _, _ in lexicon_table().readings_of(form))


def _are_apart(many: int, few: int) -> bool:
    return few * _TIMES_RARER <= many


def _has_clitic(form: str) -> bool:
    """Whether a form may be a word or a listed name with a clitic, as بايران is Iran with ب."""
    return form[0] in PROCLITICS and (is_known(form[1:]) or is_name(stem(form[1:])))


def _are_two(typed: int, other: int) -> bool:
    few, many = sorted((typed, other))
    return few >= _ESTABLISHED and many < _TIMES_APART * few


@cache
def _groups() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each listed name → the other names of its group."""
    path = Path(__file__).with_name("exonyms.txt")
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        names = [tuple(map(_key, name.split("_"))) for name in line.partition("#")[0].split()]
        for name in names:
            # A Latin name finds the Arabic ones, and not the other way round.
            others = tuple(other for other in names if other != name and not other[0].isascii())
            found[name] = (*found.get(name, ()), *others)
    return found


def _key(word: str) -> str:
    """The key of a word: folded, except for two capital letters, as us is a word and US a country."""
    return word if len(word) == _LETTERS_OF_A_COUNTRY and word.isascii() and word.isupper() else fold(word)


def _is_ordinary(word: str, form: str) -> bool:
    """Whether a word is a dictionary word and not a listed name."""
    return is_known(word) and not is_name(stem(form))


def _is_loan(name: str) -> bool:
    """Whether a word has more consonants than Arabic words have, even if its affixes are stripped."""
    bare = _ENDING.sub("", name)
    bare = _START.sub("", bare, count=1)
    return sum(letter not in "اوي" for letter in bare) >= _CONSONANTS_OF_A_LOAN
