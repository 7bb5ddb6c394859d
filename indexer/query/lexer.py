"""The lexer of the query language: from typed text to tokens, in one pass, in time linear in the text.

Invisible characters are dropped first, and variants of operator characters unified. Then:

    open, close   ( )
    url           a web address, with or without its scheme: a word, including its punctuation
    phrase        text between quotation marks; " “ ” „ are one family, « » one, ‹ › one, each typed either
                  way round; ' ‘ ’ ‚ only where no letter touches them from outside, otherwise they are apostrophes
    either        | ||, or a word of `OPERATORS` on its own
    minus         - or − or –, after a space or a bracket and directly before a word, a year, a phrase or a bracket; two
                  of them around some words are a pair of dashes and no tokens
    plus          + likewise, but never before a number
    not, and      words of `OPERATORS` on their own
    field         letters, a colon, and a value directly after it
    run           anything else up to the next space, bracket, quotation mark, | ~ or :

In a sentence in capitals (TO BE OR NOT TO BE) OR, NOT and AND are words.

A ~ with or without a number becomes the `distance` of the phrase before or after it ("…"~5, ~5"…" and 5~"…" look the
same on a screen that mixes directions), or of the run that it is attached to.

Fields and operators have Arabic and Latin names. They are compared folded, so that harakat, tatweel and hamzas do not
matter, and before a colon also with و and ال in front (والعنوان:). Latin operators must be in capitals; Latin field
names may be in any case.
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
"""Characters of a query that are read, not counting invisible ones; the rest is cut off."""

DEFAULT_NEAR: Final = 5
"""The distance of a phrase with ~ and no number."""


class Bound(Enum):
    """Which days a date field means: those of its value, or those from it on, or up to it."""

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
"""Kind of token → the names of the operator; as in `FIELDS`, the first one is printed."""

_FIELD_OF: Final = {fold(name): field for field, names in FIELDS.items() for name in names}
_OPERATOR_OF: Final = {
    name.upper() if name.isascii() else fold(name): operator for operator, names in OPERATORS.items() for name in names
}
_LONGEST_OPERATOR: Final = 16  # characters, harakat and tatweel included

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
"""What a prefix operator must be followed by."""

URL: Final = re.compile(
    rf"""
    (?i:[a-z][a-z0-9+.\-]*://|www\.)[^{_END}]+ | (?i:[a-z0-9])[\w\-]*(?:\.[\w\-]+)*\.[^\W\d_]{{2,}}/[^{_END}]*
    """,
    re.VERBOSE,
)
"""A web address, with or without its scheme."""

PAIR_OF_DASHES: Final = re.compile(
    rf"(?<![^\s(])[{_DASHES}]+(?=[^\s{_DASHES}])[^{_DASHES}()|\n]{{1,200}}(?<=[^\s])[{_DASHES}]+(?![^\s.,،؛:!?)])"
)
"""Two dashes that touch the words between them: -رحمه الله-"""

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
_SHORT_LATIN: Final = 3  # words; up to as many in capitals may be names


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A token of a query: `text` is that of the phrase, run, field or operator, `distance` the number after its ~.

    A phrase or bracket is `glued` if a letter or digit touches it from outside.
    """

    kind: str
    text: str
    distance: int | None = None
    glued: bool = False


def clean_query(text: str) -> tuple[str, list[QueryWarning]]:
    """Drop invisible characters, unify operator characters and cut to `MAX_QUERY_LENGTH`; with warnings."""
    text = _DROPPED.sub("", _ENTITY.sub(lambda entity: unescape(entity[0]), text)).translate(_VARIANTS)
    if len(text) <= MAX_QUERY_LENGTH:
        return text, []
    return text[:MAX_QUERY_LENGTH], [warnings.query_cut(MAX_QUERY_LENGTH)]


def lex(text: str) -> tuple[list[QueryToken], list[QueryWarning]]:
    """The tokens of a clean query (`clean_query`), and warnings. Never raises."""
    lexer = _Lexer()
    lexer.read(text)
    return _with_operators(lexer.tokens), lexer.warnings


def field_named(label: str) -> FieldName | RootLevel | Bound | None:
    """The field that a word before a colon names; None for any other word."""
    name = fold(label)
    for prefix in ("", "و", "ال", "وال"):
        if name.startswith(prefix) and (field := _FIELD_OF.get(name.removeprefix(prefix))):
            return field
    return None


def operator_named(text: str) -> str | None:
    """Which operator a word on its own is (`either`, `not`, `and`); None for any other word."""
    if len(text) > _LONGEST_OPERATOR:
        return None
    return _OPERATOR_OF.get(text if text.isascii() else fold(text))


class _Lexer:
    def __init__(self) -> None:
        self.tokens: list[QueryToken] = []
        self.warnings: list[QueryWarning] = []
        self._pending: int | None = None  # the number of a ~ whose operand follows; 0 for none
        self._pending_end = -1

    def read(self, text: str) -> None:
        before, before_end = "", -1  # the kind and the end of the last token
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
                self.tokens.append(QueryToken(kind, match[match.lastgroup or 0], distance, _is_glued(kind, match)))
            before, before_end = kind, match.end()
        self._take("", -1)

    def _tilde(self, match: re.Match[str], kind: str, before: str, glued: bool, followed: bool) -> None:
        self._take("", -1)
        number = int(match[0].strip("~") or 0)
        if before == "phrase" and kind != "before":
            self.tokens[-1] = replace(self.tokens[-1], distance=number or DEFAULT_NEAR)
        elif before == "run" and glued and kind == "tilde":
            if not followed:  # between two words it only separates them
                self.tokens[-1] = replace(self.tokens[-1], distance=number or 1)
        else:
            self._pending, self._pending_end = number, match.end()

    def _take(self, kind: str, start: int) -> int | None:
        """The pending distance, if it belongs to a token of this kind; otherwise it is ignored."""
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


def _with_operators(tokens: list[QueryToken]) -> list[QueryToken]:
    named = [operator_named(token.text) if token.kind == "run" and token.distance is None else None for token in tokens]
    count = sum(name is not None for name in named)
    words = sum(token.kind in ("run", "phrase", "field") for token in tokens) - count
    # A list of names in capitals has an operator between every two.
    is_sentence = words > _SHORT_LATIN and count < words - 1
    return [
        token
        if name is None or (is_sentence and token.text.isalpha() and _is_shouted(tokens, place))
        else QueryToken(name, token.text)
        for place, (token, name) in enumerate(zip(tokens, named, strict=True))
    ]


def _is_shouted(tokens: list[QueryToken], place: int) -> bool:
    """Whether a word and its neighbours are Latin words in capitals."""
    around = tokens[max(0, place - 1) : place + 2]
    return len(around) > 1 and all(token.kind == "run" and _LATIN_CAPITALS.fullmatch(token.text) for token in around)
