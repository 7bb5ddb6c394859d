from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import whoosh.query
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.index import open_dir
from whoosh.qparser import QueryParser

from corpus import Archive, make_article
from indexer import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexVersionMismatch,
    IndexWriteFailed,
    SearchRequest,
    pending_changes,
    rebuild_index,
    update_index,
    verify_index,
)
from indexer.codec import MappedFile, SegmentPostings
from indexer.embedded import writer
from indexer.embedded.searcher import EmbeddedSearcher
from indexer.embedded.whoosh_internals import CHECKED_ON
from tests.indexer.small_archive import Search


def test_only_changes_are_indexed(archive: Archive) -> None:
    assert update_index(archive).indexed == 5
    assert update_index(archive).indexed == 0
    archive.add(make_article(id="new", paragraphs=["جديد"]))
    assert pending_changes(archive) == 1
    assert update_index(archive).indexed == 1
    assert pending_changes(archive) == 0


def test_a_revised_article_is_found_by_its_new_words_and_once(archive: Archive, search: Search) -> None:
    archive.add(make_article(id="iran", paragraphs=["ضرب إعصار السواحل"]))
    archive.add(make_article(id="iran", paragraphs=["ضرب إعصار عنيف السواحل"]))
    summary = update_index(archive)
    assert (summary.indexed, summary.replaced) == (1, 1)
    assert search("إعصار") == ["iran"]
    assert "iran" not in search("غرب فجر")
    assert search.searcher.document_count() == 5


def test_a_removed_article_is_not_found_until_restored(archive: Archive, search: Search) -> None:
    archive.remove("iran")
    assert pending_changes(archive) == 1
    summary = update_index(archive)
    assert (summary.indexed, summary.replaced, summary.removed) == (0, 0, 1)
    assert search("إيران") == ["match"]
    assert search.searcher.document_count() == 4
    archive.restore("iran")
    assert update_index(archive).indexed == 1
    assert set(search("إيران")) == {"match", "iran"}


def test_an_article_removed_and_restored_between_two_runs_is_found(archive: Archive, search: Search) -> None:
    archive.remove("iran")
    archive.restore("iran")
    archive.remove("match")
    summary = update_index(archive)
    assert (summary.indexed, summary.replaced, summary.removed) == (1, 1, 1)
    assert search("إيران") == ["iran"]


def test_an_article_removed_before_it_was_indexed(archive: Archive) -> None:
    archive.remove("iran")
    assert update_index(archive).indexed == 4
    assert verify_index(archive) == 4


def test_a_rebuild_leaves_out_what_is_removed(archive: Archive, search: Search) -> None:
    archive.remove("iran")
    assert rebuild_index(archive).indexed == 4
    assert search("إيران") == ["match"]
    assert verify_index(archive) == 4


