"""Arabic analysis: from printed text to terms.

>>> from indexer.analysis import analyze
>>> [(t.terms.form, t.terms.stem) for t in analyze("وبالمُفاوَضاتِ")]
[('وبالمفاوضات', 'مفاوض')]
"""

from indexer.analysis.analyzer import (
    ANALYSIS_VERSION,
    MAX_TERM_LENGTH,
    Level,
    Terms,
    Token,
    analyze,
    analyze_word,
    analyze_words,
    explain,
    stop_words,
)
from indexer.analysis.distance import distance
from indexer.analysis.letters import INVISIBLE, MARKS, fold
from indexer.analysis.stemmer import stem
from indexer.analysis.tokenizer import WORD

__all__ = [
    "ANALYSIS_VERSION",
    "INVISIBLE",
    "MARKS",
    "MAX_TERM_LENGTH",
    "WORD",
    "Level",
    "Terms",
    "Token",
    "analyze",
    "analyze_word",
    "analyze_words",
    "distance",
    "explain",
    "fold",
    "stem",
    "stop_words",
]
