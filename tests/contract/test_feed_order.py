"""Several feeds of one archive: in any order, and repeated, they give the same archive and the same results."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from corpus import Archive, ingest
from indexer import SearchRequest, Sort, open_searcher, update_index, verify_index

WORDS = ["زلزال", "مفاوضات", "النار", "الحكومة", "الموازنة", "فوز"]


def feed(source: str, numbers: range) -> bytes:
    """The articles of one feed; they have no ids, so that these are made from their URLs."""
    rows = (
        {
            "url": f"https://{source}.example/{number}",
            "title": f"{WORDS[number % 6]} {WORDS[number % 5]}",
            "text": f"{WORDS[number % 4]} رقم {number}",
            "date": f"2020-01-{1 + number % 28:02}",
            "source": source,
        }
        for number in numbers
    )
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


FIRST, SECOND, LATER = feed("one", range(40)), feed("two", range(30)), feed("one", range(30, 60))
ORDERS = [[FIRST, SECOND, LATER], [SECOND, LATER, FIRST, SECOND], [LATER, FIRST, LATER, SECOND, FIRST]]


def answers(archive: Archive) -> list[object]:
    searcher = open_searcher(archive)
    found: list[object] = [verify_index(archive)]
    for word in WORDS:
        page = searcher.search(SearchRequest(word, sort=Sort.NEWEST, facets=True, group=False, page_size=100))
        found.append((page.total, {hit.id for hit in page.hits}, page.facets, page.timeline))
    return found


@pytest.fixture(scope="module")
def archives(new_archive: Callable[[], Archive]) -> list[Archive]:
    archives = []
    for order in ORDERS:
        archive = new_archive()
        for data in order:
            summary = ingest.AddSummary()
            ingest.add_stream(archive, io.BytesIO(data), "feeder.jsonl", summary)
            assert not summary.refused
            update_index(archive)
        archives.append(archive)
    return archives


def test_results_do_not_depend_on_the_order_of_the_feeds(archives: list[Archive]) -> None:
    first, *others = map(answers, archives)
    assert first[0] == 90
    for other in others:
        assert other == first
