"""An archive with every kind of content, for tests that nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from corpus import Archive, Origin, OriginKind, Page, make_article

PRINTED = datetime(2017, 2, 16, 0, 30, tzinfo=timezone(timedelta(hours=3)))


def fill_with_everything(archive: Archive) -> None:
    """Adds articles with and without pages, of one and of three revisions, of several origins, removed and restored."""
    for number, text in enumerate(("انطلقت المفاوضات", "انطلقت المفاوضات أمس", "انطلقت المفاوضات اليوم\nفقرة")):
        archive.add(
            make_article(id="talks", title="محادثات «أستانة»", paragraphs=text.split("\n"), source="النهضة",
                         url="https://nahda.example/خبر?id=1", published=PRINTED, authors=["سمير", "ليلى"],
                         section="سياسة", retrieved_at=datetime(2020, 1, 1 + number, 12, tzinfo=UTC)),
            Page(f"<html>{text}</html>".encode(), "text/html"),
            Origin(OriginKind.FILE, f"day{number}.html"),
        )  # fmt: skip
    archive.add(
        make_article(id="talks", title="محادثات «أستانة»", paragraphs=["انطلقت المفاوضات اليوم", "فقرة"],
                     retrieved_at=datetime(2021, 1, 1, tzinfo=UTC)),
        origin=Origin(OriginKind.WARC, "crawl.warc.gz", "<urn:uuid:1>"),
    )  # fmt: skip
    archive.add(make_article(id="untitled", paragraphs=["نص بلا عنوان"], published=datetime(2018, 1, 5, tzinfo=UTC)))
    archive.add(make_article(id="headline only", title="عنوان بلا نص", paragraphs=[]), Page(b"plain", "text/plain"))
    archive.add(make_article(id="same page", paragraphs=["من صفحة واحدة"]), Page(b"plain", "text/plain"))
    for article_id in ("removed", "removed with history", "restored", "removed again"):
        archive.add(
            make_article(id=article_id, paragraphs=[f"نص {article_id}"]), Page(article_id.encode(), "text/html")
        )
    archive.add(make_article(id="removed with history", paragraphs=["مراجعة"]))
    archive.remove("removed", "طلب الناشر")
    archive.remove("removed with history")
    archive.remove("restored", "خطأ")
    archive.restore("restored")
    archive.remove("removed again", "أولا")
    archive.restore("removed again")
    archive.remove("removed again", "ثانيا")
