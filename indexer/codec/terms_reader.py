"""Whoosh's view of a segment's terms: statistics, iteration, cursors, and the way to their postings."""

from __future__ import annotations

from collections.abc import Iterator, KeysView
from functools import cached_property
from itertools import count
from typing import Any, Final

from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.fields import FieldType
from whoosh.formats import Format
from whoosh.reading import TermInfo, TermNotFound

from indexer.codec.matcher import ColumnarMatcher
from indexer.codec.postings import FieldPostings, SegmentPostings

_AT_ONCE: Final = 512

Term = tuple[str, bytes]


class ColumnarTermInfo(TermInfo):  # type: ignore[misc]  # Whoosh's base class is untyped
    """What is known of a term in a segment, each fact found when first asked for.

    These are the attributes of Whoosh's class, which its methods read, and to which its readers of several segments
    write (adding to the first and last document's number).
    """

    def __init__(self, field: FieldPostings, number: int) -> None:
        self.field = field
        self.number = number

    @cached_property
    def _weight(self) -> float:
        return self.field.collection_weight(self.number)

    @cached_property
    def _df(self) -> int:
        return self.field.frequency(self.number)

    @cached_property
    def _minlength(self) -> int:
        return self.field.length_bounds(self.number)[0]

    @cached_property
    def _maxlength(self) -> int:
        return self.field.length_bounds(self.number)[1]

    @cached_property
    def _maxweight(self) -> float:
        return float(self.field.weights(self.number).max())

    @cached_property
    def _minid(self) -> int:
        return int(self.field.docs(self.number)[0])

    @cached_property
    def _maxid(self) -> int:
        return int(self.field.docs(self.number)[-1])


class ColumnarTermsReader(TermsReader):  # type: ignore[misc]  # Whoosh's base class is untyped
    """The terms of a segment.

    Args:
        postings: the segment's; this closes it.
        block_size: postings that Whoosh's matchers weigh together.
    """

    def __init__(self, postings: SegmentPostings, block_size: int) -> None:
        self.postings = postings
        self._block_size = block_size

    def __contains__(self, term: Term) -> bool:
        field = self.postings.fields.get(term[0])
        return field is not None and field.find(term[1]) >= 0

    def indexed_field_names(self) -> KeysView[str]:
        """The fields that have terms."""
        return self.postings.fields.keys()

    def cursor(self, fieldname: str, fieldobj: FieldType) -> ColumnarCursor:
        """A cursor over the terms of a field."""
        return ColumnarCursor(self.postings.fields.get(fieldname), fieldobj)

    def terms(self) -> Iterator[Term]:
        """All terms as (field, term), sorted."""
        return (term for term, _, _ in self._numbered())

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms from one on, through the following fields too."""
        return (term for term, _, _ in self._numbered_from(fieldname, prefix))

    def items(self) -> Iterator[tuple[Term, ColumnarTermInfo]]:
        """All terms and what is known of them."""
        return ((term, ColumnarTermInfo(field, number)) for term, field, number in self._numbered())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, ColumnarTermInfo]]:
        """As `items`, from one term on."""
        found = self._numbered_from(fieldname, prefix)
        return ((term, ColumnarTermInfo(field, number)) for term, field, number in found)

    def term_info(self, fieldname: str, text: bytes) -> ColumnarTermInfo:
        """What is known of a term.

        Raises:
            TermNotFound: it is not in this segment.
        """
        field = self.postings.fields.get(fieldname)
        number = -1 if field is None else field.find(text)
        if field is None or number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return ColumnarTermInfo(field, number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """The sum of a term's weights.

        Raises:
            KeyError: it is not in this segment (and no `TermNotFound`: Whoosh's readers rely on it).
        """
        return float(self._known(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Documents with a term.

        Raises:
            KeyError: as `frequency`.
        """
        return int(self._known(fieldname, text).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> ColumnarMatcher:
        """A matcher over a term's postings.

        Raises:
            TermNotFound: it is not in this segment.
        """
        info = self.term_info(fieldname, text)
        return ColumnarMatcher(info.field, info.number, format_, (fieldname, text), scorer, self._block_size)

    def close(self) -> None:
        """Lets go of the file."""
        self.postings.close()

    def _known(self, fieldname: str, text: bytes) -> ColumnarTermInfo:
        try:
            return self.term_info(fieldname, text)
        except TermNotFound as error:
            raise KeyError((fieldname, text)) from error

    def _numbered(self) -> Iterator[tuple[Term, FieldPostings, int]]:
        for name, field in self.postings.fields.items():
            yield from _numbered_terms(name, field, 0)

    def _numbered_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, FieldPostings, int]]:
        if fieldname not in self.postings.fields:
            return
        for name, field in self.postings.fields.items():
            if name >= fieldname:
                yield from _numbered_terms(name, field, field.lower_bound(prefix) if name == fieldname else 0)


class ColumnarCursor(FieldCursor):  # type: ignore[misc]  # Whoosh's base class is untyped
    """Walks the terms of a field, or of none; it stands on the first."""

    def __init__(self, field: FieldPostings | None, fieldobj: FieldType) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._count = 0 if field is None else field.term_count
        self._number = 0

    def first(self) -> Any:
        """Goes to the first term, and returns it."""
        self._number = 0
        return self.text()

    def find(self, term: str | bytes) -> Any:
        """Goes to the first term that is not before one, and returns it."""
        wanted = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._number = self._count if self._field is None else self._field.lower_bound(wanted)
        return self.text()

    def next(self) -> Any:
        """Goes to the next term, and returns it."""
        self._number = min(self._number + 1, self._count)
        return self.text()

    def text(self) -> Any:
        """The term, as the field has it; None past the last."""
        if self._field is None or self._number >= self._count:
            return None
        return self._fieldobj.from_bytes(self._field.term(self._number))

    def term_info(self) -> ColumnarTermInfo | None:
        """What is known of the term; None past the last."""
        if self._field is None or self._number >= self._count:
            return None
        return ColumnarTermInfo(self._field, self._number)

    def is_valid(self) -> bool:
        """Whether it stands on a term."""
        return self._number < self._count


def _numbered_terms(name: str, field: FieldPostings, first: int) -> Iterator[tuple[Term, FieldPostings, int]]:
    for start in range(first, field.term_count, _AT_ONCE):
        for number, term in zip(count(start), field.terms(start, start + _AT_ONCE), strict=False):
            yield (name, term), field, number
