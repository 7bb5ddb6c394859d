"""Rewrites of the query tree: spelling variants added and removed, abbreviations joined, word runs replaced.

A *run* is a sequence of plain words side by side. Variants and corrections may join or split words, so they are looked
up by run. What is quoted, excluded or restricted to a field is left as typed, apart from names in phrases and words of
the title, which have variants too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Final

from indexer import budget
from indexer.analysis import is_known
from indexer.analysis.multiword import is_abbreviation
from indexer.query.ast import And, FieldName, InField, Node, Not, Or, Phrase, Required, SpellingVariants, Word
from indexer.query.simplify import and_of

VariantLookup = Callable[[tuple[str, ...]], tuple[tuple[str, ...], ...]]
"""The spelling variants of words side by side, each of one word or several; none for most words."""

MAX_UNKNOWN_WORDS: Final = 8
"""Words of a query, other than Arabic dictionary words, whose variants are looked up: each has hundreds of
candidates."""

MAX_UNKNOWN_LETTERS: Final = 64
"""Letters of these words: the longer a word, the more its lookup costs."""

MAX_WORDS_OF_VARIANT: Final = 4
"""Words side by side that may be one word in another spelling: نتن ياهو, صلى الله عليه وسلم."""


# Spelling variants


def add_variants(node: Node, variants: VariantLookup, phrase_variants: VariantLookup) -> Node:
    """The tree with a `SpellingVariants` for each plain word or run that has variants, and phrases with theirs.

    Exact forms, wildcards, fuzzy words and roots ask for what was typed, and stay. Unknown words after the first
    `MAX_UNKNOWN_WORDS` stay too.
    """
    bounded = _BoundedLookup(variants)
    return _replaced(
        node,
        lambda words: _with_variants(words, bounded),
        lambda leaf: _leaf_with_variants(leaf, bounded, phrase_variants),
    )


def without_variants(node: Node) -> Node:
    """The tree without spelling variants: what the parser made."""
    match node:
        case Phrase():
            return replace(node, variants=())
        case InField(child=Phrase() as phrase):
            return replace(node, child=replace(phrase, variants=()))
        case SpellingVariants():
            return and_of(_typed_words(node))
        case InField(child=SpellingVariants(typed=(text,))):
            return replace(node, child=Word(text))
        case Not() | Required():
            return replace(node, child=without_variants(node.child))
        case Or():
            return Or(tuple(map(without_variants, node.children)))
        case And():
            children: list[Node] = []
            for child in node.children:
                children += _typed_words(child) if isinstance(child, SpellingVariants) else (without_variants(child),)
            return And(tuple(children))
    return node


def variants_in(node: Node) -> Iterator[SpellingVariants]:
    """The words of a query that have spelling variants, in order; none of what it excludes."""
    match node:
        case SpellingVariants():
            if node.variants:
                yield node
        case InField(child=SpellingVariants() as inner):
            yield inner
        case Required():
            yield from variants_in(node.child)
        case Or() | And():
            for child in node.children:
                yield from variants_in(child)


def join_abbreviations(node: Node) -> Node:
    """The tree with a `SpellingVariants` for each run of words that are the letters of an abbreviation."""

    def nodes_of(words: tuple[str, ...]) -> list[Node]:
        nodes: list[Node] = []
        at = 0
        while at < len(words):
            runs = (words[at : at + count] for count in range(min(MAX_WORDS_OF_VARIANT, len(words) - at), 1, -1))
            run = next(filter(is_abbreviation, runs), words[at : at + 1])
            nodes.append(SpellingVariants(run, ()) if len(run) > 1 else Word(run[0]))
            at += len(run)
        return nodes

    return _replaced(node, nodes_of, lambda leaf: leaf)


# Runs of plain words


def word_runs(node: Node) -> Iterator[tuple[str, ...]]:
    """The plain words of a query as typed, run by run; none of phrases, fields or exclusions."""
    match node:
        case Word():
            yield (node.text,)
        case Required():
            yield from word_runs(node.child)
        case Or():
            for child in node.children:
                yield from word_runs(child)
        case And():
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    yield _texts(group)
                else:
                    for child in group:
                        yield from word_runs(child)


def replace_word_runs(node: Node, replacements: Mapping[tuple[str, ...], tuple[str, ...]]) -> Node:
    """The tree with other words for some of its runs (`word_runs`)."""
    match node:
        case Word():
            return and_of([*map(Word, replacements.get((node.text,), (node.text,)))])
        case Required():
            return Required(replace_word_runs(node.child, replacements))
        case Or():
            return replace(node, children=tuple(replace_word_runs(child, replacements) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    run = _texts(group)
                    children += map(Word, replacements.get(run, run))
                else:
                    children += (replace_word_runs(child, replacements) for child in group)
            return and_of(children)
    return node


class _BoundedLookup:
    """Looks up variants as long as the query has few enough unknown words."""

    def __init__(self, variants: VariantLookup) -> None:
        self._variants = variants
        self._unknown: dict[str, bool] = {}  # each unknown word, and whether it is looked up
        self._known: set[str] = set()
        self._letters = 0

    def __call__(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        budget.check()
        each = [self._has_room(word) for word in words]
        return self._variants(words) if all(each) else ()

    def _has_room(self, word: str) -> bool:
        if word in self._known:
            return True
        if word not in self._unknown:
            if word[0].isdecimal() or (not word.isascii() and is_known(word)):
                self._known.add(word)
                return True
            self._letters += len(word)
            self._unknown[word] = len(self._unknown) < MAX_UNKNOWN_WORDS and self._letters <= MAX_UNKNOWN_LETTERS
        return self._unknown[word]


def _replaced(node: Node, nodes_of: Callable[[tuple[str, ...]], list[Node]], of_leaf: Callable[[Node], Node]) -> Node:
    """The tree with `nodes_of` for each run of plain words, and `of_leaf` for each other leaf."""
    match node:
        case Word():
            return and_of(nodes_of((node.text,)))
        case Not() | Required():
            return replace(node, child=_replaced(node.child, nodes_of, of_leaf))
        case Or():
            return Or(tuple(_replaced(child, nodes_of, of_leaf) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    children += nodes_of(_texts(group))
                else:
                    children += (_replaced(child, nodes_of, of_leaf) for child in group)
            return and_of(children)
    return of_leaf(node)


def _with_variants(words: tuple[str, ...], variants: VariantLookup) -> list[Node]:
    """The nodes of a run: from left to right, the longest piece that has variants."""
    nodes: list[Node] = []
    at = 0
    while at < len(words):
        for count in range(min(MAX_WORDS_OF_VARIANT, len(words) - at), 0, -1):
            typed = words[at : at + count]
            if found := variants(typed):
                nodes.append(SpellingVariants(typed, found))
                break
        else:
            count = 1
            nodes.append(Word(words[at]))
        at += count
    return nodes


def _leaf_with_variants(node: Node, variants: VariantLookup, phrase_variants: VariantLookup) -> Node:
    match node:
        case Phrase():
            return replace(node, variants=phrase_variants(node.words))
        case InField(field=FieldName.TITLE, child=Phrase() as phrase):
            return replace(node, child=replace(phrase, variants=phrase_variants(phrase.words)))
        case InField(field=FieldName.TITLE, child=Word(text=text)):
            found = variants((text,))
            return replace(node, child=SpellingVariants((text,), found)) if found else node
    return node


def _is_word(node: Node) -> bool:
    return isinstance(node, Word)


def _texts(words: Iterable[Node]) -> tuple[str, ...]:
    return tuple(word.text for word in words if isinstance(word, Word))


def _typed_words(node: SpellingVariants) -> list[Node]:
    return [*map(Word, node.typed)]
