"""The cost of each kind of query, in processes of their own: `python -m bench.searching ARCHIVE`.

Such a process reads queries by kind from its standard input and opens the index. It requests the ids of the ten best
hits of each query, then all again in the same order; then, with other queries and after as many pages as a server shows
in its first minutes, whole pages: facets, timeline, ten snippets. The time of a query is the least of three processes,
each with cold caches.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Final, Literal, TypedDict

from bench.timing import least, milliseconds, private_megabytes
from indexer.embedded.searcher import EmbeddedSearcher

QUERIES: Final = 200  # of each kind
WARM_UP: Final = 500  # pages of three words each
ROUNDS: Final = 3
_NO_WORD: Final = re.compile(r"[^\w\s\u064B-\u0652]")  # \w leaves vowel signs out

THREE: Final = "three words"
PHRASE: Final = "a phrase of two words"
_OTHERS: Final = "warm-up"

Headlines = Iterator[list[str]]
"""The words of random headlines, at least three, without punctuation; endless."""

Times = dict[str, list[float]]
"""Milliseconds per query, by kind of query."""


class Found(TypedDict):
    """The cost of searching: milliseconds to open, private megabytes at the end, and the times."""

    opened: float
    private: float
    first: Times
    again: Times
    pages: Times


PASSES: Final[dict[str, Literal["first", "again", "pages"]]] = {
    "first time": "first",
    "again": "again",
    "facets, timeline, ten snippets": "pages",
}


def any_of(words: list[str]) -> str:
    """The disjunction of some words, as a query."""
    return " أو ".join(words)


KINDS: Final[dict[str, Callable[[list[str]], str]]] = {
    "one word": lambda words: words[0],
    THREE: lambda words: " ".join(words[:3]),
    "any of three words": lambda words: any_of(words[:3]),
    PHRASE: lambda words: f"«{' '.join(words[:2])}»",
}


def words_of(title: str) -> list[str]:
    """The words of a title, without punctuation."""
    return _NO_WORD.sub(" ", title).split()


def measure(directory: Path, headlines: Headlines) -> Found:
    """Searches an archive for words of headlines, different ones for each kind of query."""
    queries = {kind: [spell(words) for words in islice(headlines, 2 * QUERIES)] for kind, spell in KINDS.items()}
    queries[_OTHERS] = [KINDS[THREE](words) for words in islice(headlines, WARM_UP)]
    rounds: list[Found] = []
    for _ in range(ROUNDS):
        call = [sys.executable, "-m", "bench.searching", str(directory)]
        done = subprocess.run(call, input=json.dumps(queries), stdout=subprocess.PIPE, check=True, encoding="utf-8")
        rounds.append(json.loads(done.stdout))
    return Found(
        opened=min(found["opened"] for found in rounds),
        private=max(found["private"] for found in rounds),
        first={kind: least(found["first"][kind] for found in rounds) for kind in KINDS},
        again={kind: least(found["again"][kind] for found in rounds) for kind in KINDS},
        pages={kind: least(found["pages"][kind] for found in rounds) for kind in KINDS},
    )


def _search(directory: Path, queries: dict[str, list[str]]) -> Found:
    from corpus import Archive
    from indexer import SearchRequest

    with Archive.open(directory) as archive:
        requests = {kind: [SearchRequest(query, facets=True) for query in asked] for kind, asked in queries.items()}
        began = perf_counter()
        searcher = EmbeddedSearcher(archive)
        opened = 1000 * (perf_counter() - began)

        def rank(request: SearchRequest) -> object:
            return searcher.rank(request, 10)

        first, again = ({kind: milliseconds(rank, requests[kind][:QUERIES]) for kind in KINDS} for _ in range(2))
        milliseconds(searcher.search, requests[_OTHERS])
        pages = {kind: milliseconds(searcher.search, requests[kind][QUERIES:]) for kind in KINDS}
        return Found(opened=opened, private=private_megabytes(), first=first, again=again, pages=pages)


if __name__ == "__main__":
    print(json.dumps(_search(Path(sys.argv[1]), json.loads(sys.stdin.buffer.read()))))
