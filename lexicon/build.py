"""Builds `indexer/analysis/lexicon.*`: `python -m lexicon.build`.

1. Inflect every noun, adjective and verb of Arramooz, and every lemma of its frequency list.
2. Weigh the readings by a list of printed words and their frequencies: each printed word is distributed among its
   readings by their weights, and the weights are estimated again, for a few rounds of expectation maximization
   (Dempster, Laird and Rubin, 1977).
3. Drop lemmas that are never printed, and forms that other lemmas explain many times better.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib.metadata import version
from math import log2
from pathlib import Path

from indexer.analysis import fold, stop_words
from indexer.analysis.lemmatizer import analyses
from indexer.analysis.lexicon import MAX_WEIGHT, VERB, WEIGHT_STEPS, FormKind, FormReading, pack, spelling_of, unmarked
from lexicon import nouns, sources, verbs

ROUNDS = 4
LEAST_PRINTED = 2e-8
LEAST_LEMMA = 40.0
"""Tokens that a lemma must have, of `sources.TOKENS`."""
MOST_TIMES = 8.0
"""The maximum of a form's share of its lemma, times its usual share; a more frequent form is another word."""
LEAST_FEMININE = 0.03
"""A noun in ة at least this frequent, relative to the noun without it, is a word of its own."""
TIMES_UNEXPLAINED = 8.0
"""A word is unexplained if it is printed this many times as often as its readings explain."""
TIMES_PRONOUN = 40.0
"""The factor by which a reading with a pronoun may explain more than its weight."""
TIMES_CARELESS = 16.0
"""The same for ه in place of ة, and آ for an accusative: ساعه, واحدآ."""
LEAST_SINGULAR = 0.02
"""A relative adjective is printed in the singular at least this often, relative to the plural."""
LEAST_BASE = 0.4
"""The share of a word's frequency that explains the word with a proclitic, in addition to the reading."""
MOST_TIMES_SINGULAR = 10
"""A plural this many times as frequent as its singular is a word of its own: أثناء is not of ثني."""
LEAST_NAME = 1e-7
NAME_TOKENS = 15000.0
"""Tokens that a listed name starts with."""
LONG = 6
"""Lemmas of at least this many letters that differ only in a hamza on alef are one: see `one_spelling`."""
SMOOTHING = 0.02
"""Part of a form's weight that comes from its usual share of the lemma, printed or not."""

Key = tuple[int, str, str, int]
"""Lemma, folded form, spelling, kind."""


class Words:
    """Lemmas and their forms, with expected numbers of tokens."""

    def __init__(self) -> None:
        self.lemmas: dict[str, int] = {}
        self.tokens: dict[int, float] = defaultdict(float)
        self.shares: dict[Key, float] = {}

    def add(self, lemma: str, tokens: float, forms: Iterable[nouns.Form]) -> None:
        """Add forms to a lemma, and to its expected number of tokens."""
        number = self.lemmas.setdefault(lemma, len(self.lemmas))
        self.tokens[number] += tokens
        for form, kind, share in forms:
            key = (number, fold(form), spelling_of(form).rstrip("."), int(kind))
            if len(unmarked(form)) == len(key[1]):
                self.shares[key] = max(share, self.shares.get(key, 0.0))


