"""Light stemming and roots: from a folded form to its stem, and from a stem to its root, by rules alone.

**Stems.** Clitics and endings are stripped, letters inside never change. Written for news, in the line of light10
(Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information Retrieval", 2007), which strips fewer clitics
and each ending once. The rules, for a form of Arabic letters alone:

1. protected    a listed word (`protected.txt`) between clitics and endings is the stem, its letters are never
                stripped: وبلبنان → لبنان, وزارتها → وزار; if two words fit, the longer one
2. article      ال وال فال بال كال وبال وكال فبال فكال لل ولل فلل off the front       if three letters remain
3. conjunction  و off the front                                                        if four letters remain
4. endings      the longest that fits, up to three times                               if two letters remain
                  pronouns             ها هم هن هما كم كن نا ه ي
                  pronouns after ة     تها تهم تهن تهما تنا تكم ته تي
                  pronouns after ات    اتها اتهم اتهن اتهما اتنا اتكم اته
                  dual and plural      ان ين ون ات وا تان تين
                  nisba and feminine   ه ي يه يات يون يين
   and, if three letters remain, the adverbial ا: رسميا → رسم
5. proclitic    و ف ب ل ك off the front, one                                           if three letters remain

The rules repeat until nothing changes, so that the stem of a stem is itself. A form with other letters (a number, a
word of other letters) is its own stem; for Latin words see `indexer.analysis.latin`.

**Roots.** The three or four letters that the words of a family share, found by the pattern of the stem, without a
dictionary, after Taghva, Elkhoury and Coombs ("Arabic Stemming Without a Root Dictionary", 2005): a stem is compared
with the patterns of its length, the most specific first, and yields the letters at the places of ف ع ل. Patterns are
written as in a grammar, folded (أ إ آ are ا) and stemmed (no ة at the end).

1. a name (`protected.txt`) and what is not Arabic      is its own root
2. the future's س before ي ت ن ا                         off: سيتفاوض → يتفاوض
3. the ت of افتعل that became ط or د                    back to ت: اصطدام → اصتدام, ازدحام → ازتحام
4. patterns of seven, six, five and four letters         استفعال → فعل
5. no pattern, more than four letters                    an ending ت ا ن و or a prefix ي ت ن م ا off, and repeat
6. the root                                              ء is ا, a doubled last letter is one: ردد → رد,
                                                         a weak middle is و: قال, قيل → قول

A root is right often enough to improve recall; it never outranks a stem in the ranking.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from corpus import letters
from indexer.analysis import latin

Steps = list[tuple[str, str]]
"""The rules applied to a word, in order: (rule and the letters it stripped, the rest)."""

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
_ADVERBIAL: Final = "ا"
_ENDINGS_OF_PROTECTED = re.compile(f"(?:{'|'.join(_ENDINGS).replace('|وا', '')}|ا|ت){{0,3}}|ت?وا")

PROCLITICS: Final = frozenset("وفبلك")
"""Letters that may be a clitic before a word: and, so, in, for, like."""

_MAX_ENDINGS = 3
_SHORTEST_WORD: Final = 2
_CLITIC_LETTERS: Final = re.compile("[وفبلكا]{0,4}")  # all that a chain of clitics is made of
_KEY_LETTERS: Final = 3  # first letters of a listed word, by which it is looked up

_PATTERNS: Final = """
    استفعال
    استفعل مستفعل يستفعل تستفعل نستفعل افتعال انفعال متفاعل يتفاعل تتفاعل نتفاعل مفاعيل تفاعيل فواعيل افاعيل افعلاء
    مفعول متفعل يتفعل تتفعل نتفعل مفتعل يفتعل تفتعل نفتعل منفعل ينفعل تنفعل مفعال مفاعل يفاعل تفاعل تفعيل افعال
    افتعل انفعل فواعل فاعول فعاءل فعايل فعلاء فعلان افاعل
    مفعل يفعل تفعل فاعل فعيل فعول افعل فعال نفعل فوعل فيعل
