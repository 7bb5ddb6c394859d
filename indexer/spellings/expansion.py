"""Other spellings of the words of a query: between parsing and compilation, from the archive's own vocabulary.

A query tree has `Spelled` in place of each word that the archive also prints otherwise. Where such spellings come from,
sources say (`Source`): they are asked for each word, and for up to four words that stand side by side. What they find
is remembered for as long as the vocabulary stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from corpus import Settings
from indexer.query import ParsedQuery, respelled
from indexer.spellings.compounds import names_in_phrase, one_or_two_words
from indexer.spellings.latin_names import arabic_names
from indexer.spellings.name_variants import name_variants
from indexer.spellings.numerals import other_numerals
from indexer.spellings.orthography import orthographic_variants
from indexer.spellings.vocabulary import PrintedForms, Vocabulary

Source = Callable[[tuple[str, ...], Vocabulary], Iterable[tuple[str, ...]]]
"""The other spellings of words that stand side by side, given as typed: each as folded forms, the likeliest first.

Only what the archive prints; nothing for words that have none, which are nearly all.
"""

MOST: Final = 8
"""Other spellings of a word that are searched: no name has more, and each costs time."""

_ARABIC_SPELLINGS: Final[tuple[Source, ...]] = (
    one_or_two_words, other_numerals, orthographic_variants, name_variants,
)  # fmt: skip

_MOST_REMEMBERED: Final = 20_000


def sources_of(settings: Settings) -> tuple[Source, ...]:
    """Where an archive's other spellings come from, by its settings."""
    return (
        *(_ARABIC_SPELLINGS if settings.other_spellings else ()),
        *((arabic_names,) if settings.latin_names else ()),
    )


class Spellings:
    """The other spellings of words, by one state of an index. Safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary, printed: PrintedForms, sources: Sequence[Source]) -> None:
        self._vocabulary = vocabulary
        self._printed = printed
        self._sources = sources
        self._known: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}

    def respelled(self, parsed: ParsedQuery) -> ParsedQuery:
        """A query with the other spellings of its words."""
        if not self._sources:
            return parsed
        node = respelled(parsed.node, self.of, self.of_phrase)
        return replace(
            parsed,
            node=node,
            as_text=node if parsed.as_text == parsed.node else respelled(parsed.as_text, self.of, self.of_phrase),
        )

    def ask(self, parsed: ParsedQuery, vocabulary: Vocabulary) -> None:
        """Asks another vocabulary what `respelled` would ask its own; nothing of it is remembered here."""

        def of(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
            if (found := self._known.get(words)) is None:
                found = self._forms(words, vocabulary)
                self._printed.witnesses((form for other in found for form in other), vocabulary)
            return found

        for node in dict.fromkeys((parsed.node, parsed.as_text)) if self._sources else ():
            respelled(node, of, lambda words: self._of_phrase(words, vocabulary))

    def of(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The other spellings of words as typed that stand side by side, as the archive prints them."""
        found = self._known.get(words)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known = {}
            forms = self._forms(words, self._vocabulary)
            printed = self._printed.spell(form for other in forms for form in other) if forms else {}
            found = self._known[words] = tuple(tuple(printed[form] for form in other) for other in forms)
        return found

    def of_phrase(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The ways to print a phrase as typed: its names in one word or two."""
        return self._of_phrase(words, self._vocabulary)

    def _forms(self, words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
        others = (other for source in self._sources for other in source(words, vocabulary))
        return tuple(dict.fromkeys(others))[:MOST]

    def _of_phrase(self, words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
        return names_in_phrase(words, vocabulary) if one_or_two_words in self._sources else ()