def gather() -> Words:
    """Collect all lemmas and their forms from the sources."""
    words = Words()
    counted: dict[str, int] = defaultdict(int)  # nouns and adjectives
    counted_other: dict[str, int] = defaultdict(int)
    vocalized: dict[tuple[str, str], int] = defaultdict(int)
    for each in sources.counts():
        part = _part(each.part_of_speech)
        counted[each.word] += each.count if part == "noun" else 0
        counted_other[each.word] += each.count if part == "other" else 0
        vocalized[part, _key(each.vocalized)] += each.count
    in_dictionary: set[str] = set()
    additions = {word for _, added in sources.additions() for word in added}
    plural_of: dict[str, str] = {}
    every = list(sources.nouns())
    for noun in every:
        for each in noun.plurals:
            plural_of.setdefault(each.word, noun.word)
    homographs: dict[str, int] = defaultdict(int)
    for noun in every:
        homographs[_key(noun.vocalized)] += 1
    spelled: dict[str, set[str]] = defaultdict(set)
    for noun in every:
        if not noun.is_plural:
            spelled[noun.word].add(_key(noun.vocalized))

    def tokens(noun: sources.Noun) -> float:
        """The frequency of a noun: by its vowels, or if the list has none with them, by its letters."""
        key = _key(noun.vocalized)
        if any(vocalized["noun", other] for other in spelled[noun.word]):
            return vocalized["noun", key] / homographs[key]
        return counted[noun.word] / max(1, len(spelled[noun.word]))

    def plural(singular: str, plural: sources.Plural) -> None:
        """Add a broken plural; one that is a singular too (سوق, قطاع) is mostly that word."""
        count = 0 if spelled[plural.word] else vocalized["noun", _key(plural.vocalized)]
        if count > MOST_TIMES_SINGULAR * counted[singular]:
            count = 0
        if count:
            in_dictionary.add(plural.word)
        share = 0.02 if spelled[plural.word] else 0.3
        words.add(singular, count, nouns.broken_plural_forms(plural.word, share, is_defective=plural.is_defective))

    for lemma, added in sources.additions():
        in_dictionary.update(added)
        tokens_added = sum(counted[word] for word in added)
        words.add(lemma, tokens_added, [form for word in added for form in nouns.singular(word, 0.4)])
    for noun in every:
        lemma = noun.word
        if lemma in additions:
            continue
        if noun.is_plural:
            if noun.singular.isalpha() and noun.singular:
                plural(noun.singular, sources.Plural(noun.word, noun.vocalized, noun.is_defective))
                continue
            if noun.word in plural_of:
                continue
        in_dictionary.add(lemma)
        has_feminine_noun = counted[lemma + "ة"] > LEAST_FEMININE * counted[lemma]
        words.add(
            lemma,
            tokens(noun),
            nouns.noun_forms(
                lemma,
                is_adjective=noun.is_adjective,
                takes_feminine=noun.feminine,
                takes_masculine_plural=noun.masculine_plural,
                is_defective=noun.is_defective,
                is_elative=noun.is_elative,
                has_feminine_noun=has_feminine_noun,
            ),
        )
        for each in noun.plurals:
            plural(lemma, each)
    for each in sources.counts():
        part = _part(each.part_of_speech)
        if part == "noun" and each.word not in in_dictionary and len(each.word) > 2:
            adjective = each.part_of_speech == "adj"
            words.add(
                each.word,
                each.count,
                nouns.noun_forms(
                    each.word,
                    is_adjective=adjective,
                    is_defective=each.vocalized.endswith("ِي"),
                    has_feminine_noun=counted[each.word + "ة"] > LEAST_FEMININE * counted[each.word],
                ),
            )
        elif part == "name" and len(each.word) > 1:
            name = each.word.removeprefix("ال") if len(each.word) > 4 else each.word
            words.add(name, each.count, [(name, FormKind.NAME, 1.0)])
    for name in sources.names():
        if name.isalpha() and len(name) > 1:
            bare_name = name.removeprefix("ال") if len(name) > 4 else name
            # سيول is Seoul, and السيول are floods.
            kind = FormKind.NAME if bare_name != name else FormKind.NAME | FormKind.NO_ARTICLE
            words.add(bare_name, NAME_TOKENS, [(bare_name, kind, 1.0)])
    for word in sources.particles():
        if word not in in_dictionary and fold(word) not in stop_words():
            words.add(word, counted_other[word], [(word, FormKind.NOUN | FormKind.NO_ARTICLE, 1.0)])
    for word in ("أب", "أخ"):
        words.add(word, 0.0, nouns.five_nouns(word))
    conjugated = list(sources.verbs())
    known = {_key(verb.past) for verb in conjugated}
    for each in sources.counts():
        if each.part_of_speech == "verb" and _key(each.vocalized) not in known:
            known.add(_key(each.vocalized))
            conjugated += verbs.from_table(each.vocalized)
    seen: dict[str, int] = defaultdict(int)
    for verb in conjugated:
        seen[_key(verb.past)] += 1
    for verb in conjugated:
        key = _key(verb.past)
        words.add(
            sources.bare(verb.past) + VERB,
            vocalized["verb", key] / seen[key],
            verbs.verb_forms(verb.past, verb.future_type),
        )
    return words


