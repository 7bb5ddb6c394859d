"""BM25 of whole posting lists at once.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse document
frequency that Lucene uses, which is never negative.
"""

from __future__ import annotations

from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

K1: Final = 1.2
B: Final = 0.75


def idf(frequency: float, documents: int) -> float:
    """The inverse document frequency of a term that `frequency` of `documents` documents have."""
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def norms(lengths: np.ndarray, mean_length: float) -> np.ndarray:
    """The length norm of each document, added to the frequency in BM25's denominator; float32[documents].

    Args:
        lengths: number of tokens of the field in each document, [documents].
        mean_length: their mean over all documents of the index.
    """
    norm = lengths.astype(np.float32)
    norm *= np.float32(K1 * B / mean_length) if mean_length else np.float32(0)
    norm += np.float32(K1 * (1 - B))
    return norm


def bm25(weight: float | NDArray[np.float32], frequencies: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """The scores of the postings of one or several terms, float32[postings].

    Args:
        weight: the idf of the term times the weight of its level; for several terms that of each posting, [postings].
        frequencies: occurrences in each document, [postings].
        norm: the `norms` of these documents, float32[postings].
    """
    scores: np.ndarray = np.multiply(frequencies, np.asarray(weight * (K1 + 1), np.float32), dtype=np.float32)
    scores /= frequencies + norm
    return scores
