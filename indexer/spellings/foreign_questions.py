"""Questions in another language: which language, and which of their words an Arabic article about them must have.

A query of several words in Latin letters is a foreign question if function words (`function_words.txt`) show its
language, if it has ordinary words of news (`ordinary_words.txt`), or if the archive has some of its words in no
spelling; unless the archive prints most of its words, the function words as often as only an archive with articles in
that language does. Then

- names that CLDR lists (`indexer.spellings.cldr_names`) or `exonyms.txt` has, and numbers, are required;
- so are other words with a capital letter inside the sentence, if their Arabic spelling is certain enough. The first
  word, ordinary words in titles (`title_words.txt`) and, in German, nouns have capital letters too, and are not;
- what the archive prints, and less certain spellings, add to scores;
- function words are dropped, and all other words are left to the meaning.

In a question without capital letters, what a list has is required, and names that are certain beyond doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from statistics import median
from typing import Final

from indexer import budget
from indexer.analysis import fold, word_forms
from indexer.query import And, Or, ParsedQuery, SpellingVariants, VariantLookup, Word, add_variants
from indexer.query.ast import Node
from indexer.query.foreign import ForeignQuestion
from indexer.query.rewrite import MAX_UNKNOWN_LETTERS, MAX_UNKNOWN_WORDS, MAX_WORDS_OF_VARIANT
from indexer.spellings.cldr_names import (
    MAX_WORDS_OF_NAME,
    ListedName,
    NameKind,
    is_ambiguous,
    is_written,
    listed_names,
    place_of_adjective,
)
from indexer.spellings.latin_names import is_beyond_doubt, is_certain
from indexer.spellings.name_variants import exonyms, name_variants
from indexer.spellings.vocabulary import KNOWN, Vocabulary

LANGUAGES: Final = ("en", "fr", "es", "de", "tr")
"""The languages that are recognized, by their codes in CLDR; of two that are equally likely, the first."""

_FEWEST_WORDS: Final = 2
_SURE_OF_LANGUAGE: Final = 2  # function words
_NAMES: Final = "names"  # the line of words that show no language
_CAPITAL_NOUNS: Final = "de"
_LATIN: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff]+|[0-9]+(?:[.,][0-9]+)+")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_SHARE_OF_FUNCTION_WORDS: Final = 1 / 200
"""An archive that has articles in a language prints its function words in this share of all articles; an Arabic one,
`the` in 1 of 300."""
_SHARE_OF_WORDS: Final = 1 / 1000
"""The same for other words, if no function word shows the language."""
_DEMONYM: Final = re.compile(r".{2,}(?:[ei]ans?|ish|ese|[ei]st[es]?)")
"""Endings of words that are written with a capital letter in English, and are no names: Brazilians, Turkish."""

_ARTICLE: Final = "ال"
_CLITIC: Final = "ب"
_BEST: Final = 1  # spellings that match with clitics by lemma too


def read_foreign_question(
    parsed: ParsedQuery, vocabulary: Vocabulary, variants_of: VariantLookup
) -> ForeignQuestion | None:
    """The reading of a query as a question in another language; None for any other query."""
    words = _latin_words(parsed.node)
    if words is None:
        return None
    language = _language(words)
    functions = [word for word in words if _plain(word) in _function_words().get(language or "", frozenset())]
    content = [word for word in words if len(word) > 1 and word not in functions and not _NUMBER.fullmatch(word)]
    if not content or _has_articles(functions, content, vocabulary):
        return None
    is_sure = language is not None and (len(functions) >= _SURE_OF_LANGUAGE or len(content) > 1)
    # A query of nothing but names is searched by their Arabic spellings as it is.
    is_sure |= not _ordinary_words().isdisjoint(map(_plain, content))
    if not is_sure and not _has_unknown_words(parsed.node, content, vocabulary, variants_of):
        return None
    return _Reader(words, language, vocabulary, variants_of).read()


def _latin_words(node: Node) -> tuple[str, ...] | None:
    """The words of a query that is nothing but words in Latin letters and numbers; None for any other."""
    if not isinstance(node, And) or len(node.children) < _FEWEST_WORDS:
        return None
    words = tuple(unicodedata.normalize("NFC", child.text) for child in node.children if isinstance(child, Word))
    return words if len(words) == len(node.children) and all(map(_LATIN.fullmatch, words)) else None


def _language(words: Sequence[str]) -> str | None:
    """The language that most function words are of; None if none is."""
    plain = [_plain(word) for word in words]
    lists, names = _function_words(), _function_words()[_NAMES]
    shown = {code: sum(word in lists[code] and word not in names for word in plain) for code in LANGUAGES}
    most = max(shown.values())
    likely = [code for code in LANGUAGES if most and shown[code] == most]
    if len(likely) > 1:  # en is French and Spanish; Tunisie is French
        listed = {code: sum((word.casefold(),) in listed_names(code) for word in words) for code in likely}
        likely.sort(key=lambda code: -listed[code])
    return likely[0] if likely else None


def _has_articles(functions: Sequence[str], content: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether the archive has articles in the language of a query, which is then searched by its words."""
    ordinary = [fold(word) for word in content if not word[0].isupper()]
    counts = vocabulary.frequencies("text_form", sorted({*ordinary, *map(fold, functions)}))
    share = _SHARE_OF_WORDS
    if functions:
        typical = median(counts.get(fold(word), 0) for word in functions)
        if typical < max(KNOWN, _SHARE_OF_FUNCTION_WORDS * vocabulary.doc_count):
            return False
        share = 0.0
    printed = sum(counts.get(form, 0) >= max(KNOWN, share * vocabulary.doc_count) for form in ordinary)
    return bool(ordinary) and 2 * printed > len(ordinary)


