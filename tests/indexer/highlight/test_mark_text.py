"""Highlights of whole texts, and queries of random text; `tests/contract` tests the queries of both engines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from corpus import Archive, make_article
from indexer import Snippet, mark_text
from tests.indexer.query_texts import QUERY_TEXTS
from tests.indexer.small_archive import Search


def test_mark_text_marks_whole_texts() -> None:
    assert mark_text('"وقف إطلاق" النار', ["وقف إطلاق النار", "لا شيء"]) == [
        Snippet("وقف إطلاق النار", ((0, 9), (10, 15))),
        Snippet("لا شيء", ()),
    ]


@pytest.fixture(scope="module")
def fixed_search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    archive = Archive.create(tmp_path_factory.mktemp("fixed") / "archive")
    archive.add(make_article(id="a", title="وقف النار", paragraphs=["وقف إطلاق النار في 23 شباط", "النار"]))
    archive.add(make_article(id="b", title="النار", paragraphs=["وقف"]))
    return Search(archive)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=QUERY_TEXTS)
def test_no_query_raises_and_marks_lie_inside_the_text(fixed_search: Search, text: str) -> None:
    for hit in fixed_search.page(text).hits:
        for snippet in (hit.title, hit.snippet):
            ends = [0, *(at for span in snippet.spans for at in span), len(snippet.text)]
            assert ends == sorted(ends)
