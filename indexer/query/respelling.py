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
    return _respelled(node, _Bounded(others), of_phrase)


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


def _respelled(node: Node, others: Others, of_phrase: Others) -> Node:
    match node:
        case Phrase() | InField(child=Phrase()):
            return _phrase(node, of_phrase)
        case Word():
            return all_of(_run((node.text,), others))
        case InField(field=FieldName.TITLE, child=Word(text=text)):
            found = others((text,))
            return replace(node, child=Spelled((text,), found)) if found else node
        case Not() | Required():
            return replace(node, child=_respelled(node.child, others, of_phrase))
        case Or():
            return Or(tuple(_respelled(child, others, of_phrase) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, lambda child: isinstance(child, Word)):
                if is_word:
                    children += _run(tuple(word.text for word in group if isinstance(word, Word)), others)
                else:
                    children += (_respelled(child, others, of_phrase) for child in group)
            return all_of(children)
    return node


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
