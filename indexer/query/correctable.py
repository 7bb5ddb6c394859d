"""The plain words of a query that may be corrected: those side by side together, since a correction may join or part
them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from indexer.query.ast import And, Node, Or, Required, Word
from indexer.query.simplify import all_of


def word_runs(node: Node) -> Iterator[tuple[str, ...]]:
    """The plain words of a query as typed, each run of neighbours together; none of phrases, fields or exclusions."""
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


def with_runs(node: Node, better: Mapping[tuple[str, ...], tuple[str, ...]]) -> Node:
    """The tree with other words in place of some of its runs."""
    match node:
        case Word():
            return all_of([*map(Word, better.get((node.text,), (node.text,)))])
        case Required():
            return Required(with_runs(node.child, better))
        case Or():
            return replace(node, children=tuple(with_runs(child, better) for child in node.children))
        case And():
            children: list[Node] = []
            for is_word, group in groupby(node.children, _is_word):
                if is_word:
                    run = _texts(group)
                    children += map(Word, better.get(run, run))
                else:
                    children += (with_runs(child, better) for child in group)
            return all_of(children)
    return node


def _is_word(node: Node) -> bool:
    return isinstance(node, Word)


def _texts(words: Iterable[Node]) -> tuple[str, ...]:
    return tuple(word.text for word in words if isinstance(word, Word))
