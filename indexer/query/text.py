"""The words of a query that is read as a text: all marks in it are punctuation.

Hashtags are words (#عاصفة_الحزم is عاصفة and الحزم). Addresses of the web, marks of repeated posts (RT @name:) and
laughter are not, and in a longer text neither are names of accounts; unless there is nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.query.lexer import URL
from indexer.query.prose import SHORT
from indexer.query.words import plain_words

_ADDRESS: Final = re.compile(rf"(?<!\S)[\"«“(]?(?:{URL.pattern})", re.VERBOSE)
_REPEATED: Final = re.compile(r"(?<!\S)(?:RT|rt|via)\s+@\w+:?")
_ACCOUNT: Final = re.compile(r"(?<!\w)@[A-Za-z0-9_]+")
_LAUGHTER: Final = re.compile(r"(?<!\w)ه{3,}(?!\w)")


def words_of_text(text: str) -> list[str]:
    """The words of a clean query (`indexer.query.lexer.clean`), all of them."""
    told = _LAUGHTER.sub(" ", _REPEATED.sub(" ", _ADDRESS.sub(" ", text)))
    words = plain_words(told)
    if len(words) > SHORT:
        words = plain_words(_ACCOUNT.sub(" ", told))
    return words or plain_words(text)
