"""Which places of a printed text a query meets: for snippets, titles and whole articles."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.analysis import Terms, Token, analyze, analyze_words
from indexer.query import And, FieldName, InField, Node, Or, Phrase, Word


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end]` meets the query's item number `item`; `weight` is 1 for the very form, less for a stem."""

    start: int
    end: int
    item: int
    weight: float


_STEM_WEIGHT = 0.7


class Marker:
    """Finds what meets the words and phrases of one query; what the query excludes is not marked."""

    def __init__(self, node: Node) -> None:
        items = _items(node)
        # Stop words are marked only when the user asked for nothing else.
        words = [terms for terms in items if isinstance(terms, Terms)]
        if any(terms.stem is not None for terms in words) or len(words) < len(items):
            items = [item for item in items if not isinstance(item, Terms) or item.stem is not None]
        self._forms: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._phrases: list[tuple[tuple[str, ...], int]] = []
        for number, item in enumerate(items):
            if isinstance(item, Terms):
                self._forms.setdefault(item.form, number)
                if item.stem is not None:
                    self._stems.setdefault(item.stem, number)
            else:
                self._phrases.append((item, number))

    def __bool__(self) -> bool:
        return bool(self._forms or self._phrases)

    def marks(self, text: str) -> list[Mark]:
        """The places of `text` that meet the query, in order, none overlapping another."""
        if not self:
            return []
        tokens = analyze(text)
        found = [mark for token in tokens if (mark := self._word_mark(token))]
        for forms, item in self._phrases:
            found.extend(_phrase_marks(tokens, forms, item))
        # The longer of two that begin together is the phrase, which holds the word.
        found.sort(key=lambda mark: (mark.start, -mark.end))
        apart: list[Mark] = []
        for mark in found:
            if not apart or mark.start >= apart[-1].end:
                apart.append(mark)
        return apart

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """As `marks`: the (start, end) character offsets alone."""
        return tuple((mark.start, mark.end) for mark in self.marks(text))

    def _word_mark(self, token: Token) -> Mark | None:
        item = self._forms.get(token.terms.form)
        if item is not None:
            return Mark(token.start, token.end, item, 1.0)
        if token.terms.stem is not None and (item := self._stems.get(token.terms.stem)) is not None:
            return Mark(token.start, token.end, item, _STEM_WEIGHT)
        return None


def _items(node: Node) -> list[Terms | tuple[str, ...]]:
    """The words (as terms) and phrases (as forms) that the query looks for in titles and bodies."""
    if isinstance(node, Word):
        return [terms for terms in analyze_words(node.text) if terms.form]
    if isinstance(node, Phrase):
        forms = tuple(terms.form for word in node.words for terms in analyze_words(word) if terms.form)
        return [forms] if forms else []
    if isinstance(node, InField):
        return _items(node.child) if node.field is FieldName.TITLE else []
    if isinstance(node, (And, Or)):
        return [item for child in node.children for item in _items(child)]
    return []


def _phrase_marks(tokens: list[Token], forms: tuple[str, ...], item: int) -> list[Mark]:
    # Tokens of marks alone have no form and no place in a phrase; the index counts them as a position all the same.
    return [
        Mark(tokens[at].start, tokens[at + len(forms) - 1].end, item, 1.0 * len(forms))
        for at in range(len(tokens) - len(forms) + 1)
        if tokens[at].terms.form == forms[0]
        and all(tokens[at + offset].terms.form == form for offset, form in enumerate(forms))
    ]
