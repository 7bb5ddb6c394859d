"""Light stemming: clitics and endings off a folded form, never the letters inside.

Written for news, in the line of light10 (Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information
Retrieval", 2007), which takes fewer clitics and each ending once. The rules, for a form of Arabic letters alone:

1. protected    a listed word (`protected.txt`) is the stem wherever it stands between clitics and endings, its letters
                are taken for neither: وبلبنان → لبنان, وزارتها → وزار; where two words fit, the longer
2. article      ال وال فال بال كال وبال وكال فبال فكال لل ولل فلل off the front       when three letters stay
3. conjunction  و off the front                                                        when four letters stay
4. endings      the longest that fits, up to three times                               when two letters stay
                  pronouns             ها هم هن هما كم كن نا ه ي
                  pronouns behind ة    تها تهم تهن تهما تنا تكم ته تي
                  pronouns behind ات   اتها اتهم اتهن اتهما اتنا اتكم اته
                  dual and plural      ان ين ون ات وا تان تين
                  nisba and feminine   ه ي يه يات يون يين
   and, when three letters stay, the adverbial ا: رسميا → رسم
5. proclitic    و ف ب ل ك off the front, one                                           when three letters stay

The rules run until nothing changes, so that the stem of a stem is itself. A form that is not wholly Arabic letters
(a number, a Latin word) is its own stem.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from indexer.analysis.letters import fold

Steps = list[tuple[str, str]]
"""What was done to a word, in order: (rule and the letters it took, what stayed)."""

_ARABIC_WORD = re.compile("[ء-ي]+")
_ARTICLE = re.compile("[وف]?(?:[بك]?ال|لل)(?=.{3})")
_CLITIC_CHAINS: Final = (
    "", "و", "ف", "ب", "ل", "ك", "ال", "لل", "وال", "فال", "بال", "كال", "وب", "ول", "وك", "فب", "فل", "فك",
    "ولل", "فلل", "وبال", "وكال", "فبال", "فكال",
)  # fmt: skip
_ENDINGS: Final = (
    "اتهما", "اتها", "اتهم", "اتهن", "اتنا", "اتكم", "تهما", "اته", "تها", "تهم", "تهن", "تنا", "تكم", "تان", "تين",
    "هما", "يات", "يون", "يين", "ها", "هم", "هن", "كم", "كن", "نا", "ات", "ون", "ين", "ان", "ته", "تي", "يه", "وا",
    "ه", "ي",
)  # fmt: skip
_IS_ENDING: Final = frozenset(_ENDINGS)
_ENDING_LETTERS: Final = frozenset(ending[-1] for ending in (*_ENDINGS, "ا"))
_LONGEST_ENDING: Final = max(map(len, _ENDINGS))
_ENDINGS_OF_PROTECTED = re.compile(f"(?:{'|'.join(_ENDINGS).replace('|وا', '')}|ا|ت){{0,3}}|ت?وا")
_PROCLITICS: Final = frozenset("وفبلك")
_MAX_ENDINGS = 3
# Most forms begin with no clitic's letter, and need to be held against the empty chain alone.
_CHAINS_FROM: Final = {
    letter: tuple(chain for chain in _CLITIC_CHAINS if chain[:1] in ("", letter))
    for letter in {chain[0] for chain in _CLITIC_CHAINS if chain}
}
_NO_CHAIN: Final = ("",)


class _Protected(NamedTuple):
    stems: dict[str, str]  # a listed word, without its ة or final ا, → the stem of its group
    names: frozenset[str]  # the stems that are names
    lengths: dict[str, tuple[int, ...]]  # two letters → the lengths of the listed words that begin so, longest first


@cache
def _protected() -> _Protected:
    stems: dict[str, str] = {}
    names: set[str] = set()
    section = ""
    for line in Path(__file__).with_name("protected.txt").read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            section = text
            continue
        for group in text.split():
            first, *others = (_without_feminine(word) for word in group.split("="))
            stems[first] = first
            stems.update(dict.fromkeys(others, first))
            if section == "[names]":
                names.add(first)
    lengths: dict[str, set[int]] = {}
    for listed in stems:
        lengths.setdefault(listed[:2], set()).add(len(listed))
    longest_first = {beginning: tuple(sorted(found, reverse=True)) for beginning, found in lengths.items()}
    return _Protected(stems, frozenset(names), longest_first)


def _without_feminine(listed: str) -> str:
    form = fold(listed)
    return form[:-1] if len(form) > 3 and (listed.endswith("ة") or form.endswith("ا")) else form


def is_name(stem: str) -> bool:
    """Whether this is the stem of a listed proper name: it has no root to be found by."""
    return stem in _protected().names


def stem(form: str) -> str:
    """The stem of a folded form. Never raises, never empty for a form that is not, and `stem(stem(x)) == stem(x)`."""
    return _stem(form, None)


def stemming_steps(form: str) -> Steps:
    """How `stem` comes to its result: the rules that changed the form, in order."""
    steps: Steps = []
    _stem(form, steps)
    return steps


def _stem(form: str, steps: Steps | None) -> str:
    if not _ARABIC_WORD.fullmatch(form):
        return form
    while True:
        if (found := _find_protected(form)) is not None:
            if steps is not None:
                steps.append(("protected", found))
            return found
        shorter = _strip_once(form, steps)
        if shorter == form:
            return form
        form = shorter


def _find_protected(form: str) -> str | None:
    """The longest listed word in a form; of equals, the one behind the shorter chain of clitics."""
    stems, _, lengths = _protected()
    longest, found = 0, None
    for chain in _CHAINS_FROM.get(form[0], _NO_CHAIN):
        if form.startswith(chain):
            start = len(chain)
            for length in lengths.get(form[start : start + 2], ()):
                end = start + length
                if length <= longest:
                    break
                listed = stems.get(form[start:end]) if end <= len(form) else None
                if listed is not None and _ENDINGS_OF_PROTECTED.fullmatch(form, end):
                    longest, found = length, listed
                    break
    return found


def _strip_once(form: str, steps: Steps | None) -> str:
    def take(rule: str, taken: str, rest: str) -> str:
        if steps is not None:
            steps.append((f"{rule} {taken}", rest))
        return rest

    if article := _ARTICLE.match(form):
        form = take("article", article.group(), form[article.end() :])
    elif len(form) > 4 and form[0] == "و":
        form = take("conjunction", "و", form[1:])
    for _ in range(_MAX_ENDINGS):
        if not (ending := _ending(form)):
            break
        form = take("ending", ending, form[: -len(ending)])
    if len(form) > 3 and form[0] in _PROCLITICS:
        form = take("proclitic", form[0], form[1:])
    return form


def _ending(form: str) -> str:
    """The longest ending that leaves enough of a form; empty where there is none."""
    if form[-1] in _ENDING_LETTERS:
        for start in range(max(2, len(form) - _LONGEST_ENDING), len(form)):
            if form[start:] in _IS_ENDING:
                return form[start:]
        if form[-1] == "ا" and len(form) > 3:
            return "ا"
    return ""
