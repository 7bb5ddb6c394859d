"""Whether a word is an ordinary Arabic one, by its shape: three consonants and the vowels of Arabic patterns."""

from __future__ import annotations

from indexer.analysis import stemmer
from indexer.analysis.letters import fold
from indexer.analysis.transcription import looks_arabic


def is_known(printed: str) -> bool:
    """Whether this is an ordinary Arabic word, and no name."""
    return looks_arabic(fold(printed))


def is_name(form: str) -> bool:
    """Whether a folded form, without clitics, is a name."""
    return stemmer.is_name(stemmer.stem(form))
