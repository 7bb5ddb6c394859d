"""Where words are and how they fold, as `corpus` says it: near-duplicates and the index go by the same rules."""

from __future__ import annotations

from corpus import letters, tokenizer

FOLDING_STEPS = letters.FOLDING_STEPS
INVISIBLE = letters.INVISIBLE
MARKS = letters.MARKS
MAY_BECOME = letters.MAY_BECOME
MAX_RUN = tokenizer.MAX_RUN
WORD = tokenizer.WORD
fold = letters.fold
OF_WORDS = tokenizer.OF_WORDS
