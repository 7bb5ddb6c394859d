"""Foreign names in other Arabic spellings: غوتيريش is also searched as جوتيريس, where the archive prints that.

How spellings may differ, `indexer.analysis.transcription` says; which of them are words, the archive does: only what it
prints is searched. A word that the dictionary of Arabic has is no foreign name, and neither is a spelling that it
has: غاز is not also جاز. There are three exceptions:

- a listed name (`protected.txt`) is one, whatever else its letters mean;
- a word of five consonants or more is a loan: دبلوماسي is also ديبلوماسي;
- what is ten times as rare as the name is a slip that happens to be a word, clitics and all: بايدل for بايدن, which may
  be بـ and أيدل. What is a word as it stands, in whatever spelling, is that word: اله is آلة, and no spelling of الله.

Of a word that the lexicon has, what hardly anybody prints is a slip and no other spelling: سعودد for سعود.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import indexer.analysis
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
"""What the spelling may cost where one of the two is in the dictionary."""
_TIMES_RARER: Final = 10
_LONG: Final = 7
_TIMES_WITHOUT: Final = 3
"""A word that is printed so many times more often without its first letter has that as a clitic."""
_CONSONANT: Final = 0.4
_SHORT: Final = 5
_LEAST_SHARE: Final = 0.01
"""What share of the articles with a known word another spelling of it is in at least."""
_LEAST_SHARE_OF_NAME: Final = 0.001
_LETTERS_OF_A_COUNTRY: Final = 2
_ESTABLISHED: Final = 5
_TIMES_APART: Final = 5
"""Two words of `_SHORT` letters that differ by a vowel, each in so many articles and neither in so many times more, are
two names: كارل and كارول."""


def name_variants(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The other spellings of a name that the archive prints, the most frequent first; of several words none."""
    listed = [] if words[0].isascii() else exonyms(words, vocabulary)
    return list(dict.fromkeys((*listed, *_transcribed(words, vocabulary))))


