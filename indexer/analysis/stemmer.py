"""Light stemming: clitics and common endings off a folded form, never the root letters inside.

The rules are those of light10 (Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information Retrieval",
2007) over folded forms:

1. article chains   ال وال فال بال كال وبال فبال وكال لل ولل فلل   when at least three letters stay
2. conjunction      و                                               when at least three letters stay
3. endings          ها ان ات ون ين يه ه ي, each at most once, in this order, when at least two letters stay

A form that is not wholly Arabic letters (a number, a Latin word) is its own stem.
"""

from __future__ import annotations

import re
from typing import Final

_ARTICLE = re.compile("^[وف]?(?:[بك]?ال|لل)(?=.{3})")
_CONJUNCTION = re.compile("^و(?=.{3})")
_ENDINGS: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_MIN_STEM = 2
_ARABIC_WORD = re.compile("[ء-ي]+")


def stem(form: str) -> str:
    """The stem of a folded form. Never raises, never empty for a form that is not."""
    if not _ARABIC_WORD.fullmatch(form):
        return form
    rest, stripped = _ARTICLE.subn("", form)
    if not stripped:
        rest = _CONJUNCTION.sub("", form)
    for ending in _ENDINGS:
        if rest.endswith(ending) and len(rest) - len(ending) >= _MIN_STEM:
            rest = rest[: -len(ending)]
    return rest
