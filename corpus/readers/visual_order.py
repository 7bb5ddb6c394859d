"""Text in visual order: stored as displayed, from left to right, so that each line is reversed («رسجلا» for الجسر).

Numbers and Latin words in such a line are in their own order, and brackets are mirrored, as the Unicode Bidirectional
Algorithm (UAX 9) displays them; programs that reverse the whole string reverse numbers too, which years reveal.

The order is decided by letter pairs: how much more often each pair of neighbouring letters is printed than its reverse.
Presentation forms (U+FB50-FDCF, U+FE70-FEFC) are glyphs, as copied from PDF; an initial form before a final one shows
the order too. Ligatures of whole phrases (ﷲ, ﷺ) and ornate parentheses are kept as printed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Set
from typing import Final

# Twice the log-likelihood ratio of each pair of letters and its reverse, if positive, counted in 29 million letters of
# Tunisian and Saudi news, 2013-2017; _ is the edge of a word. `ا=ت9` is that ات is printed far more often than تا.
_PAIRS: Final = """
    _=آ9أ8إ9ا3ب2ج1ح1خ4ش2ص1ع1غ1ف2ك1م1و4 ء=_9ة9ت8ك1ل4م4ن4ه7 آ=ئ1ب3ة2ت4ث7ج2ح1خ9د4ذ5ز2س7ص1غ1ف3ك1م4ن9ه3ي7
    أ=ؤ3ئ3ة9ث9ج6ح9خ9د1ذ8ر2ز7س6ش2ص9ض9ط4ظ7ع9غ9ف4ق9ك4م7ن9ه9ى6ي4 ؤ=_3ة1ث7ج3خ8د5ذ4ص1ق6ك8ل5و9ى4
    إ=ئ1ت8ث9ج9ح9خ9د9ذ9ر9ز7س9ش9ص9ض9ط9ظ4ع9غ9ق9ك3م9ن9ه6ي9 ئ=_9ب4ة9ت1ث1ج1ح9خ1د3ز2ص5ض1ع9غ1ف1ق9ك4ل6م2ن2ه9ى1ي2
    ا=ء6أ1إ1ئ5ة9ت3ل4ن1ى1 ب=ء3ؤ3إ1ا1ة9ح2د5ذ1ف2ن2ه3ى4ي3 ة=_9 ت=_1أ1ة9ث4ج1ح1خ1د1ذ2ر1ز3ش2ص7ض3ط5ظ4ع2غ2ف1ق1ه5و1ى9ي1
    ث=_2ة9ر5غ3ف4ق9ن6ه7ى3 ج=ا1ب1ة9ث7د8ز6ع2غ5ن1ه3ى3ي1 ح=ة9ث9ج2د8ذ9ر1ز5س4ط2ظ9ف2ق7ك7ه9ى7ي2
    خ=ا2ب3ة8ث1ج4د1ذ5ر5ز3ص7ض1ط9ف3ه6ى2 د=_3ء9ة9ث9ر2س1ف4ى9ي1 ذ=ا3ة8ر6ك2ى5ي3 ر=_3ء5ؤ4ئ2ة9ض1ك1ن4ى9ي1
    ز=_2ء9ا1ب2ة9د3ط3ق3م1ى3ي1 س=ئ2ب3ة9ت3ج2ذ2ز1ط4ع2ك2ه9ى8ي1 ش=ء2آ5ؤ1ئ4ا2ة9ث1ج6ح2خ5د4ذ2ر4س6ط5ظ3ع1غ5ف4ق2ك3ه7ى6ي1
    ص=ا1ب1ة9ح1د9ر2ط8غ6ف3ك3ه8ى7ي2 ض=_2آ1ة9ج5ح1د9ط8م1ه2ى9ي2 ط=_1ء3ؤ3ئ3ا1ة9د5ر3ف1ه5ى7ي1 ظ=ا3ب1ة9ر9ل1م4ه8ى6ي4
    ع=ا1ة9ث6د3ذ3ر2ز2ض1ظ9ك3ن4ه9ى9 غ=ا2ة9د4ذ9ر2ز4س7ط5ه6ى3ي4 ف=ء2ؤ4إ1ة9ج5ذ5ر1ز3س1ض6ظ4ع4ق2ك1ه8ى9ي4
    ق=ا1ب1ة9ج2د4ذ4ر1س1ص5ض9ظ5ه6ى9 ك=ا2ب1ة9ث9ج2خ2د2ز6ض2ط1غ3ن3ه3و1ى4ي1
    ل=آ1أ5ب1ة9ت4ج2ح3د4ذ1ر6ز1س2ش6ض1ط1غ2ف3ق2ك2م3ن9ه3ى9ي2 م=ؤ6ا1ة9ح1خ2ذ3ر3س2ش3ص3ط3ع1ف3ق4ن6ى8ي1
    ن=_4ة9ت1ح2خ4د1ذ3ز2س1ش3ض2ظ7ف2ق2ه3ى9 ه=_2ا3ة9د1ذ1م2و1ى8 و=ء7آ3إ9ئ1ا4ب1ة9ث2ذ2ر1ز2ض2ظ3غ1ف2ق1ل1ن2ى9 ى=_9ء3
    ي=_3ء7ؤ1ا3ة9ن1ه1ى5
