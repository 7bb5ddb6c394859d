"""How both engines follow an archive: additions, revisions, removals, reindexing, and an index that does not match it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpus import Archive, make_article
from indexer import (
    IndexDamaged,
    IndexMissing,
    IndexVersionMismatch,
    open_searcher,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from tests.indexer.small_archive import ARTICLES, Search, fill


@pytest.fixture
def archive(new_archive: Callable[[], Archive]) -> Archive:
    archive = new_archive()
    fill(archive)
    return archive


def test_without_an_index_searching_raises_index_missing(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    for ask in (open_searcher, pending_changes, verify_index):
        with pytest.raises(IndexMissing, match="no index yet"):
            ask(archive)


def test_pending_changes_counts_changes_that_are_not_indexed(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    fill(archive)
    update_index(archive)
    searcher = open_searcher(archive)
    assert searcher.pending_changes() == 0
    for article_id in ("x", "y"):
        archive.add(make_article(id=article_id, title="عنوان", paragraphs=["نص"]))
    assert searcher.pending_changes() == pending_changes(archive) == 2
    update_index(archive)
    assert open_searcher(archive).pending_changes() == 0


def test_only_changes_are_indexed(archive: Archive) -> None:
    progress: list[tuple[int, int]] = []
    first = update_index(archive, progress=lambda done, total: progress.append((done, total)))
    assert (first.indexed, first.replaced) == (len(ARTICLES), 0)
    assert progress[0] == (0, len(ARTICLES))
    assert progress[-1] == (len(ARTICLES), len(ARTICLES))
    assert update_index(archive).indexed == 0
    archive.add(make_article(id="new", paragraphs=["فوز برشلونة"]))
    assert pending_changes(archive) == 1
    assert update_index(archive).indexed == 1
    assert pending_changes(archive) == 0
    assert open_searcher(archive).document_count() == len(ARTICLES) + 1
    assert verify_index(archive) == len(ARTICLES) + 1


def test_an_open_searcher_sees_new_articles_and_revisions(archive: Archive) -> None:
    search = Search(archive)
    assert search("برشلونة") == []
    archive.add(make_article(id="iran", title="هزة", paragraphs=["فوز برشلونة"]))
    summary = update_index(archive)
    assert (summary.indexed, summary.replaced) == (1, 1)
    assert search("برشلونة") == ["iran"]
    assert search("زلزال غرب") == []
    assert search.page("").total == len(ARTICLES)


def test_removed_articles_are_not_found_until_restored(archive: Archive) -> None:
    search = Search(archive)
    generation = open_searcher(archive).generation
    archive.remove("iran", "a complaint")
    summary = update_index(archive)
    assert (summary.indexed, summary.replaced, summary.removed) == (0, 0, 1)
    assert open_searcher(archive).generation > generation
    assert search("زلزال غرب") == []
    assert verify_index(archive) == len(ARTICLES) - 1
    archive.restore("iran")
    assert update_index(archive).indexed == 1
    assert search("زلزال غرب") == ["iran"]
    assert verify_index(archive) == len(ARTICLES)


def test_an_open_searcher_gives_the_same_results_after_a_rebuild(archive: Archive) -> None:
    search = Search(archive)
    queries = ["إيران", "الحكومة النار", '"إطلاق النار"', "المفاو*", "استاني~"]
    before = [search.page(query).hits for query in queries]
    summary = rebuild_index(archive)
    assert summary.indexed == len(ARTICLES)
    assert [search.page(query).hits for query in queries] == before
    assert [hit.id for hit in search.searcher.more_like("match")] == [
        hit.id for hit in open_searcher(archive).more_like("match")
    ]
    assert search.searcher.suggest("المفاو")


def test_an_interrupted_rebuild_leaves_the_old_index_in_use(archive: Archive) -> None:
    search = Search(archive)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_index(archive, progress=stop)
    assert set(search("إيران")) == {"match", "iran"}
    assert rebuild_index(archive).indexed == len(ARTICLES)
    assert set(search("إيران")) == {"match", "iran"}


def test_an_index_of_another_analysis_version_must_be_rebuilt(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_index(archive)
    archive.add(make_article(id="new", paragraphs=["نص"]))
    with monkeypatch.context() as patch:
        for module in ("indexer.embedded.commit", "indexer.opensearch.indices"):
            patch.setattr(f"{module}.ANALYSIS_VERSION", 99)
        for ask in (open_searcher, pending_changes, update_index):
            with pytest.raises(IndexVersionMismatch, match="this version of Arshif needs 99"):
                ask(archive)
        rebuild_index(archive)
        assert open_searcher(archive).document_count() == len(ARTICLES) + 1
    with pytest.raises(IndexVersionMismatch, match="built with analysis 99"):
        open_searcher(archive)


def test_an_index_ahead_of_its_archive_is_reported(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    archive.add(make_article(id="new", paragraphs=["نص"]))
    update_index(archive)
    monkeypatch.setattr(type(archive), "last_change", lambda self: len(ARTICLES))
    with pytest.raises(IndexDamaged, match="restored from a backup"):
        update_index(archive)


def test_long_ids_and_names_are_not_truncated(new_archive: Callable[[], Archive]) -> None:
    archive = new_archive()
    long_id, odd_id = "ط" * 2_000, 'a/b?c="#&%\u202e'
    archive.add(make_article(id=long_id, paragraphs=["زلزال"], source="س" * 3_000))
    archive.add(make_article(id=odd_id, paragraphs=["زلزال"], source="جريدة «اليوم» (نت)"))
    search = Search(archive)
    assert search("زلزال") == [long_id, odd_id]
    assert search("زلزال", sources=("جريدة «اليوم» (نت)",)) == [odd_id]
    assert search("زلزال", sources=("س" * 3_000,)) == [long_id]
    archive.add(make_article(id=long_id, paragraphs=["هزة"]))
    assert update_index(archive).replaced == 1
    assert search("زلزال") == [odd_id]
