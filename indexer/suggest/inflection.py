"""Inflected forms that attest each other: الكتاب and والكتاب, كتابها and كتابهم, مهندسون and مهندسين.

No archive prints all forms of its words. A form that it does not print is right if it prints others that differ in a
clitic or an ending alone. This is stricter than the stemmer, which conflates what should match: the rest must be equal,
and only clitics of the same position are exchanged. So neither لقاهره nor القاهره attests اللقاهره, though all three
have one stem.
"""

from __future__ import annotations

from typing import Final

_WITH_ARTICLE: Final = ("ال", "وال", "بال", "لل", "فال", "كال", "ولل", "وبال")
_WITHOUT_ARTICLE: Final = ("و", "ف", "ب", "ل", "ك", "س", "وب", "ول", "وس")
_ENDINGS: Final = (
    ("ه", "ها", "هم", "هما", "هن", "نا", "كم", "ك"),
    ("ون", "ين"),
    ("تان", "تين", "ات", "ه"),
    ("ي", "يه"),
    ("ا", ""),
)
"""Endings that may replace each other: pronouns, plurals, the feminine, the nisba, the accusative."""

_ADDED_TO_NOUNS: Final = ("ان", "ين", "ون", "ات")
_ADDED: Final = (*_ADDED_TO_NOUNS, "ه", "ها", "هم", "نا", "وا", "ت")
"""Endings that may be added: the form without one attests the form with it if it is long enough."""

_MIN_REST: Final = 3
_MIN_LONG_REST: Final = 4
"""Letters that must remain."""

_CLITICS: Final = frozenset(("", *_WITH_ARTICLE, *_WITHOUT_ARTICLE))
_PERSON: Final = "يتنا"
_PERSONS: Final = frozenset(
    ("", *(f"{start}{person}" for start in ("", "و", "ف", "س", "وس", "ل") for person in _PERSON))
)
"""Beginnings in which inflected forms of one verb may differ."""

_CLOSING: Final = frozenset(
    ("", "ا", "ت", "ن", "ك", "م", "وا", "ان", "تا", "ته", "تها", "تي", "يا", "يات")
) | frozenset(ending for group in _ENDINGS for ending in group)
"""Endings in which inflected forms of one word may differ."""


def attesting_forms(form: str, *, is_feminine: bool = False) -> frozenset[str]:
    """The forms that attest a folded form: it is right if an archive often prints one of them.

    Args:
        form: a folded form.
        is_feminine: whether its last letter was written ة, and so is not a pronoun.
    """
    article = next((chain for chain in _WITH_ARTICLE if form.startswith(chain)), "")
    found = _exchanged_clitics(form) | _exchanged_endings(form, is_bare=not article and not is_feminine)
    if not article:
        found |= _exchanged_persons(form)
    return frozenset(found - {form})


def differ_in_inflection(form: str, other: str) -> bool:
    """Whether two folded forms differ only as inflected forms of one word do, at the beginning or at the end."""
    shorter = min(len(form), len(other))
    end = 0
    while end < shorter and form[-1 - end] == other[-1 - end]:
        end += 1
    beginnings = {form[: len(form) - end], other[: len(other) - end]}
    if end >= _MIN_REST and (beginnings <= _CLITICS or beginnings <= _PERSONS):
        return True
    start = 0
    while start < shorter and form[start] == other[start]:
        start += 1
    return start >= _MIN_REST and {form[start:], other[start:]} <= _CLOSING


def _exchanged_clitics(form: str) -> set[str]:
    found: set[str] = set()
    for chain in _WITH_ARTICLE:
        rest = form.removeprefix(chain)
        if form.startswith(chain) and len(rest) >= _MIN_REST:
            found.update(other + rest for other in _WITH_ARTICLE)
            if rest[0] not in "ال":  # otherwise the ا or ل may be a typing error within the article
                found.add(rest)
    for chain in _WITHOUT_ARTICLE:
        rest = form.removeprefix(chain)
        if form.startswith(chain) and len(rest) >= _MIN_REST:
            found.update((rest, *(other + rest for other in _WITHOUT_ARTICLE)))
    if len(form) >= _MIN_REST:
        found.update(f"{chain}{form}" for chain in ("و", "ف"))
        if form[0] not in "ال":
            found.update(f"{chain}{form}" for chain in _WITH_ARTICLE)
    return found


def _exchanged_persons(form: str) -> set[str]:
    found: set[str] = set()
    for start in ("", "و", "ف", "س", "وس"):
        rest = form.removeprefix(start)
        if form.startswith(start) and len(rest) > _MIN_REST and rest[0] in _PERSON:
            found.update(start + person + rest[1:] for person in _PERSON)
    return found


def _exchanged_endings(form: str, *, is_bare: bool) -> set[str]:
    """Forms with other endings; `is_bare` without article and ة, so that pronouns and verb endings are possible."""
    found: set[str] = set()
    for endings in _ENDINGS if is_bare else _ENDINGS[1:]:
        for ending in endings:
            rest = form[: len(form) - len(ending)]
            if form.endswith(ending) and len(rest) >= _MIN_REST and rest[-1] != (ending[:1] or "ه"):
                found.update(rest + other for other in endings)
    for ending in _ADDED if is_bare else _ADDED_TO_NOUNS:
        rest = form.removesuffix(ending)
        if form.endswith(ending) and len(rest) >= _MIN_LONG_REST and rest[-1] != ending[0]:
            found.add(rest)
    return found