"""
_RATIO: Final = {
    pair: sign * int(digit)
    for first, _, seconds in (entry.partition("=") for entry in _PAIRS.split())
    for second, digit in zip(seconds[::2], seconds[1::2], strict=True)
    for pair, sign in ((first + second, 1), (second + first, -1))
}
_WORD: Final = re.compile("[ء-غف-ي]{2,}")
_LONG_WORD: Final = re.compile("[ء-غف-ي]{3,}")

# Right text has 12 per word on average; the least of all 224,020 lines of 39,796 articles is -23.
_CERTAIN: Final = -30
_CERTAIN_PER_WORD: Final = -2.5
_DOUBTFUL: Final = -24

_ENOUGH: Final = 400  # characters of a line
_SHORT: Final = -8  # from which the words of a title are looked up in the text

_MARKS: Final = "\u064b-\u065f\u0670"
_MARK: Final = re.compile(f"[{_MARKS}ـ]")
_MARK_BEFORE_LETTER: Final = re.compile(f"(?<![{_MARKS}ء-ي])([{_MARKS}]+)([ء-ي])")
_MARK_FIRST: Final = re.compile(f"([{_MARKS}]+)([ء-ي])")
_OVERRIDES: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
# Runs of a line that are displayed in their own order: Latin words and what is between them, and numbers.
_OWN_ORDER: Final = re.compile(
    r"[0-9]*[A-Za-z\u00c0-\u024f](?:[^\u0590-\u08ff\ufb1d-\ufefc]*[A-Za-z\u00c0-\u024f0-9])?"
    r"|[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,:/\u066b\u066c][0-9\u0660-\u0669\u06f0-\u06f9]+)*"
)
_OPENING: Final = "([{«‹"
_CLOSING: Final = ")]}»›"
_MIRRORED: Final = str.maketrans(_OPENING + _CLOSING, _CLOSING + _OPENING)
# Years, and numbers that end with zeros, are frequent; their reverses are not.
_IN_ORDER: Final = re.compile(r"(?<![\d:/])(?:(?:19|20|14)\d\d|[1-9]\d*0)(?![\d:/])")
_BACKWARDS: Final = re.compile(r"(?<![\d:/])(?:\d\d(?:91|02|41)|0\d*[1-9])(?![\d:/])")

# Lam-alef is a key on some keyboards and in right text: alone it is no sign of damage.
_FORM: Final = "\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdcf\ufe70-\ufef4"
_FORMS: Final = re.compile(f"[{_FORM}]{{2}}")
_ANY_FORM: Final = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdcf\ufe70-\ufefc]")
_RUN_OF_FORMS: Final = re.compile(f"[{_FORM}\ufef5-\ufefc]{{2,}}")


def may_be_reversed(text: str) -> bool:
    """A fast test for long texts, which is true for paragraphs of some lines in visual order: a word begins with ة."""
    return " ة" in text


def title_may_be_reversed(title: str) -> bool:
    """A fast test for short texts, in which the article ال is at the end of words."""
    return (
        title.find("لا ") > 0
        or title.endswith("لا")
        or " ة" in title
        or title.startswith("ة")
        or " يف " in title
        or " نم " in title
        or "ىل" in title
    ) and order(title)[0] <= _SHORT


def may_have_forms(text: str) -> bool:
    """A fast test for presentation forms: a frequent one is in every text of some words."""
    return "ﺍ" in text or "ﺎ" in text or "ﻟ" in text or "ﻭ" in text or "ﻣ" in text or "ﺔ" in text or "ﻳ" in text


def has_forms(text: str) -> bool:
    """Whether a text has words in presentation forms, and not only the ligature lam-alef."""
    return _FORMS.search(text) is not None


def may_be_reversed_of(title: str, words: Set[str]) -> bool:
    """Whether the words of a text include those of a title only if their letters are reversed."""
    own = set(_LONG_WORD.findall(title))
    total, found = order(title)[0], {word[::-1] for word in own} & words
    enough = len(found) >= 2 or (total <= 2 * _SHORT and any(len(word) > 3 for word in found))
    return total <= _SHORT and enough and not own & words


def is_doubtful(title: str) -> bool:
    """Whether a title may be in visual order by its letters, although this is not certain."""
    return order(title)[0] <= _DOUBTFUL


def order(text: str) -> tuple[int, int]:
    """How much the letters of a text say that it is in logical order (negative: in visual order), and its words."""
    ratio, words, total = _RATIO, 0, 0
    for word in _WORD.findall(_MARK.sub("", text[:_ENOUGH])):
        words += 1
        total += sum([ratio.get(first + second, 0) for first, second in zip("_" + word, word + "_", strict=True)])
    return total, words


def is_certainly_reversed(text: str) -> bool:
    """Whether the letters of a text alone prove that it is in visual order."""
    total, words = order(text)
    return total <= _CERTAIN and total <= _CERTAIN_PER_WORD * words


def numbers_are_reversed(lines: Iterable[str]) -> bool:
    """Whether numbers in lines in visual order are reversed too, since most make sense only then: 7102 and 005."""
    as_printed = backwards = 0
    for line in lines:
        as_printed += len(_IN_ORDER.findall(line))
        backwards += len(_BACKWARDS.findall(line))
    return backwards > as_printed


def brackets_are_mirrored(lines: Iterable[str]) -> bool:
    """Whether the brackets of lines in visual order are mirrored, as they are displayed: ) is to the right of (."""
    balance = 0
    for line in lines:
        brackets = [char for char in line if char in _OPENING or char in _CLOSING]
        if brackets:
            first, last = brackets[0] in _OPENING, brackets[-1] in _OPENING
            balance += (first and not last) - (last and not first)
    return balance >= 0


def logical_order(line: str, *, whole: bool = False, mirror: bool = True) -> str:
    """A line in visual order in logical order.

    `whole` if numbers and Latin words are reversed too, `mirror` if brackets are to be mirrored.
    """
    line = _OVERRIDES.sub("", line)
    text = line[::-1] if whole else reordered(line, mirror=mirror)
    if _MARK_BEFORE_LETTER.search(text):  # marks were kept behind their letters
        text = _MARK_FIRST.sub(lambda found: found[2] + found[1][::-1], text)
    return text


def reordered(line: str, *, mirror: bool = True) -> str:
    """A line from logical to visual order or back, character by character."""
    pieces, at = [], 0

    def reverse(text: str) -> str:
        return (text.translate(_MIRRORED) if mirror else text)[::-1]

    for run in _OWN_ORDER.finditer(line):
        pieces += [reverse(line[at : run.start()]), run[0]]
        at = run.end()
    pieces.append(reverse(line[at:]))
    return "".join(reversed(pieces))


def forms_are_reversed(text: str) -> bool:
    """Whether words in presentation forms are in visual order: they begin with final forms, and end with initial ones.

    If their forms do not tell, their letters do.
    """
    balance = 0
    for run in _RUN_OF_FORMS.findall(text):
        first, last = (unicodedata.decomposition(char).partition(" ")[0] for char in (run[0], run[-1]))
        balance += (first in ("<final>", "<medial>")) - (first == "<initial>")
        balance += (last in ("<initial>", "<medial>")) - (last == "<final>")
    return balance > 0 if balance else order(without_forms(text))[0] < 0


def without_forms(text: str) -> str:
    """Presentation forms as plain letters (NFKC); a spacing form of a mark becomes the mark."""
    return _ANY_FORM.sub(
        lambda form: unicodedata.normalize("NFKC", form[0]).strip(" ").replace("ـ", "") or form[0], text
    )
