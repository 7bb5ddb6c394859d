"""From what a person typed to tokens, in one pass and in time linear in the text.

Marks that print as nothing are dropped first, variants of the operators' characters made one. Then:

    open, close   ( )
    url           an address of the web, with or without its scheme: a word like others, whatever marks it holds
    phrase        what stands between quotation marks; " “ ” „ are one family, « » one, ‹ › one, each typed either
                  way round; ' ‘ ’ ‚ only where no letter touches them from outside, else they are apostrophes
    either        | ||, or a word of `names.OPERATORS` that stands alone
    minus         - or − or –, after a space or a bracket and against a word, a year, a phrase or a bracket; two of
                  them round some words are a pair of dashes and no tokens
    plus          + likewise, but never before a number
    not, and      words of `names.OPERATORS` that stand alone
    field         letters with a colon attached, and its value attached to that
    run           anything else up to the next space, bracket, quotation mark, | ~ or :

In a sentence in capitals (TO BE OR NOT TO BE) OR, NOT and AND are words.

A ~ with or without a number becomes the `distance` of the phrase that it stands behind or before ("…"~5, ~5"…" and
5~"…" are the same text on a screen that runs both ways), or of the run that it is attached to.

The names of fields and operators, in Arabic and Latin spelling; the first of each is the canonical one.

Names are compared folded, so that harakat, tatweel and hamzas do not matter, and before a colon also with و and ال
in front (والعنوان:). Latin operators are such only in capitals, Latin field names in any case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from html import unescape
from typing import Final

from indexer.analysis import INVISIBLE, MARKS, fold
from indexer.query import warnings
from indexer.query.ast import FieldName
from indexer.results import QueryWarning

MAX_QUERY_LENGTH: Final = 10_000
"""Characters of a query that are read, marks that print as nothing aside."""

DEFAULT_NEAR: Final = 5
"""The distance of a phrase with a bare ~."""

_VARIANTS: Final = str.maketrans(
    dict.fromkeys("＂〝〞", '"') | dict.fromkeys("：﹕", ":") | dict.fromkeys("～˜∼〜", "~")
    | dict.fromkeys("＊٭∗﹡", "*") | dict.fromkeys("｜¦", "|") | dict.fromkeys("－﹣", "-") | dict.fromkeys("؟？", "?")
    | {"＝": "=", "（": "(", "）": ")", "《": "«", "》": "»"}
)  # fmt: skip
_QUOTES: Final = '"«»“”„‟‹›'
_SINGLE: Final = "'‘’‚‛"
_DASHES: Final = r"\-\u2212\u2013"
_END: Final = rf"\s(){_QUOTES}"
_OPERAND: Final = rf"(?:[\\=*?]*[^\W\d_]|[*?=]+\w|=*[{_QUOTES}{_SINGLE}(])"
"""What an operator in front of it works on."""

URL: Final = re.compile(
    rf"""
    (?i:[a-z][a-z0-9+.\-]*://|www\.)[^{_END}]+ | (?i:[a-z0-9])[\w\-]*(?:\.[\w\-]+)*\.[^\W\d_]{{2,}}/[^{_END}]*
    """,
    re.VERBOSE,
)
"""An address of the web, with or without its scheme."""

PAIR_OF_DASHES: Final = re.compile(
    rf"(?<![^\s(])[{_DASHES}]+(?=[^\s{_DASHES}])[^{_DASHES}()|\n]{{1,200}}(?<=[^\s])[{_DASHES}]+(?![^\s.,،؛:!?)])"
)
"""Two dashes with words between them that they touch: -رحمه الله-"""

_LEXER: Final = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<open>\() | (?P<close>\))
    | (?P<url>{URL.pattern})
    | "(?P<q1>[^"]*)" | «(?P<q2>[^«»]*)» | »(?P<q3>[^«»]*)« | ‹(?P<q4>[^‹›]*)› | ›(?P<q5>[^‹›]*)‹
    | [“”„‟](?P<q6>[^"“”„‟]*)[“”„‟] | ["“”„‟](?P<q7>[^"“”„‟]*)["“”„‟]
    | (?<![^\s(|:=~\-])[{_SINGLE}](?=[^\s{_SINGLE}])
      (?P<q8>(?:[^{_SINGLE}]|(?<=\w)[{_SINGLE}](?=\w))*)[{_SINGLE}](?!\w)
    | (?P<lone>[{_QUOTES}])
    | (?P<before>\d{{1,4}})~(?=[{_QUOTES}{_SINGLE}])
    | (?<=[{_QUOTES}{_SINGLE}])(?P<behind>\d{{1,4}})~
    | (?P<tilde>~+(?:\d{{1,4}}(?!\w))?)
    | (?P<either>\|+)
    | (?!{PAIR_OF_DASHES.pattern})(?<![^\s(|])(?P<minus>[{_DASHES}]+)(?={_OPERAND}|\d{{4}}(?!\w))
    | (?<![^\s(|])(?P<plus>\+)(?={_OPERAND})
    | =+(?P<equals>)(?=[{_QUOTES}{_SINGLE}])
    | (?P<field>[^\W\d_](?:[^\W\d_]|[{MARKS}])*):(?=\S)
    | (?P<run>(?:[^{_END}|:~]|(?<=\d):(?=\d))+:?|:)
    """,
    re.VERBOSE,
)
_PHRASES: Final = frozenset(f"q{number}" for number in range(1, 9))
_DROPPED: Final = re.compile(f"[{INVISIBLE}\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|quot|amp|apos|lt|gt|nbsp|[lr][sda]quo|hellip|[nm]dash);")
_LATIN_CAPITALS: Final = re.compile(r"\W*[A-Z][A-Z'’.\-]*\W*")
_SHORT_LATIN: Final = 3  # words; so many in capitals may be names


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `text` is that of the phrase, run, field or operator, `distance` the number of its ~.

    A phrase or bracket is `glued` where a letter or digit touches it from outside.
    """

    kind: str
    text: str
    distance: int | None = None
    glued: bool = False


def clean(text: str) -> tuple[str, list[QueryWarning]]:
    """A query without what prints as nothing, with one spelling of each mark, cut to `MAX_QUERY_LENGTH`."""
    text = _DROPPED.sub("", _ENTITY.sub(lambda entity: unescape(entity[0]), text)).translate(_VARIANTS)
    if len(text) <= MAX_QUERY_LENGTH:
        return text, []
    return text[:MAX_QUERY_LENGTH], [warnings.query_cut(MAX_QUERY_LENGTH)]


def lex(text: str) -> tuple[list[Token], list[QueryWarning]]:
    """The tokens of a clean query and what has to be said about them. Never raises."""
    lexer = _Lexer()
    lexer.read(text)
    return _with_operators(lexer.tokens), lexer.warnings


class _Lexer:
    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.warnings: list[QueryWarning] = []
        self._pending: int | None = None  # the number of a ~ that waits for what it stands before; 0 without a number
        self._pending_end = -1

    def read(self, text: str) -> None:
        before, before_end = "", -1  # the kind and the end of what was read last, spaces aside
        for match in _LEXER.finditer(text):
            kind = match.lastgroup or ""
            if kind == "space":
                continue
            glued = before_end == match.start()
            if kind in ("tilde", "before", "behind"):
                followed = match.end() < len(text) and (text[match.end()].isalnum() or text[match.end()] == "_")
                self._tilde(match, kind, before, glued, followed)
                kind = "" if kind == "tilde" and before not in ("phrase", "run") else "tilde"
            elif kind == "lone":
                self.warnings.append(warnings.unbalanced_quote())
            elif kind != "equals":
                kind = "phrase" if kind in _PHRASES else kind
                distance = self._take(kind, match.start())
                self.tokens.append(Token(kind, match[match.lastgroup or 0], distance, _is_glued(kind, match)))
            before, before_end = kind, match.end()
        self._take("", -1)

    def _tilde(self, match: re.Match[str], kind: str, before: str, glued: bool, followed: bool) -> None:
        self._take("", -1)
        number = int(match[0].strip("~") or 0)
        if before == "phrase" and kind != "before":
            self.tokens[-1] = replace(self.tokens[-1], distance=number or DEFAULT_NEAR)
        elif before == "run" and glued and kind == "tilde":
            if not followed:  # between two words it only parts them
                self.tokens[-1] = replace(self.tokens[-1], distance=number or 1)
        else:
            self._pending, self._pending_end = number, match.end()

    def _take(self, kind: str, start: int) -> int | None:
        """The distance that waits for a token of this kind; one that waits for something else is ignored."""
        number, self._pending = self._pending, None
        if number is None:
            return None
        if kind == "phrase":
            return number or DEFAULT_NEAR
        if kind == "run" and start == self._pending_end:
            return number or 1
        self.warnings.append(warnings.lone_operator("~"))
        return None


def _is_glued(kind: str, match: re.Match[str]) -> bool:
    before = match.start() > 0 and match.string[match.start() - 1].isalnum()
    behind = match.string[match.end() : match.end() + 1].isalnum()
    return (before and kind in ("phrase", "open")) or (behind and kind in ("phrase", "close"))


def _with_operators(tokens: list[Token]) -> list[Token]:
    named = [operator_named(token.text) if token.kind == "run" and token.distance is None else None for token in tokens]
    count = sum(name is not None for name in named)
    words = sum(token.kind in ("run", "phrase", "field") for token in tokens) - count
    # A list of names in capitals has an operator between any two.
    is_sentence = words > _SHORT_LATIN and count < words - 1
    return [
        token
        if name is None or (is_sentence and token.text.isalpha() and _is_shouted(tokens, place))
        else Token(name, token.text)
        for place, (token, name) in enumerate(zip(tokens, named, strict=True))
    ]


def _is_shouted(tokens: list[Token], place: int) -> bool:
    """Whether a word and both its neighbours are Latin and in capitals."""
    around = tokens[max(0, place - 1) : place + 2]
    return len(around) > 1 and all(token.kind == "run" and _LATIN_CAPITALS.fullmatch(token.text) for token in around)


class Bound(Enum):
    """Which side of a date field's value is meant."""

    ON = "on"
    AFTER = "after"
    BEFORE = "before"


