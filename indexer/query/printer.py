"""Print a query tree as text, in the canonical spelling, which parses as the same tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from indexer.query.ast import (
    And,
    DateRange,
    Everything,
    Exact,
    FieldName,
    Fuzzy,
    InField,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Required,
    Root,
    SpellingVariants,
    Wildcard,
    Word,
)
from indexer.query.dates import bare_date_range
from indexer.query.lexer import FIELDS, OPERATORS, Bound, RootLevel, lex, operator_named
from indexer.query.prose import classify_query
from indexer.query.rewrite import without_variants

_ISOLATE: Final = "\u2068"  # first strong isolate: the text inside takes the direction of its own first letter
_END_OF_ISOLATE: Final = "\u2069"

_ANY_DAY: Final = date(2000, 1, 1)  # printed dates are absolute
_OR: Final = f" {OPERATORS['either'][0]} "


def print_query(node: Node) -> str:
    """The canonical text of a query; `parse_query` parses it as `node` if a parser made that. Empty for `Everything`.

    Phrases are in « », operators and fields have their Arabic names, dates are ISO 8601. An operator query that would
    be read as text is put in brackets. Spelling variants are left out.
    """
    return _printed(without_variants(node), lambda text: text)


def display_query(node: Node) -> str:
    """As `print_query`, with bidi isolates, so that each mark is shown beside its word in lines of either direction.

    The isolates (U+2068, U+2069) are invisible, and the parser ignores them.
    """
    return _printed(without_variants(node), lambda text: f"{_ISOLATE}{text}{_END_OF_ISOLATE}")


def _printed(node: Node, isolate: Callable[[str], str]) -> str:
    if isinstance(node, (Everything, Nothing, Word)):
        return _text(node, isolate)
    if isinstance(node, And) and all(isinstance(child, Word) for child in node.children):
        # In text no word is an operator.
        words = [child.text for child in node.children if isinstance(child, Word)]
        if bare_date_range(words):  # it would parse as a range of dates
            words[0] = isolate(f"\\{words[0]}")
            return " ".join(words)
        return " ".join(words) if _is_text(" ".join(words)) else _text(node, isolate)
    text = _text(node, isolate)
    return isolate(f"({text})") if _is_text(_text(node, str)) else text


def _is_text(printed: str) -> bool:
    return classify_query(printed, lex(printed)[0], _ANY_DAY).is_text


def _text(node: Node, isolate: Callable[[str], str]) -> str:
    match node:
        case Everything():
            return ""
        case Nothing():
            return "«»"
        case Required():
            return isolate("+" + _operand(node.child, (And, Or), isolate))
        case Word():
            # The name of an operator; any mark before it makes it a word.
            return isolate(f"\\{node.text}") if operator_named(node.text) else node.text
        case SpellingVariants():
            return " ".join(node.typed)
        case And():
            return " ".join(_grouped(child, (And, Or), isolate) for child in node.children)
        case Or():
            # A word after a date is put in brackets: it may parse as another date.
            dated = (False, *(isinstance(child, DateRange) for child in node.children))
            return _OR.join(
                _grouped(child, (And, Or, Word) if after_date else (And, Or), isolate)
                for child, after_date in zip(node.children, dated, strict=False)
            )
        case Not():
            return isolate("-" + _operand(node.child, (And, Or, Not), isolate))
        case InField():
            return isolate(f"{_name(node.field)}:{_text(node.child, isolate)}")
        case DateRange():
            return isolate(_dates(node, isolate))
    return isolate(_leaf(node))


def _leaf(node: Phrase | Exact | Root | Wildcard | Fuzzy | Near) -> str:
    match node:
        case Phrase():
            return f"«{' '.join(node.words)}»"
        case Near():
            return f"«{' '.join(node.words)}»~{node.distance}"
        case Exact():
            return f"={node.text}"
        case Root():
            return f"{_name(RootLevel.ROOT)}:{node.text}"
        case Wildcard():
            return node.pattern if node.pattern.isascii() else node.pattern.replace("?", "؟")
        case Fuzzy():
            return f"{node.text}~" if node.distance == 1 else f"{node.text}~{node.distance}"


def _grouped(node: Node, kinds: tuple[type[Node], ...], isolate: Callable[[str], str]) -> str:
    text = _text(node, isolate)
    return isolate(f"({text})") if isinstance(node, kinds) else text


def _operand(node: Node, kinds: tuple[type[Node], ...], isolate: Callable[[str], str]) -> str:
    """The operand of a sign, in brackets if it begins with a digit too: +18 and -5 are numbers."""
    text = _text(node, isolate)
    return isolate(f"({text})") if isinstance(node, kinds) or text.lstrip(_ISOLATE)[:1].isdigit() else text


def _dates(node: DateRange, isolate: Callable[[str], str]) -> str:
    def iso(day: date) -> str:
        return isolate(day.isoformat())

    if node.first and node.last:
        days = iso(node.first) if node.first == node.last else f"{iso(node.first)}..{iso(node.last)}"
        return f"{_name(Bound.ON)}:{days}"
    if node.first:
        return f"{_name(Bound.AFTER)}:{iso(node.first)}"
    return f"{_name(Bound.BEFORE)}:{iso(node.last)}" if node.last else ""


def _name(field: FieldName | RootLevel | Bound) -> str:
    return FIELDS[field][0]
