"""Multiword units: words that mean something only side by side, by their letters alone.

- Abbreviations: their letters one by one (أ ف ب, U N), or letters and a number (F 16).
- Names of two words, of which the first begins names (عبد, أبو, أم, بن, ذو …) or the second ends them (الله, الدين,
  الرحمن).
- Ligatures, one character that stands for several words (ﷺ).

Which of them an archive prints in one word or two is decided in `indexer.spellings.compounds`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

from corpus import letters
from indexer.analysis.analyzer import stop_words

NAME_ENDINGS: Final = ("الله", "الدين", "الرحمن")
"""Forms that end names of two words."""

ATTACHED_CLITICS: Final = frozenset(("ال", "وال", "بال", "فال", "كال", "لل", "ول", "فل", "وب", "فب", "سي", "وس"))
"""Chains of clitics that are never a word, as forms."""

_NAME_BEGINNING: Final = re.compile("([وفبكل]?)(عبد|ابو|ابا|ابي|ابن|بن|ام|ذو|ذي|ذا)")
_SURE_BEGINNINGS: Final = ("عبد", "ابو", "ابا", "ابي")
_SHORTEST_SECOND: Final = 3  # letters of the second word of a name
_SHORT_LATIN: Final = re.compile("[a-z]{1,3}")


def is_abbreviation(words: Sequence[str]) -> bool:
    """Whether words side by side are the letters of an abbreviation, or letters and a number: أ ف ب, F 16."""
    forms = tuple(map(letters.fold, words))
    if stop_words().issuperset(words) or (len(words[0]) > 1 and forms[0] in stop_words()):
        return False  # y a; de 2017
    if all(len(form) == 1 and form.isalpha() for form in forms):
        return True
    return len(forms) == 2 and bool(_SHORT_LATIN.fullmatch(forms[0])) and forms[1].isdecimal()


def is_compound_name(first: str, second: str) -> bool:
    """Whether two forms are a name of two words, as one of them shows."""
    if second in NAME_ENDINGS:
        return first not in ATTACHED_CLITICS
    return name_beginning(first) is not None and len(second) >= _SHORTEST_SECOND and second not in stop_words()


def is_sure_name(first: str, second: str) -> bool:
    """Whether a name of two words has a part that is hardly ever anything other than part of a name."""
    return second in NAME_ENDINGS or first.endswith(_SURE_BEGINNINGS)


def name_beginning(form: str) -> str | None:
    """The beginning of names that a form is, without its clitic; None for any other form."""
    begins = _NAME_BEGINNING.fullmatch(form)
    return begins[2] if begins else None


def strip_clitic(first: str, second: str) -> tuple[str, str]:
    """A name of two words without a clitic before it."""
    return name_beginning(first) or first, second


def adjacent_forms(words: Sequence[str]) -> tuple[str, ...] | None:
    """The forms of words that match only side by side; None for words that match anywhere.

    Those of an abbreviation, and of a name of two words, whose clitic is stripped.
    """
    forms = tuple(map(letters.fold, words))
    if len(forms) < 2 or is_abbreviation(words):
        return forms if len(forms) > 1 else None
    return strip_clitic(forms[0], forms[1]) if len(forms) == 2 and is_compound_name(*forms) else None


def ligature_words(word: str) -> list[str]:
    """The words that one character stands for; none for any other word."""
    if word.isascii() or len(word) != 1:
        return []
    parts = letters.WORD.findall(unicodedata.normalize("NFKC", word))
    return parts if len(parts) > 1 else []


@cache
def ligature_forms() -> frozenset[str]:
    """The forms of all ligatures of several words."""
    return frozenset(letters.fold(chr(code)) for code in range(0xFDF0, 0xFDFE) if ligature_words(chr(code)))
