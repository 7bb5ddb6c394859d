"""Other spellings in the tree of a query: put in, told, and left out again where the query is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Final

from indexer import budget
from indexer.analysis import is_known
from indexer.query.ast import And, FieldName, InField, Node, Not, Or, Phrase, Required, Spelled, Word
from indexer.query.simplify import all_of

Others = Callable[[tuple[str, ...]], tuple[tuple[str, ...], ...]]
"""The other spellings of words that stand side by side, each of one word or several; none for most words."""

MOST_UNKNOWN: Final = 8
"""Words of a query, those of Arabic aside, whose other spellings are looked for: each has hundreds that may be one."""

MOST_LETTERS: Final = 64
"""Letters of these words: the longer a word is, the more it costs."""

MOST_WORDS: Final = 4
"""Words side by side that are one in another spelling: نتن ياهو, صلى الله عليه وسلم."""


def respelled(node: Node, others: Others, of_phrase: Others) -> Node:
    """The tree with a `Spelled` in place of each plain word that has other spellings, and phrases with theirs.

    Exact forms, wildcards, near spellings and roots stay what they are: they ask for what was typed. So do names behind
    the first `MOST_UNKNOWN`.
    """
    bounded = _Bounded(others)
    return _replaced(node, lambda words: _run(words, bounded), lambda leaf: _respelled_leaf(leaf, bounded, of_phrase))


class _Bounded:
    """The other spellings of words, as long as few enough unknown ones are among them."""

    def __init__(self, others: Others) -> None:
        self._others = others
        self._unknown: dict[str, bool] = {}  # whether there was room for it
        self._known: set[str] = set()
        self._letters = 0

    def __call__(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        budget.check()
        each = [self._has_room(word) for word in words]
        return self._others(words) if all(each) else ()

    def _has_room(self, word: str) -> bool:
        if word in self._known:
            return True
        if word not in self._unknown:
            if word[0].isdecimal() or (not word.isascii() and is_known(word)):
                self._known.add(word)
                return True
            self._letters += len(word)
            self._unknown[word] = len(self._unknown) < MOST_UNKNOWN and self._letters <= MOST_LETTERS
        return self._unknown[word]


def together(node: Node, are_one: Callable[[tuple[str, ...]], bool]) -> Node:
    """The tree with a `Spelled` in place of each run of plain words that are one: the letters of an abbreviation."""

    def nodes_of(words: tuple[str, ...]) -> list[Node]:
        nodes: list[Node] = []
        at = 0
        while at < len(words):
            runs = (words[at : at + count] for count in range(min(MOST_WORDS, len(words) - at), 1, -1))
            run = next(filter(are_one, runs), words[at : at + 1])
            nodes.append(Spelled(run, ()) if len(run) > 1 else Word(run[0]))
            at += len(run)
        return nodes

    return _replaced(node, nodes_of, lambda leaf: leaf)


def _respelled_leaf(node: Node, others: Others, of_phrase: Others) -> Node:
    match node:
        case Phrase() | InField(child=Phrase()):
            return _phrase(node, of_phrase)
        case InField(field=FieldName.TITLE, child=Word(text=text)):
            found = others((text,))
            return replace(node, child=Spelled((text,), found)) if found else node
    return node


def _replaced(node: Node, nodes_of: Callable[[tuple[str, ...]], list[Node]], of_leaf: Callable[[Node], Node]) -> Node:
    """The tree with other nodes for its plain words, those side by side together, and for its other leaves."""
    match node:
        case Word():
            return all_of(nodes_of((node.text,)))
        case Not() | Required():
            return replace(node, child=_replaced(node.child, nodes_of, of_leaf))
        case Or():
            return Or(tuple(_replaced(child, nodes_of, of_leaf) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, lambda child: isinstance(child, Word)):
                if is_word:
                    children += nodes_of(tuple(word.text for word in group if isinstance(word, Word)))
                else:
                    children += (_replaced(child, nodes_of, of_leaf) for child in group)
            return all_of(children)
    return of_leaf(node)


def _phrase(node: Phrase | InField, of_phrase: Others) -> Node:
    if isinstance(node, Phrase):
        return replace(node, others=of_phrase(node.words))
    if node.field is FieldName.TITLE and isinstance(node.child, Phrase):
        return replace(node, child=replace(node.child, others=of_phrase(node.child.words)))
    return node


def _run(words: tuple[str, ...], others: Others) -> list[Node]:
    """The nodes of words side by side; of the longest runs of them that have other spellings, the first."""
    nodes: list[Node] = []
    at = 0
    while at < len(words):
        for count in range(min(MOST_WORDS, len(words) - at), 0, -1):
            typed = words[at : at + count]
            if found := others(typed):
                nodes.append(Spelled(typed, found))
                break
        else:
            count = 1
            nodes.append(Word(words[at]))
        at += count
    return nodes


def as_typed(node: Node) -> Node:
    """The tree without other spellings: what the parser made."""
    match node:
        case Phrase():
            return replace(node, others=())
        case InField(child=Phrase() as phrase):
            return replace(node, child=replace(phrase, others=()))
        case Spelled():
            return all_of(_words(node))
        case InField(child=Spelled(typed=(text,))):
            return replace(node, child=Word(text))
        case Not() | Required():
            return replace(node, child=as_typed(node.child))
        case Or():
            return Or(tuple(map(as_typed, node.children)))
        case And():
            children: list[Node] = []
            for child in node.children:
                children += _words(child) if isinstance(child, Spelled) else (as_typed(child),)
            return And(tuple(children))
    return node


def spelled_words(node: Node) -> Iterator[Spelled]:
    """What of a query has other spellings, in its order; nothing of what it excludes."""
    match node:
        case Spelled():
            if node.others:
                yield node
        case InField(child=Spelled() as inner):
            yield inner
        case Required():
            yield from spelled_words(node.child)
        case Or() | And():
            for child in node.children:
                yield from spelled_words(child)


def _words(node: Spelled) -> list[Node]:
    return [*map(Word, node.typed)]
