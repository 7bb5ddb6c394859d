"""Many machines feed one archive: whatever the order and however often, the archive and the answers are the same."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from corpus import Archive, ingest
from indexer import SearchRequest, Sort, open_searcher, update_index, verify_index

WORDS = ["زلزال", "مفاوضات", "النار", "الحكومة", "الموازنة", "فوز"]


def feed(source: str, numbers: range) -> bytes:
    """What one feeder writes; articles without an id have one made from their address."""
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
def fed(new_archive: Callable[[], Archive]) -> list[Archive]:
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


def test_the_order_of_the_feeders_does_not_matter(fed: list[Archive]) -> None:
    first, *others = map(answers, fed)
    assert first[0] == 90
    for other in others:
        assert other == first