def _has_unknown_words(node: Node, content: Sequence[str], vocabulary: Vocabulary, variants_of: VariantLookup) -> bool:
    """Whether a query has words that the archive prints in no spelling."""
    counts = vocabulary.frequencies("text_form", sorted(map(fold, content)))
    with_variants = add_variants(node, variants_of, lambda words: ())
    children = with_variants.children if isinstance(with_variants, And) else (with_variants,)
    left = [child.text for child in children if isinstance(child, Word) and not _NUMBER.fullmatch(child.text)]
    return any(not counts.get(fold(word), 0) for word in left if word in content)


class _Reader:
    """Reads one question, from left to right."""

    def __init__(
        self, words: tuple[str, ...], language: str | None, vocabulary: Vocabulary, variants_of: VariantLookup
    ) -> None:
        self._words = words
        self._language = language
        self._vocabulary = vocabulary
        self._variants_of = variants_of
        self._listed_names = listed_names(language or LANGUAGES[0])
        self._functions = _function_words().get(language or "", frozenset())
        letters = "".join(word[1:] for word in words)
        # Someone who writes no capitals, or nothing else, shows no names by them.
        self._has_case = any(word[0].isupper() for word in words[1:] if len(word) > 1) and not letters.isupper()
        self._letters = MAX_UNKNOWN_LETTERS
        self._looked_up = 0

    def read(self) -> ForeignQuestion:
        listed: list[Node] = []
        names: list[Node] = []
        others: list[Node] = []
        at = 0
        while at < len(self._words):
            budget.check()
            if found := self._listed(at):
                listed.append(_with_clitics(found))
                at += len(found.typed)
            elif _NUMBER.fullmatch(self._words[at]):
                word = self._words[at]
                variants = self._variants_of((word,))
                # Of two people, Arabic has a form of its own, and no number.
                (listed if len(word) > 1 else others).append(
                    SpellingVariants((word,), variants) if variants else Word(word)
                )
                at += 1
            elif (found := self._name(at)) and (place := self._place(at, found)):
                listed.append(_with_clitics(place))
                at += 1
            elif found:
                (names if self._is_certain(at, found) else others).append(_with_clitics(found))
                at += len(found.typed)
            else:
                word = self._words[at]
                if self._is_content(word) and self._vocabulary.frequency("text_form", fold(word)):
                    others.append(Word(word))
                at += 1
        return ForeignQuestion(self._language, *map(_distinct, (listed, names, others)))

    def _listed(self, at: int) -> SpellingVariants | None:
        """The longest listed name that begins at a word, in Arabic."""
        for count in range(min(MAX_WORDS_OF_NAME, len(self._words) - at), 0, -1):
            typed = self._words[at : at + count]
            name = self._listed_names.get(tuple(word.casefold() for word in typed))
            if name is not None and not self._is_meant(name, typed, at):
                continue
            if name is not None:
                return SpellingVariants(typed, self._in_arabic(name))
            if (
                count <= MAX_WORDS_OF_VARIANT
                and (typed[0][0].isupper() or not self._has_case)
                and (count > 1 or not self._is_ordinary(typed[0]))
                and (forms := exonyms(typed, self._vocabulary))
            ):
                return SpellingVariants(typed, tuple(forms))
        return None

    def _place(self, at: int, name: SpellingVariants) -> SpellingVariants | None:
        """The place of a name that is spelled as its adjective: السعودية for Saudi, which sounds like سعودي."""
        following = self._words[at + 1 : at + 2]
        if len(name.typed) + len(name.variants[0]) > 2 or self._follows_name(at):
            return None
        if following and following[0][0].isupper() and self._is_content(following[0]):
            return None  # Turki al-Faisal is no Turk
        place = place_of_adjective(fold(name.variants[0][0]))
        return SpellingVariants(name.typed, self._in_arabic(place)) if place else None

    def _is_meant(self, name: ListedName, typed: tuple[str, ...], at: int) -> bool:
        """Whether a listed name is meant, and not a word that is written alike or a part of another name."""
        if name.kind is NameKind.LANGUAGE or (name.kind is NameKind.CITY and _plain(typed[0]) in _title_words()):
            return False
        if name.kind is NameKind.ADJECTIVE:
            return self._has_case and is_written(name, typed) and (at > 0 or not typed[0][0].isupper())
        ambiguous = is_ambiguous(typed)
        if len(typed) == 1 and (ambiguous or name.kind is NameKind.CITY) and self._follows_name(at):
            return False  # Jack London, Theresa May
        if ambiguous and name.written[0][0].isupper() and (at == 0 or not self._has_case):
            return False
        return is_written(name, typed) or not self._has_case

    def _follows_name(self, at: int) -> bool:
        before = self._words[at - 1] if at > 1 else ""
        return before[:1].isupper() and self._is_content(before) and not self._is_ordinary(before)

    def _in_arabic(self, name: ListedName) -> tuple[tuple[str, ...], ...]:
        """The Arabic names of a listed one that the archive prints; if it prints none, CLDR's."""
        forms = {other: [word_forms(fold(word)) for word in other] for other in name.arabic}
        more: list[tuple[str, ...]] = []
        if name.kind is NameKind.PLACE:
            more = [other for each in name.arabic for other in name_variants(each, self._vocabulary)]
        asked = {form for words in forms.values() for each in words for form in each}
        counts = self._vocabulary.frequencies("text_form", sorted(asked))
        printed = [
            other for other, words in forms.items() if all(any(counts.get(form, 0) for form in each) for each in words)
        ]
        return tuple(dict.fromkeys((*printed, *more))) or name.arabic[:1]

    def _is_content(self, word: str) -> bool:
        if len(word) > 1 and word.isupper() and self._has_case:
            return True  # WHO is no interrogative
        return len(word) > 1 and _plain(word) not in self._functions and _plain(word) not in _function_words()[_NAMES]

    def _name(self, at: int) -> SpellingVariants | None:
        """The longest name by its sound that begins at a word, with its Arabic spellings."""
        if not self._has_case or (at == 0 and not self._may_be_name(at)):
            return self._name_without_case(at)
        if self._language == _CAPITAL_NOUNS or not self._words[at][0].isupper():
            return None
        longest = min(MAX_WORDS_OF_VARIANT, len(self._words) - at)
        for count in range(longest, 0, -1):
            typed = self._words[at : at + count]
            if not (self._may_be_name(at) if count == 1 else self._may_be_one_name(typed)):
                continue
            if not self._has_room("".join(typed)):
                return None
            if variants := [one for one in self._variants_of(typed) if not one[0].isascii()]:
                return SpellingVariants(typed, tuple(variants))
        return None

    def _name_without_case(self, at: int) -> SpellingVariants | None:
        """A name in a question without capital letters: one that is beyond doubt."""
        word = self._words[at].lower()
        if not self._is_content(word) or self._is_ordinary(word) or not self._has_room(word):
            return None
        variants = self._variants_of((word,))
        if not variants or not is_beyond_doubt(word, self._vocabulary):
            return None
        return SpellingVariants((self._words[at],), variants)

    def _has_room(self, word: str) -> bool:
        """Whether one more word may be looked up, as each has hundreds of possible spellings."""
        self._looked_up += 1
        self._letters -= len(word)
        return self._looked_up <= MAX_UNKNOWN_WORDS and self._letters >= 0

    def _may_be_name(self, at: int) -> bool:
        """Whether one word may be a name; the first, which has a capital letter anyway, only beside another one."""
        word, following = self._words[at], self._words[at + 1 : at + 2]
        beside = bool(following) and following[0][0].isupper() and not self._is_ordinary(following[0])
        return (at > 0 or beside) and self._is_content(word) and not self._is_ordinary(word)

    def _may_be_one_name(self, typed: tuple[str, ...]) -> bool:
        """Whether words may be one name: Abdel Fattah, New York, al-Fadhli."""
        first, *between, last = typed
        return (
            last[0].isupper()
            and self._is_content(last)
            and not self._is_ordinary(last)
            and (self._is_content(first) or _plain(first) in _function_words()[_NAMES])
            and all(_plain(word) in _function_words()[_NAMES] for word in between)
        )

    def _is_ordinary(self, word: str) -> bool:
        """Whether a word has a capital letter, and is no name."""
        key = (word.casefold(),)
        kind = self._listed_names[key].kind if key in self._listed_names else None
        return (
            kind in (NameKind.ADJECTIVE, NameKind.LANGUAGE)
            or _plain(word) in _title_words()
            or _plain(word) in _ordinary_words()
            or bool(_DEMONYM.fullmatch(_plain(word)))
        )

    def _is_certain(self, at: int, name: SpellingVariants) -> bool:
        if not self._has_case or (at == 0 and not self._may_be_name(at)):
            return True  # see _name_without_case
        # Of Abu Dabi, without Abu, دبي is another city.
        before = self._words[at - 1] if at else ""
        cut = before[:1].isupper() and _plain(before) in _function_words()[_NAMES]
        return not cut and is_certain(name.typed, name.variants, self._vocabulary)


def _with_clitics(name: SpellingVariants) -> Node:
    """A name that also matches by lemma, where its forms alone would leave out those with a clitic: بجدة for جدة."""
    words = [
        Word(one[0])
        for one in name.variants[:_BEST]
        if len(one) == 1 and _CLITIC + fold(one[0]) not in word_forms(fold(one[0])) and not one[0].startswith(_ARTICLE)
    ]
    return Or((name, *words)) if words else name


@cache
def _function_words() -> Mapping[str, frozenset[str]]:
    """The function words of each language, and those that names have too."""
    found: dict[str, set[str]] = {}
    for line in _lines("function_words.txt"):
        code, *words = line.split()
        found.setdefault(code, set()).update(words)
    return {code: frozenset(words) for code, words in found.items()}


@cache
def _title_words() -> frozenset[str]:
    return frozenset(word for line in _lines("title_words.txt") for word in line.split())


@cache
def _ordinary_words() -> frozenset[str]:
    return frozenset(word for line in _lines("ordinary_words.txt") for word in line.split())


def _lines(name: str) -> Iterator[str]:
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@lru_cache(maxsize=10_000)
def _plain(word: str) -> str:
    """A word in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("ı", "i").replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _distinct(nodes: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(nodes))
