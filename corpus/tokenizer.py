"""Where words begin and end in printed text.

A word is a run of Arabic letters with the marks, tatweel and invisible characters between them; or a number with its
separators; or a run of letters and digits of other scripts. Arabic letters and digits part company, so that 2017م
holds 2017. Marks never cut a word, as they do in Whoosh's default pattern.
"""

from __future__ import annotations

import re
from typing import Final

from corpus.letters import INVISIBLE, MARKS

_ARABIC = (
    "\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f"
    "\u0870-\u0887\u0889-\u088e\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc"
)
_OTHER = f"(?![{_ARABIC}])[^\\W_]"

WORD: Final = re.compile(
    f"[{_ARABIC}][{_ARABIC}{MARKS}]*(?:[{INVISIBLE}]+[{_ARABIC}][{_ARABIC}{MARKS}]*)*"
    rf"|\d+(?:[.,\u066b\u066c]\d+)*(?!{_OTHER})"
    f"|{_OTHER}(?:{_OTHER}|[{MARKS}])*"
)
"""Matches one word; `WORD.finditer(text)` gives the offsets. Takes time linear in the text."""

OF_WORDS: Final = re.compile(rf"[{_ARABIC}{MARKS}{INVISIBLE}.,\u066b\u066c]|[^\W_]")
"""Matches a character that a word may hold. Any other ends a word, and what is behind it decides nothing before it: a
text that is cut at such characters first has the same words."""
