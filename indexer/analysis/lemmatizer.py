"""Whether a word is an ordinary Arabic one, by its shape: three consonants and the vowels of Arabic patterns."""

from __future__ import annotations

from indexer.analysis.letters import fold
from indexer.analysis.transcription import looks_arabic


def is_known(printed: str) -> bool:
    """Whether this is an ordinary Arabic word, and no name."""
    return looks_arabic(fold(printed))
