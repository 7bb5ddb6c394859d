"""Inflection of nouns and adjectives, by the rules of their endings.

Shares are rough estimates, which only order the readings of a form until printed words are counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexer.analysis.lexicon import FormKind

Form = tuple[str, FormKind, float]
"""A form, its kind, and its share of the lemma's tokens."""

_SHORTEST_PLURAL = 3
"""Letters; masculine nouns of no more have no plural in ات, except those like محل: عملات is of عملة, not of عمل."""

_BARE = FormKind.NOUN | FormKind.NO_ARTICLE
_WHOLE = FormKind.NOUN | FormKind.NO_PRONOUN
_CONSTRUCT = FormKind.NOUN | FormKind.NO_ARTICLE
_JOINED = FormKind.NOUN | FormKind.NO_ARTICLE | FormKind.BOUND


def singular(word: str, share: float, *, defective: bool = False) -> Iterator[Form]:
    """A singular or a broken plural: the word itself, its accusative, and its ending before a pronoun."""
    if word.endswith("ة"):
        yield word, _WHOLE, share
        yield word[:-1] + "ت", _JOINED, share * 0.15
        return
    if word.endswith("ى"):
        yield word, _WHOLE, share
        yield word[:-1] + "ا", _JOINED, share * 0.1
        return
    yield word, FormKind.NOUN, share
    if word.endswith(("أ", "اء")):
        yield word[:-1] + "ؤ", _JOINED, share * 0.05
        yield word[:-1] + "ئ", _JOINED, share * 0.05
    if not word.endswith(("ا", "اء", "أ")):
        yield word + "ا", _BARE | FormKind.NO_PRONOUN | FormKind.ACCUSATIVE, share * 0.06
    if defective and word.endswith("ي") and len(word) > 2:
        yield word[:-1], _BARE | FormKind.NO_PRONOUN, share * 0.1


def dual(word: str, share: float) -> Iterator[Form]:
    """The dual, on its own and before a genitive."""
    base = {"ة": word[:-1] + "ت", "ى": word[:-1] + "ي", "ا": word[:-1] + "و"}.get(word[-1], word)
    bases = [base, *((word[:-1] + "و",) if word.endswith("اء") else ())]
    for one in bases:
        yield one + "ان", _WHOLE, share
        yield one + "ين", _WHOLE, share
        yield one + "ا", _CONSTRUCT, share * 0.1
        yield one + "ي", _CONSTRUCT, share * 0.1
        if one.endswith("أ"):
            yield one[:-1] + "آن", _WHOLE, share


def masculine_plural(word: str, share: float, *, defective: bool = False) -> Iterator[Form]:
    """The sound masculine plural, on its own and before a genitive or pronoun: قاضي has قاضون, سياسي has سياسيون."""
    base = word[:-1] if word.endswith("ى") or (defective and word.endswith("ي")) else word
    yield base + "ون", _WHOLE, share
    yield base + "ين", _WHOLE, share * 2
    yield base + "و", _CONSTRUCT, share * 0.3
    yield base + "ي", _CONSTRUCT, share * 0.4


def feminine_plural(word: str, share: float) -> Iterator[Form]:
    """The plural in ات."""
    if word.endswith("اة"):
        bases = [word[:-2] + "وات", word[:-2] + "يات", word[:-2] + "ات"]
    elif word.endswith("ة"):
        bases = [word[:-1] + "ات"]
    elif word.endswith("ى"):
        bases = [word[:-1] + "يات"]
    elif word.endswith("اء"):
        bases = [word[:-1] + "وات", word + "ات"]
    elif word.endswith("ا"):
        bases = [word[:-1] + "وات", word + "ت", word[:-1] + "يات"]
    elif word.endswith("و"):
        bases = [word + "ات", word + "هات"]
    elif word.endswith("أ"):
        bases = [word[:-1] + "آت"]
    else:
        bases = [word + "ات"]
    for base in bases:
        yield base, FormKind.NOUN, share / len(bases)


def feminine(word: str) -> str:
    """The feminine in ة of an adjective."""
    if word.endswith("ى"):
        return word[:-1] + "اة"
    return word + "ة"


def elative_feminine(word: str) -> tuple[str, ...]:
    """The feminine of أفعل: فعلى for a comparative, فعلاء for a colour."""
    if len(word) != 4 or not word.startswith("أ"):
        return ()
    rest = word[1:]
    if rest.endswith("ى"):
        return (rest[:-1] + "يا", rest[:-1] + "ياء")
    return (rest + "ى", rest + "اء")


def noun_forms(
    word: str,
    *,
    is_adjective: bool = False,
    takes_feminine: bool = False,
    takes_masculine_plural: bool = False,
    is_defective: bool = False,
    is_elative: bool = False,
    has_feminine_noun: bool = False,
) -> Iterator[Form]:
    """All forms of a noun or adjective except broken plurals; `has_feminine_noun` if with ة it is another noun."""
    yield from singular(word, 0.6, defective=is_defective)
    yield from dual(word, 0.004)
    if word.endswith("ة"):
        yield from feminine_plural(word, 0.15)
        for plural in usual_plurals(word):
            yield from broken_plural_forms(plural, 0.05)
        return
    if is_adjective or takes_masculine_plural:
        yield from masculine_plural(word, 0.04, defective=is_defective)
    if is_adjective or takes_feminine:
        feminine_word = feminine(word)
        share = 0.3 if is_adjective else 0.05
        yield from singular(feminine_word, share / 2.5 if has_feminine_noun else share)
        yield from dual(feminine_word, 0.002)
        yield from feminine_plural(feminine_word, 0.005 if has_feminine_noun else 0.03)
    elif len(word) > _SHORTEST_PLURAL or word.startswith("م"):
        yield from feminine_plural(word, 0.005 if has_feminine_noun else 0.02)
    if is_elative:
        for form in elative_feminine(word):
            yield from singular(form, 0.1)


def broken_plural_forms(word: str, share: float = 0.3, *, is_defective: bool = False) -> Iterator[Form]:
    """The forms of a broken plural; أراض and أراضي are one plural."""
    if is_defective and not word.endswith("ي"):
        word += "ي"
    yield from singular(word, share, defective=word.endswith("ي"))
    if not word.endswith("ي"):
        yield from feminine_plural(word, 0.002)


def usual_plurals(word: str) -> Iterator[str]:
    """The usual broken plurals of a feminine noun, by pattern: شريحة شرائح, رسالة رسائل, قاعدة قواعد, مشكلة مشاكل."""
    if len(word) != 5:
        return
    first, second, third, fourth = word[:4]
    if third in "ياو":
        yield f"{first}{second}ائ{fourth}"
    elif second == "ا":
        yield f"{first}وا{third}{fourth}"
    elif first == "م":
        yield f"م{second}ا{third}{fourth}"


def five_nouns(word: str) -> Iterator[Form]:
    """أب and أخ before a genitive or pronoun: أبو, أبا, أبي."""
    for letter in "ويا":
        yield word + letter, _CONSTRUCT, 0.3