def _part(name: str) -> str:
    if name in ("noun", "adj", "adj_comp", "adj_num", "noun_quant", "noun_num", "adv"):
        return "noun"
    return {"noun_prop": "name", "verb": "verb"}.get(name, "other")


def _key(vocalized: str) -> str:
    """A vocalized word without what dictionaries write differently: vowels beside long ones and at the end."""
    vocalized = vocalized.rstrip("ًٌٍ")
    marks = {"َ": "a", "ِ": "i", "ُ": "u", "ّ": "~"}
    text = "".join(marks.get(c, c) for c in vocalized if c not in "ْ")
    for vowel, letter in (("a", "ا"), ("i", "ي"), ("u", "و"), ("a", "ى")):
        text = text.replace(vowel + letter, letter)
    text = text.replace("اi", "ا").replace("~a", "~").replace("a~", "~")
    return text.rstrip("aiu").replace("aة", "ة")


class Weighed:
    """Forms and weighted readings, as the `Table` that `analyses` reads while weights are estimated."""

    def __init__(self, words: Words, shares: dict[Key, float]) -> None:
        self._lemmas = {number: lemma for lemma, number in words.lemmas.items()}
        self.spellings: dict[str, int] = {"": 0}
        self.forms: dict[str, list[FormReading]] = {}
        self.keys: dict[str, list[Key]] = {}
        for key in shares:
            self.keys.setdefault(key[1], []).append(key)
        for form, keys in self.keys.items():
            keys.sort(key=lambda key: (-shares[key], key))
            self.forms[form] = [
                (key[0], key[3], _weight(shares[key]), self.spellings.setdefault(key[2], len(self.spellings)))
                for key in keys
            ]
        self._names = list(self.forms)
        self._numbers: dict[str, int] = {form: number for number, form in enumerate(self._names)}
        self._spelled = list(self.spellings)

    def add(self, key: Key, share: float) -> None:
        """Add a reading."""
        form = key[1]
        if form not in self._numbers:
            self._numbers[form] = len(self._names)
            self._names.append(form)
        self.keys.setdefault(form, []).append(key)
        spelling = self.spellings.setdefault(key[2], len(self.spellings))
        if spelling == len(self._spelled):
            self._spelled.append(key[2])
        self.forms.setdefault(form, []).append((key[0], key[3], _weight(share), spelling))

    def prefixes(self, text: str) -> Iterable[tuple[str, int]]:
        """As `Table`."""
        numbers = self._numbers
        for end in range(1, len(text) + 1):
            if (number := numbers.get(text[:end])) is not None:
                yield text[:end], number

    def readings(self, form: int) -> list[FormReading]:
        """As `Table`."""
        return self.forms[self._names[form]]

    def fitting(self, form: int, onto: int, never_onto: int) -> Iterable[tuple[int, FormReading]]:
        """As `Table`."""
        for place, reading in enumerate(self.readings(form)):
            if reading[1] & onto and not reading[1] & never_onto:
                yield place, reading

    def has_name(self, form: str) -> bool:
        """Whether a form is a name, in any spelling."""
        return any(kind & FormKind.NAME for _, kind, _, _ in self.forms.get(form, ()))

    def form(self, number: int) -> str:
        """A form by its number."""
        return self._names[number]

    def key(self, form: int, reading: int) -> Key:
        """The key of a reading."""
        return self.keys[self._names[form]][reading]

    def lemma(self, number: int) -> str:
        """As `Table`."""
        return self._lemmas[number]

    def spelling(self, number: int) -> str:
        """As `Table`."""
        return self._spelled[number]


