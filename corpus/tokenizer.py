"""Where words begin and end in printed text.

A word is a run of Arabic letters with the marks, tatweel and invisible characters between them; or a number with its
separators; or a run of letters and digits of other scripts. Arabic letters and digits part company, so that 2017م
holds 2017. Marks never cut a word, as they do in Whoosh's default pattern.

No word is longer than `MAX_RUN` characters, or some of these with invisible ones between: a longer run is several
words, one behind the other, as in Lucene. So whatever a file holds, a term, a mark and a suggestion stay short.
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

MAX_RUN: Final = 255
"""Letters and marks, or digits, that a word may hold in a row: the longest word of real news has 40."""

_MORE: Final = MAX_RUN - 1
_PARTS: Final = 16  # of a word, between invisible characters, or between the separators of a number

WORD: Final = re.compile(
    f"[{_ARABIC}][{_ARABIC}{MARKS}]{{0,{_MORE}}}"
    f"(?:[{INVISIBLE}]{{1,{_PARTS}}}[{_ARABIC}][{_ARABIC}{MARKS}]{{0,{_MORE}}}){{0,{_PARTS}}}"
    rf"|\d{{1,{MAX_RUN}}}(?:[.,\u066b\u066c]\d{{1,{MAX_RUN}}}){{0,{_PARTS}}}(?!{_OTHER})"
    f"|{_OTHER}(?:{_OTHER}|[{MARKS}]){{0,{_MORE}}}"
)
"""Matches one word; `WORD.finditer(text)` gives the offsets. Takes time linear in the text."""

OF_WORDS: Final = re.compile(rf"[{_ARABIC}{MARKS}{INVISIBLE}.,\u066b\u066c]|[^\W_]")
"""Matches a character that a word may hold. Any other ends a word, and what is behind it decides nothing before it: a
text that is cut at such characters first has the same words."""
