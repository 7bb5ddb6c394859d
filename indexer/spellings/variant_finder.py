"""Spelling variants of the words of a query, from the archive's own vocabulary; between parsing and compilation.

The query tree gets a `SpellingVariants` for each word, or run of up to four words, that the archive also prints in
another spelling. The other modules of this package are the sources (`VariantSource`). Results are cached for as
long as the vocabulary is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from corpus import Settings
from indexer.query import ParsedQuery, add_variants
from indexer.query.ast import Node
from indexer.query.foreign import ForeignQuestion
from indexer.spellings.compounds import compound_variants, phrase_variants
from indexer.spellings.latin_names import latin_name_variants
from indexer.spellings.name_variants import name_variants
from indexer.spellings.numerals import numeral_variants
from indexer.spellings.orthography import orthographic_variants
from indexer.spellings.vocabulary import SurfaceForms, Vocabulary

VariantSource = Callable[[tuple[str, ...], Vocabulary], Iterable[tuple[str, ...]]]
"""The variants of words side by side, given as typed: each as folded forms, the likeliest first.

Only those that the archive prints; none for most words.
"""

MAX_VARIANTS: Final = 8
"""Variants of a word that are searched: names have no more, and each costs time."""

_ARABIC_SOURCES: Final[tuple[VariantSource, ...]] = (
    compound_variants, numeral_variants, orthographic_variants, name_variants,
)  # fmt: skip

_CACHE_SIZE: Final = 20_000
_CACHED_QUESTIONS: Final = 256


def variant_sources(settings: Settings) -> tuple[VariantSource, ...]:
    """The sources of variants that an archive's settings enable."""
    return (
        *(_ARABIC_SOURCES if settings.other_spellings else ()),
        *((latin_name_variants,) if settings.latin_names else ()),
    )


class VariantFinder:
    """Finds spelling variants in one commit of an index. Safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary, printed: SurfaceForms, sources: Sequence[VariantSource]) -> None:
        self._vocabulary = vocabulary
        self._printed = printed
        self._sources = sources
        self._known: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        self._foreign: dict[Node, ForeignQuestion | None] = {}

    def add_variants(self, parsed: ParsedQuery) -> ParsedQuery:
        """Add the variants of its words to a query."""
        if not self._sources:
            return parsed
        node = add_variants(parsed.node, self.variants_of, self.phrase_variants_of)
        return replace(
            parsed,
            node=node,
            as_text=node
            if parsed.as_text == parsed.node
            else add_variants(parsed.as_text, self.variants_of, self.phrase_variants_of),
        )

    def prefetch(self, parsed: ParsedQuery, vocabulary: Vocabulary) -> None:
        """Ask another vocabulary what `add_variants` would ask; the results are not cached."""

        def find(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
            if (found := self._known.get(words)) is None:
                found = self._find(words, vocabulary)
                self._printed.sample_articles((form for other in found for form in other), vocabulary)
            return found

        for node in dict.fromkeys((parsed.node, parsed.as_text)) if self._sources else ():
            add_variants(node, find, lambda words: self._find_in_phrase(words, vocabulary))

    def foreign_question(self, parsed: ParsedQuery) -> ForeignQuestion | None:
        """The reading of a query as a question in another language; None if it is none or `latin_names` is off."""
        if latin_name_variants not in self._sources:
            return None
        from indexer.spellings.foreign_questions import read_foreign_question  # for searches by meaning only

        known = self._foreign  # another thread may begin a new cache
        if parsed.node not in known:
            if len(known) >= _CACHED_QUESTIONS:
                known = self._foreign = {}
            known[parsed.node] = read_foreign_question(parsed, self._vocabulary, self.variants_of)
        return known[parsed.node]

    def prefetch_foreign(self, parsed: ParsedQuery, vocabulary: Vocabulary) -> None:
        """Ask another vocabulary what `foreign_question` would ask; the results are not cached."""
        if latin_name_variants in self._sources:
            from indexer.spellings.foreign_questions import read_foreign_question

            read_foreign_question(parsed, vocabulary, lambda words: self._find(words, vocabulary))

    def variants_of(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The variants of words side by side, given as typed; in the spelling that the archive prints."""
        found = self._known.get(words)
        if found is None:
            if len(self._known) >= _CACHE_SIZE:
                self._known = {}
            forms = self._find(words, self._vocabulary)
            printed = self._printed.spell(form for other in forms for form in other) if forms else {}
            found = self._known[words] = tuple(tuple(printed[form] for form in other) for other in forms)
        return found

    def phrase_variants_of(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The variants of a phrase, given as typed: with its names in one word or two."""
        return self._find_in_phrase(words, self._vocabulary)

    def _find(self, words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
        others = (other for source in self._sources for other in source(words, vocabulary))
        return tuple(dict.fromkeys(others))[:MAX_VARIANTS]

    def _find_in_phrase(self, words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
        return phrase_variants(words, vocabulary) if compound_variants in self._sources else ()
