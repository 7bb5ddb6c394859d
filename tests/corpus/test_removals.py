from __future__ import annotations

from pathlib import Path

import pytest

from corpus import AddOutcome, Archive, ArticleNotFound, ArticleRemoved, ChangeKind, ingest, make_article


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    opened = Archive.create(tmp_path / "archive")
    opened.add(make_article(id="a", paragraphs=["أول"], source="النهضة"))
    opened.add(make_article(id="b", paragraphs=["ثان"], source="الغد"))
    return opened


def test_a_removed_article_is_hidden_and_nothing_of_it_is_lost(archive: Archive) -> None:
    assert archive.remove("a", "طلب الناشر")
    with pytest.raises(ArticleRemoved, match=r"removed on 20\d\d-.* UTC: طلب الناشر"):
        archive.get("a")
    assert archive.get_many(["a", "b"]).keys() == {"b"}
    assert [article.id for article in archive.articles()] == ["b"]
    counts = archive.counts()
    assert (counts.articles, counts.removed, counts.revisions, counts.sources) == (1, 1, 2, (("الغد", 1),))
    assert [revision.article.text for revision in archive.revisions("a")] == ["أول"]


def test_getting_a_removed_article_raises_article_not_found(archive: Archive) -> None:
    archive.remove("a")
    with pytest.raises(ArticleNotFound):
        archive.get("a")


def test_a_restored_article_is_unchanged_and_its_removal_stays_on_record(archive: Archive) -> None:
    archive.remove("a", "خطأ")
    assert archive.restore("a")
    assert archive.get("a").text == "أول"
    archive.remove("a", "مرة أخرى")
    first, second = archive.removals("a")
    assert (first.reason, second.reason) == ("خطأ", "مرة أخرى")
    assert first.restored_at is not None
    assert second.restored_at is None
    log = [(change.article_id, change.kind) for change in archive.changes(since=2)]
    assert log == [("a", ChangeKind.REMOVED), ("a", ChangeKind.RESTORED), ("a", ChangeKind.REMOVED)]


def test_removing_and_restoring_are_idempotent(archive: Archive) -> None:
    assert not archive.restore("a")
    assert archive.remove("a")
    assert not archive.remove("a")
    assert archive.restore("a")
    assert not archive.restore("a")
    assert archive.last_change() == 4


def test_unknown_articles_cannot_be_removed_or_restored(archive: Archive) -> None:
    with pytest.raises(ArticleNotFound, match="'none'"):
        archive.remove("none")
    with pytest.raises(ArticleNotFound, match="'none'"):
        archive.restore("none")


@pytest.mark.parametrize("text", ["أول", "نص آخر"], ids=["unchanged", "changed"])
def test_adding_a_removed_article_does_not_restore_it(archive: Archive, text: str) -> None:
    archive.remove("a", "طلب الناشر")
    with archive.batch():
        assert archive.add(make_article(id="c", paragraphs=["ثالث"])) is AddOutcome.ADDED
        with pytest.raises(ArticleRemoved):
            archive.add(make_article(id="a", paragraphs=[text]))
    assert [article.id for article in archive.articles()] == ["b", "c"]
    assert len(archive.revisions("a")) == 1


def test_of_a_file_with_a_removed_article_the_others_are_added(archive: Archive, tmp_path: Path) -> None:
    archive.remove("a", "طلب الناشر")
    file = tmp_path / "n.jsonl"
    file.write_text('{"id": "a", "text": "أول"}\n{"id": "c", "text": "ثالث"}\n', encoding="utf-8")
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [file], summary)
    assert (summary.added, summary.refused) == (1, 1)
    (refusal,) = summary.refusals
    assert refusal.name == f"{file}, line 1"
    assert "the article 'a' was removed on" in refusal.reason


def test_the_articles_at_a_number_of_the_change_log(archive: Archive) -> None:
    archive.add(make_article(id="a", paragraphs=["مراجعة"]))  # 3
    archive.remove("a")  # 4
    archive.restore("a")  # 5
    archive.remove("b")  # 6
    assert [sorted(archive.ids_until(number)) for number in range(7)] == [
        [], ["a"], ["a", "b"], ["a", "b"], ["b"], ["a", "b"], ["a"],
    ]  # fmt: skip


def test_removals_of_a_batch_that_fails_are_undone(archive: Archive) -> None:
    def remove_both() -> None:
        with archive.batch():
            archive.remove("a")
            archive.remove("none")

    with pytest.raises(ArticleNotFound):
        remove_both()
    assert archive.get("a").text == "أول"
    assert archive.removals("a") == []


def test_a_reason_is_one_printable_line(archive: Archive) -> None:
    archive.remove("a", " طلب\nالناشر \udcff\x00 ")
    assert archive.removals("a")[0].reason == "طلب الناشر"


@pytest.mark.parametrize("article_id", ["\udcff", "a\x00b", ""])
def test_an_invalid_id_is_an_unknown_article(archive: Archive, article_id: str) -> None:
    for ask in (archive.get, archive.revisions, archive.remove, archive.restore):
        with pytest.raises(ArticleNotFound):
            ask(article_id)
    assert archive.get_many([article_id]) == {}
    assert archive.removals(article_id) == []
