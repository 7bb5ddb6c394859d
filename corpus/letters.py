"""Letters and words of Arabic text: folding, which gives every spelling of a word one *form*, and tokenization.

The folding rules, in the order they are applied (`FOLDING_STEPS`); each word passes through all of them:

1. compatibility   presentation forms and ligatures to plain letters (Unicode NFKC): ﻻ → لا, ﷲ → الله
2. marks           harakat, shadda, tatweel, joiners, bidi marks and Quranic signs removed; the dagger alef becomes the
                   ا that other texts print (الكتٰب is الكتاب, الصلوٰة is الصلاة), or nothing if they print none
                   (هٰذا, الرحمٰن, موسىٰ); a small ي inside a word becomes ي
3. foreign letters Persian, Urdu, Kurdish, Pashto, Maghrebi and loan letters to the Arabic ones: ی ے → ي, ک گ → ك,
                   ہ ھ → ه, پ → ب, چ → ج, ڤ → ف, ڨ → ق, and Maghrebi ڢ → ف, ڧ → ق
4. alef            أ إ آ ٱ → ا
5. hamza forms     one spelling where print varies: شئ, شىء are شيء; شاطيء, شاطىء are شاطئ; مائة is مئة; at the
                   beginning of a word ءا and ئا are آ (ءامن, الءاخرة; Kurdish ئاراس, ئێران), and القرءان is القرآن
6. alef maqsura    ى → ي everywhere (إلى → الي, never الا)
7. ta marbuta      ة → ه
8. hamza           seated and lone hamza are one letter: ؤ ئ ء → ء, so that مسؤول is مسئول and شؤون is شئون
9. digits          Arabic-Indic and Persian digits to 0-9; thousands separators removed: ١٬٢٥٠, 1,250 and 1.250.000 are
                   1250 and 1250000; the decimal separator is a point: ١٢٫٥ and 12,5 are 12.5. A single point before
                   three digits separates thousands only in .000: 1.000 is 1000, but 1.250 stays, as it may be a dinar
                   and a quarter
10. Latin          lower case, accents removed: Évian → evian

Folding is idempotent. PyArabic supplies the named characters and the classes of marks; its functions are not used where
they differ from these rules (`normalize_alef` turns ى into ا, `normalize_hamza` turns إلى into ءلى, `strip_tashkeel`
leaves U+0670).

A word is a run of Arabic letters with the marks, tatweel and invisible characters between them; or a number with its
separators; or a run of letters and digits of other scripts. Arabic letters and digits are separate words, so that 2017م
contains 2017. Marks never split a word, as they do in Whoosh's default pattern. A run of more than `MAX_RUN` characters
is split into several words, as in Lucene: terms, highlights and suggestions stay short, regardless of what a file
holds.
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
"""Body of a regular-expression class: joiners, soft hyphens and direction marks, which are invisible in print."""

_MARK_OR_INVISIBLE = re.compile(f"[{MARKS}{INVISIBLE}{araby.TATWEEL}]")
_DAGGER: Final = "\u0670"
_SMALL_LETTER = re.compile("[\u0670\u06e5-\u06e7]")
_MARK_BUT_SMALL_LETTERS = re.compile(f"(?![\u0670\u06e7])[{MARKS}{INVISIBLE}{araby.TATWEEL}]")
_SMALL_YEH_INSIDE = re.compile("[\u06e6\u06e7]+(?=.)")
_DAGGER_ALEF = (
    (re.compile(f"(?<=[ىیي]){_DAGGER}$"), ""),  # موسىٰ
    (re.compile(f"و{_DAGGER}(?=ة)|ى{_DAGGER}|و{_DAGGER}ا?$"), araby.ALEF),  # الصلوٰة, التورىٰة, الربوٰا
    (re.compile(f"[اأٱ]?{_DAGGER}+ا?"), araby.ALEF),
)
_PRINTED_WITHOUT_ALEF = re.compile(
    "[وف]?[بكل]?(?:ال|ل)?(?:هذ(?:ا|ه|ان|ين|ي)|هؤلاء|هكذا|ه?ذلك(?:م|ما|ن)?|لكن(?:ي|نا|ه|ها|هم|هما|هن|ك|كم)?|اولئك"
    "|اله(?:ي|نا|ك|كم|ه|ها|هم|ا|ان|ين)?|[عبد]{0,3}(?:ال)?رحمن|طه|يس)|.*لله(?:م)?"
)
"""Words that are printed without the alef that is pronounced in them: their dagger alef becomes nothing."""
_HAMZA_FORMS = (
    (re.compile("(?<=.ا[ء-غف-ي])(?<!^[وف]ا.)(?<!لاش)[يى][ءئؤ]$"), "ء"),
    (re.compile("[يى]+(?=[يى][ءئؤ]$)"), ""),
    (re.compile("^((?:[وف]?[بكل]?ال|[وف]?لل|[وفبكل]?)..?)ى(?=[ءئؤ]$)"), r"\1ي"),
    (re.compile("ى(?=[ءئؤ]$)"), ""),
    (re.compile("^([وف]?[بكل]?(?:ال)?|[وف]?لل)شئ$"), r"\1شيء"),
    (re.compile("مائ(?=ة|ت)"), "مئ"),
    (re.compile("^ئ+ا*(?=..)"), "ا"),
    (re.compile("^((?:[وف]?[بكل]?ال|[وف]?لل)?)[ءئؤ]+(?=ا)"), r"\1"),
    (re.compile("(?<=قر)[ءئؤ]+(?=ان)"), ""),
)
_MAY_VARY = re.compile("[يى][ءئؤ]$|شئ$|مائ[ةت]|^ئ|(?:^|لل|ال|قر)[ءئؤ]+ا")
"""Matches in every word that one of `_HAMZA_FORMS` changes: few words, so that the others cost one search."""
_GROUPED_NUMBER = re.compile(r"\d{1,3}(?:[,\u066c]\d{3})+(?:[.\u066b]\d+)?")
_GROUPED_BY_POINTS = re.compile(r"\d{1,3}(?:(?:\.\d{3}){2,}(?:[,\u066b]\d+)?|\.\d{3}[,\u066b]\d+|\.000)")
_WITH_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_LATIN = re.compile(r"[^\W\d_]")
_FOREIGN = str.maketrans(
    {
        "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ۓ": "ي", "ێ": "ي",
        "ک": "ك", "گ": "ك", "ڭ": "ك", "ڪ": "ك", "ڬ": "ك", "ګ": "ك",
        "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه", "ۿ": "ه",
        "پ": "ب", "ٮ": "ب", "چ": "ج", "ڤ": "ف", "ڥ": "ف", "ڢ": "ف", "ڡ": "ف", "ڨ": "ق", "ڧ": "ق", "ٯ": "ق",
        "ژ": "ز", "ږ": "ز", "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۋ": "و", "ۊ": "و", "ۏ": "و", "ڵ": "ل",
        "ڕ": "ر", "ړ": "ر", "ڑ": "ر",
        "ٹ": "ت", "ټ": "ت", "ٿ": "ت", "ڈ": "د", "ډ": "د", "ں": "ن", "ڼ": "ن", "ښ": "ش", "ڜ": "ش",
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
    return _MARK_OR_INVISIBLE.sub("", _small_letters(word) if _SMALL_LETTER.search(word) else word)


def _small_letters(word: str) -> str:
    """Replace small letters above and between others by the letters that they stand for."""
    word = _MARK_BUT_SMALL_LETTERS.sub("", word).replace("\u06e5", "")
    word = _SMALL_YEH_INSIDE.sub(araby.YEH, word)
    bare = _SMALL_LETTER.sub("", word)
    if _DAGGER not in word or _PRINTED_WITHOUT_ALEF.fullmatch(bare.translate(_ALEF).translate(_FOREIGN)):
        return bare
    for printed, meant in _DAGGER_ALEF:
        word = printed.sub(meant, word)
    return word


def _foreign_letters(word: str) -> str:
    return word.translate(_FOREIGN)


def _alef(word: str) -> str:
    return word.translate(_ALEF)


def _hamza_forms(word: str) -> str:
    before = ""
    while word != before and _MAY_VARY.search(word):
        before = word
        for printed, usual in _HAMZA_FORMS:
            word = printed.sub(usual, word)
    return word


def _alef_maqsura(word: str) -> str:
    return word.replace(araby.ALEF_MAKSURA, araby.YEH)


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
    elif _GROUPED_BY_POINTS.fullmatch(ascii_digits):
        ascii_digits = ascii_digits.replace(".", "").replace(",", ".")
    elif _WITH_DECIMAL_COMMA.fullmatch(ascii_digits):
        ascii_digits = ascii_digits.replace(",", ".")
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
    ("hamza forms", _hamza_forms),
    ("alef maqsura", _alef_maqsura),
    ("ta marbuta", _ta_marbuta),
    ("hamza", _hamza),
    ("digits", _digits),
    ("latin", _latin),
)


# Most words are plain letters and harakat, for which all steps together are one table. Half are folded already.
_FOLDED = re.compile("[ابت-غف-وي]+")
_PLAIN = re.compile(f"[{araby.HAMZA}-{araby.GHAIN}{araby.TATWEEL}-{araby.YEH}{araby.FATHATAN}-{araby.SUKUN}]+")
_WITH_HAMZA = re.compile(f"[{araby.HAMZA}{araby.YEH_HAMZA}{araby.WAW_HAMZA}]")
_MARKS_AND_ALEF = dict.fromkeys(map(ord, (*map(chr, range(0x64B, 0x653)), araby.TATWEEL))) | _ALEF
_ALL = _MARKS_AND_ALEF | _HAMZA | {ord(araby.ALEF_MAKSURA): araby.YEH, ord(araby.TEH_MARBUTA): araby.HEH}


def fold(word: str) -> str:
    """Fold a printed word to its form; empty if only marks were printed. Never raises."""
    if _FOLDED.fullmatch(word):
        return word
    if _PLAIN.fullmatch(word):
        if _WITH_HAMZA.search(word):
            word = _hamza_forms(word.translate(_MARKS_AND_ALEF))
        return word.translate(_ALL)
    for _, step in FOLDING_STEPS:
        word = step(word)
    return word


MAY_BECOME: Final = {"ئ": "ءاي", "ؤ": "ء", "\u06e6": "ي", "\u06e7": "ي"}
"""Characters that fold to other letters within a word than alone, with all letters that they may become."""


_ARABIC = (
    "\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06e5\u06e6\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f"
    "\u0870-\u0887\u0889-\u088e\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc"
)
_OTHER = f"(?![{_ARABIC}])[^\\W_]"

MAX_RUN: Final = 255
"""Letters and marks, or digits, in a row in one word: the longest word of real news has 40."""

_MORE: Final = MAX_RUN - 1
_PARTS: Final = 16  # parts of a word between invisible characters, or of a number between separators

WORD: Final = re.compile(
    f"[{_ARABIC}][{_ARABIC}{MARKS}]{{0,{_MORE}}}"
    f"(?:[{INVISIBLE}]{{1,{_PARTS}}}[{_ARABIC}][{_ARABIC}{MARKS}]{{0,{_MORE}}}){{0,{_PARTS}}}"
    rf"|\d{{1,{MAX_RUN}}}(?:[.,\u066b\u066c]\d{{1,{MAX_RUN}}}){{0,{_PARTS}}}(?!{_OTHER})"
    f"|{_OTHER}(?:{_OTHER}|[{MARKS}]){{0,{_MORE}}}"
)
"""Matches one word; `WORD.finditer(text)` gives the offsets. Takes time linear in the text."""

OF_WORDS: Final = re.compile(rf"[{_ARABIC}{MARKS}{INVISIBLE}.,\u066b\u066c]|[^\W_]")
"""Matches a character that may be part of a word. Any other character ends a word, and what follows does not affect
what precedes it: a text that is first split at such characters has the same words.
"""
