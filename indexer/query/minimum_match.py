"""Minimum match: which parts of a query an article must have to match (`match=all|most|any`).

A part is a word, a phrase or a bracketed group. Its weight is its inverse document frequency, that of all forms of its
words; a part that no article has weighs nothing. An article matches

- `all`: with every part;
- `most`: with parts of at least `MINIMUM_SHARE` of the weight of all. Of two words the rarer one alone may be enough;
- `any`: with one part of any weight.

A query of one part is the same in each mode. A share of the weight takes the place of a share of the number of words
(`minimum_should_match`), since a common word says less than a rare one. Source of the figure:
docs/decisions/081-match-set.md.
"""

from __future__ import annotations

from typing import Final

MINIMUM_SHARE: Final = 0.6
"""The share of the weight of all parts that an article must have in the mode `most`."""

ROUNDING: Final = 1e-6
"""Relative error of a sum of weights in single precision: a share that is just reached is enough."""


def minimum_weight(total: float) -> float:
    """The weight that an article's parts must add up to in the mode `most`.

    >>> minimum_weight(10.0) <= 6.0 < minimum_weight(10.1)
    True
    """
    return MINIMUM_SHARE * total * (1 - ROUNDING)


def is_indispensable(weight: float, total: float) -> bool:
    """Whether a part is required in the mode `most`, as all other parts together are not enough."""
    return weight > total - minimum_weight(total)
