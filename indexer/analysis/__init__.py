"""Arabic analysis: from printed text to terms.

>>> from indexer.analysis import analyze
>>> [(t.terms.form, t.terms.stem, t.terms.root) for t in analyze("وبالمُفاوَضاتِ")]
[('وبالمفاوضات', 'مفاوض', 'فوض')]
"""

from indexer.analysis.analyzer import (
    ANALYSIS_VERSION,
    MAX_TERM_LENGTH,
    Level,
    Terms,
    Token,
    analyze,
    analyze_each,
    analyze_word,
    analyze_words,
    explain,
    known_terms,
    stop_words,
)
from indexer.analysis.distance import distance
from indexer.analysis.letters import INVISIBLE, MARKS, OF_WORDS, WORD, fold
from indexer.analysis.roots import root
from indexer.analysis.stemmer import stem

__all__ = [
    "ANALYSIS_VERSION",
    "INVISIBLE",
    "MARKS",
    "MAX_TERM_LENGTH",
    "OF_WORDS",
    "WORD",
    "Level",
    "Terms",
    "Token",
    "analyze",
    "analyze_each",
    "analyze_word",
    "analyze_words",
    "distance",
    "explain",
    "fold",
    "known_terms",
    "root",
    "stem",
    "stop_words",
]