class RootLevel(Enum):
    """The pseudo-field of roots: `جذر:كتب`."""

    ROOT = "root"


FIELDS: Final[dict[FieldName | RootLevel | Bound, tuple[str, ...]]] = {
    FieldName.TITLE: ("عنوان", "title"),
    FieldName.SOURCE: ("مصدر", "source"),
    FieldName.AUTHOR: ("كاتب", "author"),
    FieldName.SECTION: ("قسم", "section"),
    RootLevel.ROOT: ("جذر", "root"),
    Bound.ON: ("تاريخ", "date"),
    Bound.AFTER: ("من", "بعد", "منذ", "after", "from", "since"),
    Bound.BEFORE: ("إلى", "حتى", "قبل", "لغاية", "before", "until", "to"),
}
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "either": ("أو", "او", "OR"),
    "not": ("NOT",),
    "and": ("AND", "&&", "&"),
}

_FIELD_OF: Final = {fold(name): field for field, names in FIELDS.items() for name in names}
_OPERATOR_OF: Final = {
    name.upper() if name.isascii() else fold(name): operator for operator, names in OPERATORS.items() for name in names
}
_LONGEST_OPERATOR: Final = 16  # characters, harakat and tatweel included


def field_named(label: str) -> FieldName | RootLevel | Bound | None:
    """The field that a word before a colon names; None when it names none."""
    name = fold(label)
    for prefix in ("", "و", "ال", "وال"):
        if name.startswith(prefix) and (field := _FIELD_OF.get(name.removeprefix(prefix))):
            return field
    return None


def operator_named(text: str) -> str | None:
    """Which operator a word is that stands alone: `either`, `not` or `and`; None when it is a word like others."""
    if len(text) > _LONGEST_OPERATOR:
        return None
    return _OPERATOR_OF.get(text if text.isascii() else fold(text))
