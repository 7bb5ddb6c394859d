"""Which terms a plan's word or pattern stands for, in each segment: by looking them up in the term dictionaries."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from indexer import budget
from indexer.analysis import MAX_TERM_LENGTH
from indexer.plan import Misspelt, Pattern, Terms
from indexer.snapshot import SegmentView, Snapshot
from indexer.vocabulary import MAX_EXPANSION


@dataclass(frozen=True, slots=True)
class Expansion:
    """The numbers of the terms in each segment, ascending; `cut` when there were more than `MAX_EXPANSION`."""

    numbers: tuple[np.ndarray, ...]
    cut: bool

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(int(numbers.nbytes) for numbers in self.numbers)


def expand(plan: Terms | Pattern | Misspelt, snapshot: Snapshot) -> Expansion:
    """The terms that a plan stands for; of too many the most frequent of each segment."""
    found = [_numbers(plan, segment) for segment in snapshot.segments]
    kept = tuple(
        _most_frequent(plan.field, numbers, segment) for numbers, segment in zip(found, snapshot.segments, strict=True)
    )
    return Expansion(kept, any(len(numbers) > MAX_EXPANSION for numbers in found))


def _numbers(plan: Terms | Pattern | Misspelt, segment: SegmentView) -> np.ndarray:
    budget.check()
    field = segment.field(plan.field)
    match plan:
        case Terms():
            found = (field.find(term[:MAX_TERM_LENGTH].encode("utf-8", "surrogatepass")) for term in plan.terms)
            return np.array(sorted({number for number in found if number >= 0}), np.int64)
        case Misspelt():
            near = segment.vocabulary_of(plan.field).near(plan.form, plan.limit)
            return np.array(sorted(number for number, _, _ in near), np.int64)
    prefix = plan.pattern.rstrip("*")
    if plan.pattern != prefix and not re.search(r"[*?]", prefix):
        first = prefix.encode("utf-8", "surrogatepass")
        return np.arange(field.lower_bound(first), field.lower_bound(first + b"\xff"))
    parts = {"*": r"[^\n]*", "?": r"[^\n]"}
    body = "".join(parts.get(letter) or re.escape(letter) for letter in re.sub(r"\*+", "*", plan.pattern))
    return segment.vocabulary_of(plan.field).like(re.compile(rf"\n{body}(?=\n)"))


def _most_frequent(field_name: str, numbers: np.ndarray, segment: SegmentView) -> np.ndarray:
    if len(numbers) <= MAX_EXPANSION:
        return numbers
    frequencies = segment.field(field_name).doc_frequency[numbers]
    return np.sort(numbers[np.argsort(-frequencies.astype(np.int64), kind="stable")[:MAX_EXPANSION]])
