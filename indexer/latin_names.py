"""Names typed in Latin letters."""

from __future__ import annotations

from indexer.lexicon import Lexicon


def arabic_names(words: tuple[str, ...], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """The Arabic spellings of a name."""
    return []
