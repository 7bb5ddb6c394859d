"""Archives of versions in which sources shared ids: articles joined under one id are split."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import (
    Archive,
    Article,
    Origin,
    OriginKind,
    Sighting,
    exchange,
    make_article,
    repair_archive,
    verify_archive,
)
from corpus.adding import with_inherited_fields
from corpus.change_log import ChangeKind, log_change
from corpus.checksums import ARTICLES, update_row
from corpus.revisions import Revision, insert_revision

MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def printed(text: str, **fields: object) -> Article:
    return make_article(id="17", paragraphs=[text], **fields)  # type: ignore[arg-type]


A1 = printed("الغد أول", title="عنوان الغد", source="الغد", authors=["ليلى"], url="https://alghad.example/17")
B1 = printed("عكاظ أول", source="عكاظ")
A2 = printed("الغد ثان", title="عنوان الغد", source="الغد")
B2 = printed("عكاظ ثان", title="عنوان عكاظ", source="عكاظ")


def join(archive: Archive, *copies: Article) -> None:
    """Adds copies as revisions of one article, as older versions did; the first exists."""
    for number, copy in enumerate(copies, 2):
        before = archive.revisions("17")[-1].article
        place = Sighting(Origin(OriginKind.FILE, f"{number}.jsonl", "line 1"), MOMENT, MOMENT)
        merged = with_inherited_fields(copy, before)
        with archive.batch():
            insert_revision(archive.connection, 1, Revision(number, MOMENT, merged, sightings=(place,)))
            update_row(archive.connection, ARTICLES, (1,), revision=number)
            log_change(archive.connection, 1, ChangeKind.REVISED, "2020-01-01T00:00:00+00:00")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        opened.add(A1, origin=Origin(OriginKind.FILE, "1.jsonl", "line 1"))
        yield opened


def test_check_reports_joined_articles_and_repair_splits_them(archive: Archive) -> None:
    join(archive, B1, A2, B2)
    assert archive.get("17").authors == ("ليلى",)  # of one newspaper, on the text of the other
    (problem,) = verify_archive(archive).problems
    assert problem == ("17: its revisions are of several sources (الغد, عكاظ): a repair separates them")
    assert repair_archive(archive) == [
        "separated 1 article of several sources: 17 (17@عكاظ)",
        "rebuilt the change log: 5 entries",
    ]
    assert verify_archive(archive).problems == []
    assert repair_archive(archive) == []
    first, second = archive.get("17"), archive.get("17@عكاظ")
    assert (first.text, first.title, first.authors, first.url) == ("الغد ثان", A1.title, A1.authors, A1.url)
    assert (second.text, second.title, second.authors, second.url) == ("عكاظ ثان", "عنوان عكاظ", (), None)
    # Nothing is lost, and every origin stays with its revision.
    assert [one.article.text for one in archive.revisions("17")] == ["الغد أول", "الغد ثان"]
    assert [one.article.text for one in archive.revisions("17@عكاظ")] == ["عكاظ أول", "عكاظ ثان", "عكاظ ثان"]
    places = [one.sightings[0].origin.name for one in archive.revisions("17@عكاظ")]
    assert places == ["2.jsonl", "4.jsonl", "4.jsonl"]
    assert archive.ids_until(archive.last_change()) == {"17", "17@عكاظ"}
    # Adding the same files again finds them.
    for copy in (A2, B2):
        assert archive.add(copy).value == "unchanged"


def test_a_subscription_that_had_processed_all_does_not_process_all_again(archive: Archive) -> None:
    archive.subscribe("current", "{}", archive.last_change())
    archive.subscribe("behind", "{}", 0)
    repair_archive(archive)
    positions = {saved.name: saved.change for saved in archive.subscriptions()}
    assert positions == {"current": archive.last_change(), "behind": 0}


def test_split_articles_stay_removed(archive: Archive) -> None:
    join(archive, B1)
    archive.remove("17", "طلب الناشر")
    repair_archive(archive)
    assert list(archive.articles()) == []
    assert [one.reason for one in archive.removals("17@عكاظ")] == ["طلب الناشر"]
    assert verify_archive(archive).problems == []


def test_copies_without_a_source_or_with_another_url_are_not_split(archive: Archive) -> None:
    join(archive, printed("نص بلا مصدر"), printed("نص", source="الغَد", url="https://m.alghad.example/17"))
    assert verify_archive(archive).problems == []
    assert repair_archive(archive) == []


def test_hosts_distinguish_articles_without_a_source(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "hosts") as archive:
        archive.add(printed("أول", url="https://alghad.example/17"))
        join(archive, printed("ثان", url="https://www.okaz.example/17"))
        repair_archive(archive)
        assert {one.id for one in archive.articles()} == {"17", "17@okaz.example"}
        assert verify_archive(archive).problems == []


def test_an_article_of_three_sources_is_split_in_three(archive: Archive) -> None:
    join(archive, B1, printed("اليوم", source="اليوم"), A2)
    repair_archive(archive)
    assert {one.id: one.text for one in archive.articles()} == {
        "17": "الغد ثان",
        "17@عكاظ": "عكاظ أول",
        "17@اليوم": "اليوم",
    }
    assert verify_archive(archive).problems == []


def test_a_damaged_article_is_not_split(archive: Archive) -> None:
    join(archive, B1)
    archive.connection.execute("UPDATE revisions SET source = 'x' WHERE number = 1")
    assert repair_archive(archive) == []
    assert verify_archive(archive).problems == ["17: revision 1 is damaged"]


def test_joined_articles_of_an_older_export_are_reported_and_split(archive: Archive, tmp_path: Path) -> None:
    join(archive, B1)
    exchange.export_archive(archive, tmp_path / "old.jsonl")
    with Archive.create(tmp_path / "copy") as copy:
        exchange.import_archive(copy, tmp_path / "old.jsonl")
        assert "are of several sources" in verify_archive(copy).problems[0]
        repair_archive(copy)
        assert verify_archive(copy).problems == []