def _transcribed(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The other spellings of a name by how foreign ones are transcribed."""
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
        return []  # اليمنيين, of Yemen, and سوريا have the length of a long name and the neighbours of a short one
    wanted = {spelling: price for spelling, price in transcriptions(name).items() if not known or price <= _SURE}
    if not wanted:
        return []
    asked = [form, name, form[1:], *wanted, *(_ARTICLE + spelling for spelling in wanted)]
    counts = vocabulary.frequencies("text_form", asked)
    typed = counts.get(form, 0) + (counts.get(name, 0) if name != form else 0)
    least = least_of_others(form, typed) if not known else _LEAST_SHARE * typed
    if _has_clitic(form) and counts.get(form[1:], 0) > _TIMES_WITHOUT * typed:
        return []  # a word with و, no name that begins so
    own = frozenset(word_forms(form))
    found: dict[str, int] = {}
    for spelling, price in wanted.items():
        bare, defined = counts.get(spelling, 0), counts.get(_ARTICLE + spelling, 0)
        if price > _CONSONANT and len(name) <= _SHORT and _are_two(typed, bare + defined):
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
        if terms_of_it.stem is None or (is_word and price > _SURE):
            continue
        if not (_is_loan(name) and _is_loan(spelling)) and is_another_word(printed, spelling):
            continue
        if known or is_word:
            loan = _is_loan(name) and _is_loan(spelling) and (price > _CONSONANT or not (known and is_word))
            rare = _are_apart(typed, bare + defined) if is_word else _are_apart(bare + defined, typed)
            rare = rare and not is_derived
            if not (loan if known == is_word or not rare else True) or (looks_arabic(spelling) and not rare):
                continue
        found[printed] = bare + defined
    behind = {form: form[1:] for form in found if _has_clitic(form)}
    others = vocabulary.frequencies("text_form", list(behind.values())) if behind else {}
    # بايران has Iran in it, and is no spelling of بايرن.
    names = [form for form in found if others.get(behind.get(form, ""), 0) <= _TIMES_WITHOUT * found[form]]
    return [(form,) for form in sorted(names, key=lambda form: (-found[form], form))]


def least_of_others(form: str, articles: int) -> float:
    """In how many articles another spelling of a form in so many articles must be, so that it is no slip."""
    bare = [form, form.removeprefix(_ARTICLE), *([form[1:]] if form[0] in PROCLITICS else [])]
    kinds = [kind for one in bare for kind in _kinds(one)]
    if not stop_words().isdisjoint(bare) or not all(map(_is_of_name, kinds)):
        return _LEAST_SHARE * articles
    return _LEAST_SHARE_OF_NAME * articles if kinds else 0.0


def is_whole_word(form: str) -> bool:
    """Whether the lexicon has a form as it stands, without a clitic read off, in some spelling."""
    return bool(_kinds(form))


def is_another_word(*forms: str) -> bool:
    """Whether any of these is a dictionary word as it stands, in some spelling, and neither a listed name nor one
    that is also a name.
    """
    return any(
        (kinds := _kinds(form)) and not any(map(_is_of_name, kinds)) and not is_name(stem(form)) for form in forms
    )


def _is_of_name(kind: int) -> bool:
    return bool(kind & FormKind.NAME)


@lru_cache(maxsize=50_000)
def _kinds(form: str) -> tuple[int, ...]:
    """What a whole form may be (`FormKind`)."""
    return tuple(kind for _, kind, _, _ in lexicon_table().readings_of(form))


def _are_apart(many: int, few: int) -> bool:
    return few * _TIMES_RARER <= many


def _has_clitic(form: str) -> bool:
    """Whether a form may be a word or a listed name with a clitic, as بايران has Iran in it."""
    return form[0] in PROCLITICS and (is_known(form[1:]) or is_name(stem(form[1:])))


def _are_two(typed: int, other: int) -> bool:
    few, many = sorted((typed, other))
    return few >= _ESTABLISHED and many < _TIMES_APART * few


def exonyms(words: tuple[str, ...], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The other names of a place or thing (`exonyms.txt`) of which the archive prints each word."""
    forms = tuple(map(_key, words))
    bare = (forms[0].removeprefix(_ARTICLE), *forms[1:])
    others = [other for other in _groups().get(forms, ()) or _groups().get(bare, ()) if other != bare]
    asked = [one for other in others for form in other for one in (form, _ARTICLE + form)]
    counts = vocabulary.frequencies("text_form", asked) if others else {}
    return [other for other in others if all(counts.get(form, 0) or counts.get(_ARTICLE + form, 0) for form in other)]


def begun_exonyms(latin: str, vocabulary: Vocabulary) -> dict[str, int]:
    """The listed names of one word whose name in Latin letters begins so: in how many articles each is."""
    names = (name for name in _groups() if name[0].isascii() and len(name) == 1 and name[0].startswith(latin))
    forms = {form for name in names for form, *rest in _groups()[name] if not rest}
    counts = vocabulary.frequencies("text_form", sorted(forms)) if forms else {}
    return {form: articles for form, articles in counts.items() if articles}


@cache
def _groups() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each listed name, and the others of its group."""
    path = Path(indexer.analysis.__file__).with_name("exonyms.txt")
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        names = [tuple(map(_key, name.split("_"))) for name in line.partition("#")[0].split()]
        for name in names:
            # A name in Latin letters is found by the Arabic ones, and not the other way round.
            others = tuple(other for other in names if other != name and not other[0].isascii())
            found[name] = (*found.get(name, ()), *others)
    return found


def _key(word: str) -> str:
    """A word as it is looked up: folded, but for two letters in capitals, as us is a word and US a country."""
    return word if len(word) == _LETTERS_OF_A_COUNTRY and word.isascii() and word.isupper() else fold(word)


def _is_ordinary(word: str, form: str) -> bool:
    """Whether a word is in the dictionary of Arabic, and no listed name."""
    return is_known(word) and not is_name(stem(form))


def _is_loan(name: str) -> bool:
    """Whether a word has more consonants than Arabic ones have, whatever of its letters may be affixes."""
    bare = _ENDING.sub("", name)
    bare = _START.sub("", bare, count=1)
    return sum(letter not in "اوي" for letter in bare) >= _CONSONANTS_OF_A_LOAN
