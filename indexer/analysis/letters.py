"""Where words are and how they fold, as `corpus` says it: near-duplicates and the index go by the same rules."""

from __future__ import annotations

from corpus import letters

FOLDING_STEPS = letters.FOLDING_STEPS
INVISIBLE = letters.INVISIBLE
MARKS = letters.MARKS
MAY_BECOME = letters.MAY_BECOME
MAX_RUN = letters.MAX_RUN
WORD = letters.WORD
fold = letters.fold
OF_WORDS = letters.OF_WORDS
