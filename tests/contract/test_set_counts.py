"""Counts without hits, and the names of a field, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus import Archive, make_article
from indexer import SearchRequest, Sort
from tests.indexer.small_archive import Search, fill

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("", {"sources": ("الغد",)}),
    ("إيران", {}),
    ("زلزال الموازنة", {"match": "any"}),
    ("زلزال الموازنة", {}),
    ("إيران -اليابان", {"sort": Sort.NEWEST}),
    ("هل ضرب زلزال غرب إيران فجر اليوم؟", {}),
    ("...", {}),
]


@pytest.fixture(scope="module")
def search(new_archive: Callable[[], Archive]) -> Search:
    archive = new_archive()
    fill(archive)
    archive.add(make_article(id="fm", title="خبر", paragraphs=["نص"], source="Jawhara FM", section="Sport"))
    archive.add(make_article(id="fm2", title="خبر آخر", paragraphs=["نص"], source="Jawhara FM", section="سياسه"))
    archive.add(make_article(id="okaz", title="خبر ثالث", paragraphs=["نص"], source="okaz", section="سياسة"))
    return Search(archive)


@pytest.mark.parametrize(("query", "values"), REQUESTS, ids=repr)
def test_a_count_is_the_total_of_the_page(search: Search, query: str, values: dict[str, Any]) -> None:
    assert search.searcher.count(SearchRequest(query, **values)) == search.page(query, **values).total


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("مصدر:", ["مصدر:الغد", 'مصدر:"Jawhara FM"', "مصدر:النهضة", "مصدر:okaz"]),
        ("زلزال -source:ok", ["زلزال -source:okaz"]),
        ("مصدر:fm", ['مصدر:"Jawhara FM"']),
        ("قسم:سياس", ["قسم:سياسة"]),
        ("كاتب:ليلى", ['كاتب:"ليلى حداد"']),
        ("كاتب:لا أحد", None),
        ("كاتب:لاأحد", []),
        ("okaz", ["مصدر:okaz"]),
        ("النهضة", ["مصدر:النهضة"]),
    ],
)
def test_a_field_is_completed_with_its_names(search: Search, typed: str, completed: list[str] | None) -> None:
    suggested = [one.text for one in search.searcher.suggest(typed)]
    if completed is None:  # the value has ended
        assert not any(text.startswith("كاتب:لا أحد") for text in suggested)
    else:
        assert suggested == completed
