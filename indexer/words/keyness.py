"""How typical a word is of a set of articles: log-likelihood, which says how certain, and the log ratio, how strong.

Both compare in how many articles of the set a word is with how many of all others have it. Counting articles and not
occurrences keeps one long article from deciding.

Sources: T. Dunning, "Accurate methods for the statistics of surprise and coincidence", Computational Linguistics 19
(1993); A. Hardie, "Log Ratio: an informal introduction" (2014), http://cass.lancs.ac.uk/log-ratio-an-informal-introduction/.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log2
from typing import Final

LEAST_CERTAINTY: Final = 15.13
"""Log-likelihood of a chance of 1 in 10,000 (chi-squared with one degree of freedom).

Hundreds of words are compared for one set. At 1 in 20, the usual limit, dozens would be listed by chance.
"""

LEAST_RATIO: Final = 1.0
"""Log ratio of a word twice as frequent in the set as elsewhere."""

_ABSENT: Final = 0.5  # articles that a word is counted in where none has it, so that the ratio is finite


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles have a word, in a set and in the whole archive, and how many there are in each."""

    found: int
    articles: int
    found_in_archive: int
    articles_in_archive: int

    @property
    def log_likelihood(self) -> float:
        """G² of the table of articles with and without the word, in the set and outside."""
        inside, outside = self.articles, self.articles_in_archive - self.articles
        elsewhere = self.found_in_archive - self.found
        whole = self.articles_in_archive
        total = 0.0
        for observed, of, having in (
            (self.found, inside, self.found_in_archive),
            (elsewhere, outside, self.found_in_archive),
            (inside - self.found, inside, whole - self.found_in_archive),
            (outside - elsewhere, outside, whole - self.found_in_archive),
        ):
            if observed > 0:
                total += observed * log(observed * whole / (of * having))
        return max(0.0, 2 * total)

    @property
    def log_ratio(self) -> float:
        """The binary logarithm of how many times more frequent the word is in the set; 1 is twice, 2 four times."""
        outside = self.articles_in_archive - self.articles
        if not self.articles or not outside:
            return 0.0
        elsewhere = max(self.found_in_archive - self.found, _ABSENT)
        return log2(max(self.found, _ABSENT) / self.articles) - log2(elsewhere / outside)

    @property
    def is_typical(self) -> bool:
        """Whether the word is surely, and at least twice, as frequent in the set as elsewhere."""
        return self.log_likelihood >= LEAST_CERTAINTY and self.log_ratio >= LEAST_RATIO