def _weight(share: float) -> int:
    return min(MAX_WEIGHT, round(-log2(max(share, 1e-19)) * WEIGHT_STEPS))


def first_shares(words: Words) -> dict[Key, float]:
    """The initial share of each reading among all tokens."""
    totals: dict[int, float] = defaultdict(float)
    for key, share in words.shares.items():
        totals[key[0]] += share
    return {
        key: (words.tokens[key[0]] + 1.0) * share / totals[key[0]] / sources.TOKENS
        for key, share in words.shares.items()
    }


def count(words: Words, shares: dict[Key, float], printed: dict[str, float]) -> dict[Key, float]:
    """Estimate the shares from printed words, each distributed among its readings; smoothed within each lemma."""
    table = Weighed(words, shares)
    expected: dict[Key, float] = defaultdict(float)
    for word, share in printed.items():
        bare, form = unmarked(word), fold(word)
        if len(bare) != len(form):
            continue
        found = list(analyses(table, bare, form))
        if not found:
            continue
        least = min(bits for bits, *_ in found)
        weights = [2.0 ** (least - bits) for bits, *_ in found]
        total = sum(weights)
        for (_, _, _, number, reading), weight in zip(found, weights, strict=True):
            expected[table.key(number, reading)] += share * weight / total
    by_lemma: dict[int, float] = defaultdict(float)
    for key, share in expected.items():
        by_lemma[key[0]] += share
    totals: dict[int, float] = defaultdict(float)
    for key, share in words.shares.items():
        totals[key[0]] += share
    counted = {}
    for key, share in words.shares.items():
        # A form alone does not make its lemma frequent: تبوك does not make its verb frequent.
        others = by_lemma[key[0]] - expected.get(key, 0.0)
        lemma = max(words.tokens[key[0]] / sources.TOKENS, others)
        usual = lemma * share / totals[key[0]]
        counted[key] = min((1 - SMOOTHING) * expected.get(key, 0.0) + SMOOTHING * usual, MOST_TIMES * usual)
    return counted


def add_unexplained(words: Words, shares: dict[Key, float], printed: dict[str, float]) -> None:
    """Add the printed words that the lexicon does not explain: names, loan words, relative adjectives of names.

    A word is unexplained if it is printed many times more often than all of its readings explain. The most frequent
    are added first, which then explain those with clitics.
    """
    table = Weighed(words, shares)
    bases: dict[str, float] = defaultdict(float)
    for word, share in printed.items():
        bases[re.sub("^(?:[وف]?(?:[بك]?ال|لل))(?=...)", "", unmarked(word))] += share
    relatives = _join_relatives(bases)
    for word in sorted(bases, key=lambda word: (word not in relatives, -bases[word], word)):
        share = bases[word]
        if share < LEAST_NAME or len(word) < 3:
            continue
        form = fold(word)
        if len(form) != len(word) or table.has_name(form) or _explained(table, word, form) * TIMES_UNEXPLAINED > share:
            continue
        forms: list[nouns.Form]
        if word in relatives:
            forms = list(nouns.noun_forms(word, is_adjective=True))
        elif bases.get(word + "ات", 0) + bases.get(word + "هات", 0) > 0.01 * share and "ال" + word in printed:
            forms = [*nouns.noun_forms(word), (word, FormKind.NAME, 0.3)]
        else:
            forms = [(word, FormKind.NAME, 1.0)]
        words.add(word, share * sources.TOKENS, forms)
        number = words.lemmas[word]
        total = sum(each for _, _, each in forms)
        for spelled, kind, part in forms:
            table.add((number, fold(spelled), spelling_of(spelled).rstrip("."), int(kind)), share * part / total)


