"""From what a person typed to tokens, in one pass and in time linear in the text.

Marks that print as nothing are dropped first, variants of the operators' characters made one. Then:

    open, close   ( )
    url           an address of the web, with or without its scheme: a word like others, whatever marks it holds
    phrase        what stands between quotation marks; " “ ” „ are one family, « » one, ‹ › one, each typed either
                  way round; ' ‘ ’ ‚ only where no letter touches them from outside, else they are apostrophes
    either        | ||, or a word of `names.OPERATORS` that stands alone
    minus         - or − or –, after a space or a bracket and before something else
    not, and      words of `names.OPERATORS` that stand alone
    field         letters with a colon attached, and something behind it
    run           anything else up to the next space, bracket, quotation mark, | ~ or :

A ~ with or without a number becomes the `distance` of the phrase that it stands behind or before ("…"~5, ~5"…" and
5~"…" are the same text on a screen that runs both ways), or of the run that it is attached to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from indexer.analysis import INVISIBLE, MARKS
from indexer.query import warnings
from indexer.query.names import operator_named
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
_MINUS: Final = r"\-\u2212\u2013"
_END: Final = rf"\s(){_QUOTES}"
_LEXER: Final = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<open>\() | (?P<close>\))
    | (?P<url>(?i:[a-z][a-z0-9+.\-]*://|www\.)[^{_END}]+ | (?i:[a-z0-9])[\w\-]*(?:\.[\w\-]+)+/[^{_END}]*)
    | "(?P<q1>[^"]*)" | «(?P<q2>[^«»]*)» | »(?P<q3>[^«»]*)« | ‹(?P<q4>[^‹›]*)› | ›(?P<q5>[^‹›]*)‹
    | [“”„‟](?P<q6>[^"“”„‟]*)[“”„‟] | ["“”„‟](?P<q7>[^"“”„‟]*)["“”„‟]
    | (?<![^\s(|:=~\-])[{_SINGLE}](?=[^\s{_SINGLE}])
      (?P<q8>(?:[^{_SINGLE}]|(?<=\w)[{_SINGLE}](?=\w))*)[{_SINGLE}](?!\w)
    | (?P<lone>[{_QUOTES}])
    | (?P<before>\d{{1,4}})~(?=[{_QUOTES}{_SINGLE}])
    | (?<=[{_QUOTES}{_SINGLE}])(?P<behind>\d{{1,4}})~
    | (?P<tilde>~+(?:\d{{1,4}}(?!\w))?)
    | (?P<either>\|+)
    | (?<![^\s(|])(?P<minus>[{_MINUS}]+)(?=[^\s{_MINUS}])
    | =+(?P<equals>)(?=[{_QUOTES}{_SINGLE}])
    | (?P<field>[^\W\d_](?:[^\W\d_]|[{MARKS}])*):(?=\s*\S)
    | (?P<run>(?:[^{_END}|:~]|(?<=\d):(?=\d))+:?|:)
    """,
    re.VERBOSE,
)
_PHRASES: Final = frozenset(f"q{number}" for number in range(1, 9))
_DROPPED: Final = re.compile(f"[{INVISIBLE}\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `text` is that of the phrase, run, field or operator, `distance` the number of its ~."""

    kind: str
    text: str
    distance: int | None = None


def lex(text: str) -> tuple[list[Token], list[QueryWarning]]:
    """The tokens of a query and what has to be said about them. Never raises."""
    lexer = _Lexer()
    text = _DROPPED.sub("", text).translate(_VARIANTS)
    if len(text) > MAX_QUERY_LENGTH:
        text = text[:MAX_QUERY_LENGTH]
        lexer.warnings.append(warnings.query_cut(MAX_QUERY_LENGTH))
    lexer.read(text)
    return [_with_operator(token) for token in lexer.tokens], lexer.warnings


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
                self.tokens.append(Token(kind, match[match.lastgroup or 0], self._take(kind, match.start())))
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
        """The distance that waits for a token of this kind; one that waits for something else is passed over."""
        number, self._pending = self._pending, None
        if number is None:
            return None
        if kind == "phrase":
            return number or DEFAULT_NEAR
        if kind == "run" and start == self._pending_end:
            return number or 1
        self.warnings.append(warnings.lone_operator("~"))
        return None


def _with_operator(token: Token) -> Token:
    if token.kind == "run" and token.distance is None and (operator := operator_named(token.text)):
        return Token(operator, token.text)
    return token