"""
_ROOT_LETTERS: Final = "فعل"
_ASSIMILATED = re.compile("[امتين](?:[صض]ط|زد)(?=..)")
_FUTURE = re.compile("س(?=[يتنا]...)")
_AFFIX = re.compile("(?<=...)[تانو]$|^[يتنما](?=...)")
_BECAME: Final = {"ا": "اء", "ت": "تطد"}
"""A letter of a root → the letters of a stem that it may come from, by rules 3 and 6; without the weak middle."""


def stem(form: str) -> str:
    """The stem of a folded form. Never raises, empty only for an empty form, and `stem(stem(x)) == stem(x)`."""
    return _stem(form) if _ARABIC_WORD.fullmatch(form) else form


def word_forms(form: str) -> tuple[str, ...]:
    """The forms of one word without clitics and with every chain of clitics in front.

    Clitics are stripped and added only where the stem stays the same: وزير keeps its و.

    >>> word_forms("والمفاوضات")[:3]
    ('مفاوضات', 'ومفاوضات', 'فمفاوضات')
    """
    if not _ARABIC_WORD.fullmatch(form):
        return (form,)
    own = stem(form)
    longest_first = sorted(_CLITIC_CHAINS, key=len, reverse=True)
    bare = (form.removeprefix(chain) for chain in longest_first if form.startswith(chain))
    base = next(rest for rest in bare if (len(rest) >= _SHORTEST_WORD and stem(rest) == own) or rest == form)
    return tuple(dict.fromkeys(one for chain in _CLITIC_CHAINS if stem(one := chain + base) == own or one == form))


def stemming_steps(form: str) -> Steps:
    """The rules by which `stem` changes a form, in order."""
    steps: Steps = []
    if not _ARABIC_WORD.fullmatch(form):
        return steps
    while (found := _find_protected(form)) is None:
        shorter = _strip_once(form, steps)
        if shorter == form:
            return steps
        form = shorter
    return [*steps, ("protected", found)]


@lru_cache(maxsize=100_000)  # three words in four have a stem that occurred before
def root(stem: str) -> str:
    """The root of a stem; of two letters if its last is doubled. Never raises, empty only for an empty stem."""
    if is_name(stem) or not _ARABIC_WORD.fullmatch(stem):
        return stem
    word = stem[1:] if _FUTURE.match(stem) else stem
    if assimilated := _ASSIMILATED.match(word):
        word = f"{word[: assimilated.end() - 1]}ت{word[assimilated.end() :]}"
    while len(word) > 3:
        if (found := _by_pattern(word)) is not None:
            word = found
        elif len(word) > 4 and (affix := _AFFIX.search(word)):
            word = word[: affix.start()] + word[affix.end() :]
        else:
            break
    word = word.replace("ء", "ا")
    if len(word) != 3:
        return word
    if word[1] in "اي":
        word = f"{word[0]}و{word[2]}"
    return word[:-1] if word[1] == word[2] else word


def letters_of_root(root: str) -> list[frozenset[str]]:
    """Sets of letters: every form with this root has all letters of one of them.

    >>> sorted(map(sorted, letters_of_root("فوض")))
    [['ء', 'ض', 'ف'], ['ا', 'ض', 'ف'], ['ض', 'ف', 'و'], ['ض', 'ف', 'ي']]
    """
    if latin.is_latin(root):
        return [latin.common_letters(root)]
    weak_middle = len(root) == 3 and root[1] == "و" and root.count("و") == 1
    became = _BECAME | {"و": "وايء"} if weak_middle else _BECAME
    certain = frozenset(root) - _absent_letters().get(root, frozenset())
    return [frozenset(chosen) for chosen in product(*(became.get(letter, letter) for letter in certain))]


def is_name(stem: str) -> bool:
    """Whether a stem is that of a listed proper name, which has no root."""
    return stem in _protected().names


def is_listed(form: str) -> bool:
    """Whether a folded form, without clitics, is a listed word: ميركل is, and ماركل in its group."""
    stems = _protected().stems
    return form in stems or form.rstrip("اه") in stems


def absent_letters() -> dict[str, frozenset[str]]:
    """Stems of listed words → the letters that some form lacks: the ا of ترامب, because of ترمب."""
    return _protected().absent


def letters_of_stem(stem: str) -> frozenset[str]:
    """The letters that every form with this stem has: all of the stem's, except for listed words with variants.

    >>> sorted(letters_of_stem("مفاوض"))
    ['ا', 'ض', 'ف', 'م', 'و']
    """
    if latin.is_latin(stem):
        return latin.common_letters(stem)
    return frozenset(stem) - absent_letters().get(stem, frozenset())


class _Protected(NamedTuple):
    stems: dict[str, str]  # a listed word, without its ة or final ا, → the stem of its group
    names: frozenset[str]  # the stems that are names
    by_beginning: dict[str, tuple[str, ...]]  # first letters after any clitics → listed words, the longest first
    absent: dict[str, frozenset[str]]  # the stem of a group → letters that some word of the group lacks


@cache
def _protected() -> _Protected:
    stems: dict[str, str] = {}
    names: set[str] = set()
    absent: dict[str, frozenset[str]] = {}
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
            if missing := frozenset(first).difference(frozenset(first).intersection(*others)):
                absent[first] = missing
            if section == "[names]":
                names.add(first)
    by_beginning: dict[str, tuple[str, ...]] = {}
    for listed in sorted(stems, key=len, reverse=True):
        for beginning in _beginnings(listed):
            by_beginning[beginning] = (*by_beginning.get(beginning, ()), listed)
    return _Protected(stems, frozenset(names), by_beginning, absent)


def _beginnings(listed: str) -> set[str]:
    """The first letters by which forms of a listed word are looked up; the last of them may come from an ending."""
    beginnings = {listed[:_KEY_LETTERS]}
    if len(listed) < _KEY_LETTERS:
        beginnings.update((listed + ending)[:_KEY_LETTERS] for ending in (*_ENDINGS, _ADVERBIAL, "ت"))
    return beginnings


def _without_feminine(listed: str) -> str:
    form = letters.fold(listed)
    return form[:-1] if len(form) > 3 and (listed.endswith("ة") or form.endswith("ا")) else form


@lru_cache(maxsize=100_000)  # a third of the stripped forms occurred before
def _stem(form: str) -> str:
    if (found := _find_protected(form)) is not None:
        return found
    shorter = _strip_once(form, None)
    return form if shorter == form else _stem(shorter)


def _find_protected(form: str) -> str | None:
    """The stem of the longest listed word in a form; among equals, of the one after the shorter chain of clitics."""
    stems, _, by_beginning, _ = _protected()
    longest, found = 0, None
    for start in _chain_ends(_CLITIC_LETTERS.match(form).group()):  # type: ignore[union-attr]  # it matches always
        for listed in by_beginning.get(form[start : start + _KEY_LETTERS], ()):
            end = start + len(listed)
            if len(listed) > longest and form.startswith(listed, start) and _ENDINGS_OF_PROTECTED.fullmatch(form, end):
                longest, found = len(listed), stems[listed]
                break
    return found


@cache
def _chain_ends(clitics: str) -> tuple[int, ...]:
    """The ends of the chains of clitics that a form begins with, from none to the longest; given its clitic letters."""
    return tuple(sorted(len(chain) for chain in _CLITIC_CHAINS if clitics.startswith(chain)))


def _strip_once(form: str, steps: Steps | None) -> str:
    if article := _ARTICLE.match(form):
        form = _take("article", article.group(), form[article.end() :], steps)
    elif len(form) > 4 and form[0] == "و":
        form = _take("conjunction", "و", form[1:], steps)
    for _ in range(_MAX_ENDINGS):
        if not (ending := _ending(form)):
            break
        form = _take("ending", ending, form[: -len(ending)], steps)
    if len(form) > 3 and form[0] in PROCLITICS:
        form = _take("proclitic", form[0], form[1:], steps)
    return form


def _take(rule: str, taken: str, rest: str, steps: Steps | None) -> str:
    if steps is not None:
        steps.append((f"{rule} {taken}", rest))
    return rest


def _ending(form: str) -> str:
    """The longest ending of a form that leaves enough letters; empty for none."""
    for ending in _endings_of(form[-2:]):
        if form.endswith(ending) and len(form) >= len(ending) + (3 if ending == _ADVERBIAL else 2):
            return ending
    return ""


@cache
def _endings_of(last_two: str) -> tuple[str, ...]:
    """The endings that a form with these last letters may have, the longest first."""
    endings = (ending for ending in (*_ENDINGS, _ADVERBIAL) if last_two.endswith(ending[-2:]))
    return tuple(sorted(endings, key=len, reverse=True))


@cache
def _absent_letters() -> dict[str, frozenset[str]]:
    """The roots of these stems → their absent letters (`absent_letters`)."""
    absent: dict[str, frozenset[str]] = {}
    for stem, missing in absent_letters().items():
        absent[root(stem)] = absent.get(root(stem), frozenset()) | missing
    return absent


def _by_pattern(word: str) -> str | None:
    if len(word) not in _COMPILED:
        return None
    expression, places = _COMPILED[len(word)]
    if not (found := expression.fullmatch(word)) or found.lastindex is None:
        return None
    return "".join(word[place] for place in places[found.lastindex - 1])


def _compile() -> dict[int, tuple[re.Pattern[str], tuple[tuple[int, ...], ...]]]:
    """For each length, an expression with one group per pattern, and the places of the root's letters in each."""
    by_length: dict[int, list[str]] = {}
    for pattern in _PATTERNS.split():
        by_length.setdefault(len(pattern), []).append(pattern)
    return {length: _compile_length(patterns) for length, patterns in by_length.items()}


def _compile_length(patterns: list[str]) -> tuple[re.Pattern[str], tuple[tuple[int, ...], ...]]:
    # No pattern has a ف, ع or ل of its own, so each is the place of a root letter.
    places = tuple(tuple(pattern.index(letter) for letter in _ROOT_LETTERS) for pattern in patterns)
    groups = (re.sub(f"[{_ROOT_LETTERS}]", ".", pattern) for pattern in patterns)
    return re.compile("|".join(f"({group})" for group in groups)), places


_COMPILED: Final = _compile()
