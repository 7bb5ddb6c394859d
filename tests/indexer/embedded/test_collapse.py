from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from corpus import Archive, group_names, make_article, near_duplicates
from indexer import SearchRequest, Sort, rebuild_index, update_index
from indexer.embedded import writer
from indexer.embedded.collapse import Collapser, uncollapsed
from indexer.embedded.doc_sets import DocSet
from indexer.embedded.searcher import Searcher
from indexer.embedded.snapshot import open_snapshot
from tests.indexer.small_archive import Search

WORDS = (Path(__file__).parents[3] / "seeds" / "wire.jsonl").read_text(encoding="utf-8").split()
START = datetime(2020, 3, 1, 9, tzinfo=UTC)


def story(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=60))


def add(archive: Archive, article_id: str, number: int, *, source: str, hours: float | None, more: str = "") -> None:
    archive.add(
        make_article(
            id=article_id,
            title=f"زلزال {more}",
            paragraphs=[story(number)],
            source=source,
            published=None if hours is None else START + timedelta(hours=hours),
        )
    )


def grouped(archive: Archive) -> Search:
    near_duplicates.group_changes(archive)
    return Search(archive)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two stories, of three copies and of two, and an article alone; all of an earthquake."""
    archive = Archive.create(tmp_path / "archive")
    with archive.batch():
        add(archive, "a1", 1, source="النهضة", hours=5)
        add(archive, "a2", 1, source="المنارة", hours=2, more="زلزال زلزال")
        add(archive, "a3", 1, source="الغد", hours=9)
        add(archive, "b1", 2, source="النهضة", hours=30)
        add(archive, "b2", 2, source="الغد", hours=20)
        add(archive, "alone", 3, source="الغد", hours=1)
    return archive


def test_a_story_is_one_hit_and_its_copy_sorts_first(archive: Archive) -> None:
    search = grouped(archive)
    assert search("زلزال", sort=Sort.NEWEST) == ["b1", "a3", "alone"]
    assert search("زلزال", sort=Sort.OLDEST) == ["alone", "a2", "b2"]
    assert "a2" in search("زلزال")
    assert len(search("زلزال")) == 3


def test_both_counts_are_exact(archive: Archive) -> None:
    page = grouped(archive).page("زلزال", page_size=2, facets=True)
    assert (page.total, page.stories, page.page_count) == (6, 3, 2)
    assert dict(page.facets[0].values) == {"النهضة": 2, "المنارة": 1, "الغد": 3}


def test_a_hit_lists_all_sources_of_its_story_and_the_first(archive: Archive) -> None:
    hits = {hit.id: hit for hit in grouped(archive).page("زلزال", sort=Sort.NEWEST).hits}
    group = hits["a3"].group
    assert group is not None
    assert [copy.article_id for copy in group.copies] == ["a2", "a1", "a3"]
    assert (group.name, group.first.source) == ("a1", "المنارة")
    assert [copy.source for copy in group.others("a3")] == ["المنارة", "النهضة"]
    assert [hits[name].copies for name in ("a3", "b1", "alone")] == [2, 1, 0]
    assert hits["alone"].group is None


def test_a_filter_keeps_the_copy_that_satisfies_it(archive: Archive) -> None:
    page = grouped(archive).page("زلزال", sources=("النهضة",), sort=Sort.NEWEST)
    assert [(hit.id, hit.copies) for hit in page.hits] == [("b1", 0), ("a1", 0)]
    # All sources are listed nevertheless.
    assert page.hits[1].group is not None
    assert len(page.hits[1].group.copies) == 3


def test_without_grouping_every_copy_is_a_hit(archive: Archive) -> None:
    page = grouped(archive).page("زلزال", group=False, sort=Sort.OLDEST)
    assert [hit.id for hit in page.hits] == ["alone", "a2", "a1", "a3", "b2", "b1"]
    assert (page.total, page.stories) == (6, 6)
    assert {hit.copies for hit in page.hits} == {0}


def test_pages_cover_every_story_once(archive: Archive) -> None:
    search = grouped(archive)
    pages = [search("زلزال", page=number, page_size=1) for number in range(1, 5)]
    assert [len(ids) for ids in pages] == [1, 1, 1, 0]
    assert {ids[0][0] for ids in pages[:3]} == {"a", "b"}


def test_rankings_are_grouped_on_request(archive: Archive) -> None:
    searcher = grouped(archive).searcher
    assert len(searcher.rank(SearchRequest("زلزال"), 100).articles) == 3
    assert len(searcher.rank(SearchRequest("زلزال", group=False), 100).articles) == 6


def test_copies_are_not_listed_as_similar_articles(archive: Archive) -> None:
    add(archive, "next", 4, source="النهضة", hours=3)
    add(archive, "next too", 4, source="الغد", hours=3)
    for number in range(30):  # words that all articles have score nothing
        archive.add(make_article(id=f"other {number}", paragraphs=[f"كلام{number} عن شيء{number}"]))
    like = [hit.id for hit in grouped(archive).searcher.more_like("a1", 10)]
    assert not set(like) & {"a1", "a2", "a3"}
    assert len(like) == len({article_id[0] for article_id in like})


def test_a_group_that_changes_is_indexed_again(archive: Archive) -> None:
    search = grouped(archive)
    assert len(search("زلزال")) == 3
    add(archive, "b1", 5, source="النهضة", hours=30)
    add(archive, "late", 3, source="المنارة", hours=40)
    near_duplicates.group_changes(archive)
    summary = update_index(archive)
    # b1 and late by themselves; b2 and alone because their groups have changed.
    assert (summary.indexed, summary.replaced) == (4, 3)
    assert search("زلزال", sort=Sort.NEWEST) == ["late", "b1", "b2", "a3"]
    before = search.page("زلزال", sort=Sort.NEWEST).hits
    rebuild_index(archive)
    assert search.page("زلزال", sort=Sort.NEWEST).hits == before


def test_ungrouped_articles_are_all_found(archive: Archive) -> None:
    search = Search(archive)
    assert len(search("زلزال")) == 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_collapsing_equals_a_loop_over_the_documents(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(writer, "SMALL_SEGMENT", 1)  # several segments
    archive = Archive.create(tmp_path / "archive")
    sources: dict[str, str] = {}
    for size in (60, 25, 9):
        for _ in range(size):
            name, hours = str(chance.randrange(200)), chance.choice([None, 1, 2, 5, 5, 9])
            number, source = chance.randrange(25), chance.choice("أبج")
            # The same id from another source would be another article.
            add(archive, name, number, source=sources.setdefault(name, source), hours=hours)
        near_duplicates.group_changes(archive)
        update_index(archive)
    snapshot = open_snapshot(archive.index_directory)
    names = group_names(archive, snapshot.article_ids())
    assert len(snapshot.segments) > 1
    assert names
    collapser = Collapser(snapshot)
    for sort in Sort:
        for share in (0.0, 0.3, 1.0):
            found = []
            for segment in snapshot.segments:
                live = np.flatnonzero(segment.live) if segment.live is not None else np.arange(segment.doc_count)
                docs = np.array([n for n in live.tolist() if chance.random() < share], np.intp)
                scores = np.array([chance.choice([1.0, 2.0, 2.5]) for _ in docs], np.float32)
                found.append(DocSet(docs, scores))
            kept = collapser.collapse(found, sort)
            documents = [
                (segment.base + doc, score, int(segment.times[doc]), names.get(segment.article_id(doc)))
                for segment, matches in zip(snapshot.segments, found, strict=True)
                for doc, score in zip(matches.docs.tolist(), matches.scores.tolist(), strict=True)
            ]
            kept_documents = by_loop(documents, sort, snapshot.order.tolist())
            assert [
                (segment.base + doc, score)
                for segment, matches in zip(snapshot.segments, kept.sets, strict=True)
                for doc, score in zip(matches.docs.tolist(), matches.scores.tolist(), strict=True)
            ] == [(document, score) for document, score, _, _ in documents if document in kept_documents]
            assert kept.total == len(kept_documents)
            assert {document: kept.copies(document) for document in kept_documents} == kept_documents
            assert kept.copies(10**6) == 0
            assert uncollapsed(found).total == len(documents)


def by_loop(documents: list[tuple[int, float, int, str | None]], sort: Sort, numbers: list[int]) -> dict[int, int]:
    """The documents that are kept, each with the number of removed ones of its group; `numbers` orders ties."""

    def order(item: tuple[int, float, int, str | None]) -> tuple[float, int]:
        document, score, time, _ = item
        if sort is Sort.RELEVANCE:
            return -score, numbers[document]
        last = time == -1  # articles without a date
        return (float("inf") if last else -time if sort is Sort.NEWEST else time), numbers[document]

    kept_documents: dict[int, int] = {}
    first: dict[str, int] = {}
    for item in sorted(documents, key=order):
        document, _, _, group = item
        if group is None or group not in first:
            kept_documents[document] = 0
            if group is not None:
                first[group] = document
        else:
            kept_documents[first[group]] += 1
    return kept_documents


def test_an_open_searcher_sees_the_groups_of_new_commits(archive: Archive) -> None:
    searcher: Searcher = grouped(archive).searcher
    add(archive, "alone too", 3, source="النهضة", hours=50)
    near_duplicates.group_changes(archive)
    update_index(archive)
    page = searcher.search(SearchRequest("زلزال"))
    assert (page.total, page.stories) == (7, 3)
