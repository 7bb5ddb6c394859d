"""Folding: the many spellings of one printed word become one *form*.

The rules, in the order they are applied (`FOLDING_STEPS`); each word passes through all of them:

1. compatibility   presentation forms and ligatures to plain letters (Unicode NFKC): ﻻ → لا, ﷲ → الله
2. marks           harakat, shadda, dagger alef (U+0670), Quranic signs, tatweel, joiners and bidi marks off
3. foreign letters Persian, Urdu and loan letters to the Arabic ones: ی ے → ي, ک گ → ك, ہ ھ → ه, پ → ب, چ → ج, ڤ → ف
4. alef            أ إ آ ٱ → ا
5. alef maqsura    ى → ي, wherever it stands (إلى → الي, never الا); final ىء is a misspelt ئ
6. ta marbuta      ة → ه
7. hamza           seated and lone hamza are one letter: ؤ ئ ء → ء, so that مسؤول is مسئول and شؤون is شئون
8. digits          Arabic-Indic and Persian digits to 0-9; thousands separators out: ١٬٢٥٠ → 1250
9. Latin           lower case, accents off: Évian → evian

Folding is idempotent. PyArabic supplies the named characters and the classes of marks; where its functions differ
from these rules (`normalize_alef` makes ى an ا, `normalize_hamza` makes إلى ءلى, `strip_tashkeel` leaves U+0670)
they are not used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from pyarabic import araby

MARKS: Final = (
    "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
"""Body of a regular-expression class: combining marks of Arabic and Latin script."""

INVISIBLE: Final = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Body of a regular-expression class: joiners, soft hyphens and direction marks, which print as nothing."""

_MARK_OR_INVISIBLE = re.compile(f"[{MARKS}{INVISIBLE}{araby.TATWEEL}]")
_FINAL_MISSPELT_HAMZA = re.compile(f"{araby.ALEF_MAKSURA}{araby.HAMZA}$")
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:[,\u066c]\d{3})+(?:[.\u066b]\d+)?")
_LATIN = re.compile(r"[^\W\d_]")
_FOREIGN = str.maketrans(
    {
        "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ۓ": "ي", "ێ": "ي",
        "ک": "ك", "گ": "ك", "ڭ": "ك", "ڪ": "ك", "ڬ": "ك",
        "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه",
        "پ": "ب", "چ": "ج", "ڤ": "ف", "ڥ": "ف", "ڨ": "ق", "ژ": "ز", "ۆ": "و", "ۇ": "و", "ۋ": "و", "ڵ": "ل", "ڕ": "ر",
    }
)  # fmt: skip
_ALEF = str.maketrans(dict.fromkeys(
    (araby.ALEF_HAMZA_ABOVE, araby.ALEF_HAMZA_BELOW, araby.ALEF_MADDA, araby.ALEF_WASLA, "ٲ", "ٳ", "ٵ"), araby.ALEF
))  # fmt: skip
_HAMZA = str.maketrans(dict.fromkeys((araby.WAW_HAMZA, araby.YEH_HAMZA, "ٶ", "ٸ"), araby.HAMZA))
_ARABIC_SCRIPT = re.compile("[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff]")


def _compatibility(word: str) -> str:
    # NFKC gives spaced marks and, for U+FDFA, four words: one token stays one term.
    return word if word.isascii() else "".join(unicodedata.normalize("NFKC", word).split())


def _strip_marks(word: str) -> str:
    return _MARK_OR_INVISIBLE.sub("", word)


def _foreign_letters(word: str) -> str:
    return word.translate(_FOREIGN)


def _alef(word: str) -> str:
    return word.translate(_ALEF)


def _alef_maqsura(word: str) -> str:
    return _FINAL_MISSPELT_HAMZA.sub(araby.HAMZA, word).replace(araby.ALEF_MAKSURA, araby.YEH)


def _ta_marbuta(word: str) -> str:
    return word.replace(araby.TEH_MARBUTA, araby.HEH)


def _hamza(word: str) -> str:
    return word.translate(_HAMZA)


def _digits(word: str) -> str:
    if word.isalpha():
        return word
    ascii_digits = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in word)
    if _GROUPED_NUMBER.fullmatch(ascii_digits):
        ascii_digits = ascii_digits.replace(",", "").replace("\u066c", "")
    return ascii_digits.replace("\u066b", ".")


def _latin(word: str) -> str:
    if word.isascii():
        return word.lower()
    if _ARABIC_SCRIPT.search(word) or not _LATIN.search(word):
        return word
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    # Case folding can leave compatibility characters behind; NFKC keeps the step idempotent.
    return unicodedata.normalize("NFKC", plain)


FOLDING_STEPS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("compatibility", _compatibility),
    ("marks", _strip_marks),
    ("foreign letters", _foreign_letters),
    ("alef", _alef),
    ("alef maqsura", _alef_maqsura),
    ("ta marbuta", _ta_marbuta),
    ("hamza", _hamza),
    ("digits", _digits),
    ("latin", _latin),
)


# Most words are plain letters and harakat: for them all the steps together are one table. Half are folded already.
_FOLDED = re.compile("[ابت-غف-وي]+")
_PLAIN = re.compile(f"[{araby.HAMZA}-{araby.GHAIN}{araby.TATWEEL}-{araby.YEH}{araby.FATHATAN}-{araby.SUKUN}]+")
_ALL = (
    dict.fromkeys(map(ord, (*map(chr, range(0x64B, 0x653)), araby.TATWEEL)))
    | _ALEF
    | _HAMZA
    | {ord(araby.ALEF_MAKSURA): araby.YEH, ord(araby.TEH_MARBUTA): araby.HEH}
)


def fold(word: str) -> str:
    """The form of one printed word; empty when nothing but marks was printed. Never raises."""
    if _FOLDED.fullmatch(word):
        return word
    if _PLAIN.fullmatch(word) and not word.endswith(araby.HAMZA):
        return word.translate(_ALL)
    for _, step in FOLDING_STEPS:
        word = step(word)
    return word