STEP = st.tuples(
    st.sampled_from(["add", "remove", "restore", "index", "reindex"]), st.integers(0, 5), st.integers(0, 2)
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_the_index_holds_what_the_archive_holds_after_any_changes(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "archive") as archive:
        texts: dict[str, str] = {}
        removed: set[str] = set()
        for step, number, version in steps:
            article_id, text = f"a{number}", f"نص{version}"
            if step == "index":
                update_index(archive)
            elif step == "reindex":
                rebuild_index(archive)
            elif step == "add" and article_id not in removed:
                archive.add(make_article(id=article_id, paragraphs=[text]))
                texts[article_id] = text
            elif step == "remove" and article_id in texts:
                archive.remove(article_id)
                removed.add(article_id)
            elif step == "restore" and article_id in texts:
                archive.restore(article_id)
                removed.discard(article_id)
        update_index(archive)
        there = {article_id: text for article_id, text in texts.items() if article_id not in removed}
        assert verify_index(archive) == len(there)
        searcher = EmbeddedSearcher(archive)
        for version in range(3):
            expected = {article_id for article_id, text in there.items() if text == f"نص{version}"}
            found = {article_id for article_id, _ in searcher.scan(SearchRequest(f"=نص{version}")).ids()}
            assert found == expected


def test_the_mark_is_committed_with_the_postings(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    archive.add(make_article(id="new", paragraphs=["برشلونة"]))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "write_commit", die)
    with pytest.raises(KeyboardInterrupt):
        update_index(archive)
    monkeypatch.undo()
    assert pending_changes(archive) == 1
    assert Search(archive)("برشلونة") == ["new"]
    assert pending_changes(archive) == 0


def test_many_small_additions_leave_few_segments(archive: Archive) -> None:
    update_index(archive)
    for number in range(12):
        archive.add(make_article(id=f"n{number}", paragraphs=[f"إضافة رقم {number}"]))
        update_index(archive)
    assert len(open_dir(str(archive.index_directory))._segments()) == 1
    assert len(Search(archive)("إضافة", page_size=100)) == 12


def test_one_segment_or_several_make_the_same_postings(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def postings() -> dict[bytes, dict[bytes, list[int]]]:
        """Form → article → its positions. A merge renumbers documents."""
        rebuild_index(archive)
        (file,) = archive.index_directory.glob("*.arr")
        segment = SegmentPostings(MappedFile(archive.index_directory, file.name))
        ids, forms = segment.fields["id"], segment.fields["text_form"]
        id_of = dict(zip(ids.flat_docs.tolist(), ids.terms(), strict=True))
        found = {}
        for number, form in enumerate(forms.terms()):
            positions, starts = forms.positions(number)
            parts = np.split(positions, starts[1:-1])
            found[form] = {
                id_of[doc]: part.tolist() for doc, part in zip(forms.docs(number).tolist(), parts, strict=True)
            }
        return found

    whole = postings()
    monkeypatch.setattr(writer, "SEGMENT_CHARACTERS", 100)
    assert postings() == whole
    monkeypatch.setattr(writer, "REMEMBERED_RUNS", 1)
    assert postings() == whole


def test_large_segments_are_left_alone_by_small_additions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SMALL_SEGMENT", 2)
    update_index(archive)
    archive.add(make_article(id="new", paragraphs=["إضافة"]))
    update_index(archive)
    index = open_dir(str(archive.index_directory))
    assert sorted(segment.doc_count() for segment in index._segments()) == [1, 5]


def test_the_old_index_serves_searches_during_a_rebuild(archive: Archive, search: Search) -> None:
    archive.add(make_article(id="new", paragraphs=["برشلونة"]))
    served: list[list[str]] = []
    rebuild_index(archive, progress=lambda done, total: served.append(search("إيران") + search("برشلونة")))
    assert served
    assert all(set(ids) == {"match", "iran"} for ids in served)
    assert search("برشلونة") == ["new"]
    assert set(search("إيران")) == {"match", "iran"}
    assert pending_changes(archive) == 0


def test_an_interrupted_rebuild_leaves_the_old_index(archive: Archive, search: Search) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_index(archive, progress=interrupt)
    assert set(search("إيران")) == {"match", "iran"}
    update_index(archive)
    rebuild_index(archive)
    assert set(search("إيران")) == {"match", "iran"}


def test_a_lock_that_stays_held_is_reported_after_a_timeout(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    monkeypatch.setattr("indexer.embedded.build.LOCK_TIMEOUT", 0.2)
    archive.add(make_article(id="new", paragraphs=["جديد"]))
    with open_dir(str(archive.index_directory)).writer(), pytest.raises(IndexLocked, match="another process"):
        update_index(archive)


def test_the_process_that_holds_the_lock_is_reported(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    monkeypatch.setattr("indexer.embedded.build.LOCK_TIMEOUT", 0.2)
    archive.add(make_article(id="new", paragraphs=["جديد"]))
    messages: list[str] = []

    def write_too(done: int, total: int) -> None:
        with Archive.open(archive.directory) as other, pytest.raises(IndexLocked) as caught:
            update_index(other)
        messages.append(str(caught.value))

    update_index(archive, progress=write_too)
    assert f"process {os.getpid()} (" in messages[0]
    assert not (archive.directory / ".index.writer").exists()


def test_another_analysis_asks_for_reindex_by_name(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    update_index(archive)
    monkeypatch.setattr("indexer.embedded.commit.ANALYSIS_VERSION", 99)
    for action in (lambda: update_index(archive), lambda: EmbeddedSearcher(archive)):
        with pytest.raises(IndexVersionMismatch, match=r"analysis \d+, and this version of Arshif needs 99"):
            action()
    rebuild_index(archive)
    assert EmbeddedSearcher(archive).document_count() == 5


def test_an_index_ahead_of_its_archive_is_reported(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    with Archive.create(tmp_path / "older") as older:
        older.add(make_article(id="a", paragraphs=["نص"]))
        archive.index_directory.rename(older.index_directory)
        with pytest.raises(IndexDamaged, match="ahead of the archive"):
            update_index(older)
        rebuild_index(older)
        assert EmbeddedSearcher(older).document_count() == 1


@pytest.mark.parametrize("keep", [0, 30, 200])
@pytest.mark.parametrize("pattern", ["*.toc", "*.arr"])
def test_a_truncated_file_is_one_clear_error_and_reindex_repairs_it(archive: Archive, pattern: str, keep: int) -> None:
    update_index(archive)
    (path,) = archive.index_directory.glob(pattern)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(IndexDamaged, match="is damaged"):
        EmbeddedSearcher(archive).search(SearchRequest("إيران"))
    rebuild_index(archive)
    assert EmbeddedSearcher(archive).search(SearchRequest("إيران")).total == 2


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(path.read_bytes()[:200]), lambda path: path.unlink()])
def test_updating_a_damaged_index_is_one_clear_error(archive: Archive, harm: Callable[[Path], object]) -> None:
    update_index(archive)
    (path,) = archive.index_directory.glob("*.arr")
    harm(path)
    archive.add(make_article(id="talks", paragraphs=["نص جديد"]))
    with pytest.raises(IndexDamaged, match="is damaged"):
        update_index(archive)
    rebuild_index(archive)
    assert EmbeddedSearcher(archive).document_count() == 5


def test_a_missing_segment_is_reported(archive: Archive) -> None:
    update_index(archive)
    for path in archive.index_directory.glob("*.arr"):
        path.unlink()
    with pytest.raises(IndexDamaged):
        EmbeddedSearcher(archive).search(SearchRequest("إيران"))
    rebuild_index(archive)
    assert EmbeddedSearcher(archive).document_count() == 5


def test_a_removed_index_is_missing_not_damaged(archive: Archive) -> None:
    with pytest.raises(IndexMissing):
        pending_changes(archive)


def test_a_read_only_directory_is_reported(archive: Archive) -> None:
    archive.index_directory.touch()
    with pytest.raises(IndexWriteFailed):
        update_index(archive)


def test_whoosh_opens_the_index(archive: Archive, search: Search) -> None:
    index = open_dir(str(archive.index_directory))
    with index.searcher() as searcher:
        found = searcher.search(whoosh.query.Term("text_stem", "مفاوض"))
        assert [hit["id"] for hit in found] == ["talks"]
    with index.searcher() as searcher:
        parsed = QueryParser("text_stem", index.schema).parse("بالمفاوضات")
        assert [hit["id"] for hit in searcher.search(parsed)] == ["talks"]


def test_whoosh_reads_stored_ids_from_the_postings(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.embedded.writer.SMALL_SEGMENT", 2)
    archive.add(make_article(id="رقم ١", paragraphs=["نص"]))
    update_index(archive)
    archive.add(make_article(id="iran", paragraphs=["نص آخر"]))
    update_index(archive)
    index = open_dir(str(archive.index_directory))
    assert len(index._segments()) == 2
    ids = {"talks", "budget", "match", "iran", "undated", "رقم ١"}
    with index.searcher() as searcher:
        assert {fields["id"] for _, fields in searcher.reader().iter_docs()} == ids
        assert len(list(searcher.reader().iter_docs())) == len(ids)
        assert searcher.document(id="iran") == {"id": "iran"}
        assert [hit["id"] for hit in searcher.search(whoosh.query.Every(), sortedby="id", limit=None)] == sorted(ids)


def test_a_segment_is_two_files_and_nothing_is_written_per_article(archive: Archive) -> None:
    update_index(archive)
    rebuild_index(archive)
    endings = sorted(path.suffix for path in archive.index_directory.iterdir() if path.name != "MAIN_WRITELOCK")
    assert endings == [".arr", ".sim", ".toc"]


def test_an_installed_version_of_whoosh_was_checked() -> None:
    assert whoosh.versionstring() in CHECKED_ON, "check the list in indexer/embedded/whoosh_internals.py"


@pytest.mark.slow
def test_an_index_is_opened_whole_while_commits_replace_its_files(archive: Archive) -> None:
    update_index(archive)
    problems: list[Exception] = []
    done = threading.Event()

    def open_again_and_again() -> None:
        with Archive.open(archive.directory) as other:
            while not done.is_set():
                try:
                    assert EmbeddedSearcher(other).search(SearchRequest("كلمات شبيهة بالمفاوضات")).total >= 0
                except Exception as error:
                    problems.append(error)
                    return

    reader = threading.Thread(target=open_again_and_again)
    reader.start()
    for number in range(40):
        archive.add(make_article(id=f"new{number}", paragraphs=["مفاوضات جديدة"]))
        update_index(archive)
    done.set()
    reader.join()
    assert problems == []
