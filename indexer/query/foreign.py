"""A question in another language over an Arabic archive: what is required of an article, and what is left to meaning.

`indexer.spellings.foreign_questions` reads it. Its names, by their Arabic spellings, are required, and decide which
articles match; its other words only order hits, by their meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.query.ast import Node, Or, Phrase, SpellingVariants, Word
from indexer.query.compiler import compile_query
from indexer.query.parser import ParsedQuery
from indexer.query.plan import CompiledQuery, Disjunction, Part
from indexer.query.printer import print_query
from indexer.query.simplify import and_of
from indexer.results import Reading, SearchRequest


@dataclass(frozen=True, slots=True)
class ForeignQuestion:
    """A question in another language, by the code of its language; None if no word shows which it is.

    `listed` are names that a list has in Arabic, and numbers; `names` are names by their sound. `others` are words that
    the archive prints, in Latin letters or in an Arabic spelling that may be another word: they add to scores.
    """

    language: str | None
    listed: tuple[Node, ...] = ()
    names: tuple[Node, ...] = ()
    others: tuple[Node, ...] = ()

    @property
    def choices(self) -> tuple[tuple[Node, ...], ...]:
        """What may be required: the next choice if no article has all of the one before. The last is nothing."""
        return tuple(dict.fromkeys(((*self.listed, *self.names), self.listed, ())))


def compile_foreign(
    question: ForeignQuestion, required: Sequence[Node], parsed: ParsedQuery, request: SearchRequest
) -> CompiledQuery:
    """Compile a foreign question: an article matches if it has all of `required`; everything else adds to scores.

    If nothing is required, no article matches.
    """
    everything = _compiled([*question.listed, *question.names, *question.others], request)
    matching = _compiled(required, request)
    if not required:
        nothing = Disjunction(())
        part = Part(print_query(parsed.node), nothing, nothing)
        matching = replace(matching, parts=(part,))
    return replace(
        matching,
        node=and_of([*map(_in_arabic, required)]) if required else parsed.node,
        scored=everything.scored,
        near=everything.near or (Disjunction(()),),  # the nearest in meaning follow in any case
        loose_highlight_terms=everything.loose_highlight_terms,
        spelling_variants=matching.spelling_variants,
        correctable=(),
        warnings=parsed.warnings,
        is_foreign=True,
    )


def typed_name(node: Node) -> str:
    """A name or number as typed."""
    if isinstance(node, Or):
        node = node.children[0]
    return " ".join(node.typed) if isinstance(node, SpellingVariants) else print_query(node)


def _compiled(nodes: Sequence[Node], request: SearchRequest) -> CompiledQuery:
    node = and_of([*nodes])
    return compile_query(ParsedQuery(node, node, Reading.TEXT, prose=False), request)


def _in_arabic(node: Node) -> Node:
    """A required name by its usual Arabic spelling."""
    if isinstance(node, Or):
        node = node.children[0]
    if isinstance(node, SpellingVariants):
        first = node.variants[0]
        return Word(first[0]) if len(first) == 1 else Phrase(first)
    return node