def _join_relatives(bases: dict[str, float]) -> set[str]:
    """Merge the longer forms of relative adjectives into their masculine singulars, and return these."""
    plurals: dict[str, list[str]] = defaultdict(list)
    for word in bases:
        if longer := re.fullmatch("(.{3,}ي)(?:ين|ون)", word):
            plurals[longer[1]].append(word)
    relatives = {word[:-1] for word in bases if re.fullmatch(".{3,}ية", word)} | plurals.keys()
    for word in sorted(relatives):
        singular = bases.get(word, 0.0) + bases.get(word + "ة", 0.0)
        if singular < LEAST_SINGULAR * sum(bases[plural] for plural in plurals[word]):
            relatives.discard(word)  # ملايين is the plural of another word
            continue
        bases[word] = singular + sum(bases.pop(plural) for plural in plurals[word])
        bases.pop(word + "ة", None)
    return relatives


def _explained(table: Weighed, word: str, form: str) -> float:
    """The share of all words that the readings of a word explain."""
    share = 0.0
    for bits, _, _, number, reading in analyses(table, word, form):
        base = table.form(number)
        has_pronoun = not form.endswith(base)
        is_careless = word.endswith("آ") or (word.endswith("ه") and table.key(number, reading)[2].endswith("ة"))
        share += 2.0**-bits * (TIMES_PRONOUN if has_pronoun else TIMES_CARELESS if is_careless else 1.0)
        if len(base) < len(form) and not has_pronoun:
            # بسبب is much more frequent than ب and سبب explain, but is these two.
            weight = table.readings(number)[reading][2]
            share += LEAST_BASE * 2.0 ** (-weight / WEIGHT_STEPS)
    return share


def prune(words: Words, shares: dict[Key, float]) -> dict[Key, float]:
    """Drop the readings of lemmas that are hardly ever printed."""
    by_lemma: dict[int, float] = defaultdict(float)
    for key, share in shares.items():
        by_lemma[key[0]] += share
    least = LEAST_LEMMA / sources.TOKENS
    return {key: share for key, share in shares.items() if by_lemma[key[0]] >= least and share > 0}


def one_spelling(words: Words, shares: dict[Key, float]) -> dict[int, int]:
    """Each lemma → itself, or the most frequent lemma that differs in a hamza on alef alone.

    In long words that is a matter of spelling (إستراتيجية, استراتيجية), in short ones a different word (أمام, إمام).
    """
    by_lemma: dict[int, float] = defaultdict(float)
    for key, share in shares.items():
        by_lemma[key[0]] += share
    names = {number: lemma for lemma, number in words.lemmas.items()}
    groups: dict[str, list[int]] = defaultdict(list)
    for number in sorted(by_lemma, key=lambda number: (-by_lemma[number], names[number])):
        groups[re.sub("[أإآ]", "ا", names[number])].append(number)
    return {
        number: group[0] if len(spelling) >= LONG else number for spelling, group in groups.items() for number in group
    }


def main() -> None:
    """Build and write the table."""
    directory = Path(__file__).parent.parent / "indexer" / "analysis"
    words = gather()
    print(f"{len(words.lemmas)} lemmas, {len(words.shares)} readings", file=sys.stderr)
    printed = sources.printed_words(LEAST_PRINTED)
    print(f"{len(printed)} printed words", file=sys.stderr)
    shares = first_shares(words)
    for _ in range(ROUNDS):
        shares = count(words, shares, printed)
    add_unexplained(words, shares, printed)
    print(f"{len(words.lemmas)} lemmas with names, {len(words.shares)} readings", file=sys.stderr)
    shares = first_shares(words)
    for _ in range(ROUNDS):
        shares = count(words, shares, printed)
    shares = prune(words, shares)
    table = Weighed(words, shares)
    same = one_spelling(words, shares)
    used = sorted(set(same.values()), key=table.lemma)
    numbers = {lemma: number for number, lemma in enumerate(used)}
    forms = {
        form: [(numbers[same[lemma]], *rest) for lemma, *rest in readings] for form, readings in table.forms.items()
    }
    about = "\n".join(f"{name} {version(name)}" for name in ("arramooz-pysqlite", "libqutrub", "wordfreq"))
    pack(forms, [table.lemma(lemma) for lemma in used], list(table.spellings), directory, about)
    readings = sum(map(len, forms.values()))
    print(
        f"{len(used)} lemmas, {len(forms)} forms, {readings} readings, {len(table.spellings)} spellings",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
