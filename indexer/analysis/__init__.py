"""Arabic analysis: from printed text to terms.

>>> from indexer.analysis import analyze
>>> [(t.terms.form, t.terms.stem, t.terms.root) for t in analyze("وبالمُفاوَضاتِ")]
[('وبالمفاوضات', 'مفاوض', 'فوض')]
"""

from indexer.analysis.analyzer import (
    ANALYSIS_VERSION,
    INVISIBLE,
    MARKS,
    MAX_RUN,
    MAX_TERM_LENGTH,
    MAY_BECOME,
    OF_WORDS,
    WORD,
    Level,
    Terms,
    Token,
    analyze,
    analyze_word,
    analyze_words,
    explain,
    fold,
    stop_words,
)
from indexer.analysis.edit_distance import distance
from indexer.analysis.lemmatizer import is_known, letters_of_lemma, may_be_name
from indexer.analysis.stemmer import (
    PROCLITICS,
    is_listed,
    is_name,
    letters_of_root,
    letters_of_stem,
    root,
    stem,
    word_forms,
)

__all__ = [
    "ANALYSIS_VERSION",
    "INVISIBLE",
    "MARKS",
    "MAX_RUN",
    "MAX_TERM_LENGTH",
    "MAY_BECOME",
    "OF_WORDS",
    "PROCLITICS",
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
    "is_known",
    "is_listed",
    "is_name",
    "letters_of_lemma",
    "letters_of_root",
    "letters_of_stem",
    "may_be_name",
    "root",
    "stem",
    "stop_words",
    "word_forms",
]
