"""Which forms of one word attest each other: الكتاب and والكتاب, كتابها and كتابهم, مهندسون and مهندسين.

An archive never prints all forms of its words. A form that it does not print is still right when it prints others that
differ in a clitic or an ending alone. Unlike the stemmer, which joins what should find each other, this is strict: the
rest must be the same, and only clitics that stand in the same place are exchanged. So اللقاهره is not attested by
لقاهره or القاهره, though the stem of all three is one.
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
"""Endings that are exchanged for each other: pronouns, plurals, the feminine, the nisba, the accusative."""

_ADDED_TO_NOUNS: Final = ("ان", "ين", "ون", "ات")
_ADDED: Final = (*_ADDED_TO_NOUNS, "ه", "ها", "هم", "نا", "وا", "ت")
"""Endings that are put on: the form without them attests the form with them, when it is long enough."""

_REST: Final = 3
_LONG_REST: Final = 4
"""Letters that stay, at least."""

_CLITICS: Final = frozenset(("", *_WITH_ARTICLE, *_WITHOUT_ARTICLE))
_PERSON: Final = "يتنا"
_PERSONS: Final = frozenset(
    ("", *(f"{start}{person}" for start in ("", "و", "ف", "س", "وس", "ل") for person in _PERSON))
)
"""Beginnings of verbs, which inflected forms of one verb differ in."""

_CLOSING: Final = frozenset(
    ("", "ا", "ت", "ن", "ك", "م", "وا", "ان", "تا", "ته", "تها", "تي", "يا", "يات")
) | frozenset(ending for group in _ENDINGS for ending in group)
"""Endings that inflected forms of one word differ in."""


def attesting_forms(form: str, *, is_feminine: bool = False) -> frozenset[str]:
    """The forms which, if an archive prints one of them often, make a folded form a right one.

    Args:
        form: a folded form.
        is_feminine: whether its last letter was written ة, and so is no pronoun.
    """
    article = next((chain for chain in _WITH_ARTICLE if form.startswith(chain)), "")
    found = _exchanged_clitics(form) | _exchanged_endings(form, is_bare=not article and not is_feminine)
    if not article:
        found |= _exchanged_persons(form)
    return frozenset(found - {form})


def _exchanged_clitics(form: str) -> set[str]:
    found: set[str] = set()
    for chain in _WITH_ARTICLE:
        rest = form.removeprefix(chain)
        if form.startswith(chain) and len(rest) >= _REST:
            found.update(other + rest for other in _WITH_ARTICLE)
            if rest[0] not in "ال":  # else ا or ل may be a slip within the article
                found.add(rest)
    for chain in _WITHOUT_ARTICLE:
        rest = form.removeprefix(chain)
        if form.startswith(chain) and len(rest) >= _REST:
            found.update((rest, *(other + rest for other in _WITHOUT_ARTICLE)))
    if len(form) >= _REST:
        found.update(f"{chain}{form}" for chain in ("و", "ف"))
        if form[0] not in "ال":
            found.update(f"{chain}{form}" for chain in _WITH_ARTICLE)
    return found


def _exchanged_persons(form: str) -> set[str]:
    found: set[str] = set()
    for start in ("", "و", "ف", "س", "وس"):
        rest = form.removeprefix(start)
        if form.startswith(start) and len(rest) > _REST and rest[0] in _PERSON:
            found.update(start + person + rest[1:] for person in _PERSON)
    return found


def _exchanged_endings(form: str, *, is_bare: bool) -> set[str]:
    """`is_bare`: without article and ة, so that pronouns and endings of verbs may be there."""
    found: set[str] = set()
    for endings in _ENDINGS if is_bare else _ENDINGS[1:]:
        for ending in endings:
            rest = form[: len(form) - len(ending)]
            if form.endswith(ending) and len(rest) >= _REST and rest[-1] != (ending[:1] or "ه"):
                found.update(rest + other for other in endings)
    for ending in _ADDED if is_bare else _ADDED_TO_NOUNS:
        rest = form.removesuffix(ending)
        if form.endswith(ending) and len(rest) >= _LONG_REST and rest[-1] != ending[0]:
            found.add(rest)
    return found


def differ_in_inflection(form: str, other: str) -> bool:
    """Whether two folded forms differ in their beginnings alone, or their endings alone, as forms of one word do."""
    shorter = min(len(form), len(other))
    end = 0
    while end < shorter and form[-1 - end] == other[-1 - end]:
        end += 1
    beginnings = {form[: len(form) - end], other[: len(other) - end]}
    if end >= _REST and (beginnings <= _CLITICS or beginnings <= _PERSONS):
        return True
    start = 0
    while start < shorter and form[start] == other[start]:
        start += 1
    return start >= _REST and {form[start:], other[start:]} <= _CLOSING
