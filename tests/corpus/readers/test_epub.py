from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.corpus.readers.made_documents import TEXT, chapter, epub
from tests.corpus.readers.made_files import SENTENCE, read, zipped

DATE = "<dc:date opf:event='creation'>2011-01-01</dc:date><dc:date opf:event='publication'>2019-02-27</dc:date>"


def test_a_chapter_is_an_article() -> None:
    first = chapter("خبر أول", *TEXT)
    found = read(epub({"a.xhtml": first, "b.xhtml": chapter("", *TEXT, "حاشية")}, metadata=DATE), "n.epub")
    assert not found.reasons
    assert found.ignored == ["table of contents"]
    one, two = found.articles
    assert (one.title, two.title) == ("خبر أول", "")
    assert list(one.paragraphs) == TEXT
    assert one.source == "مجلة الوادي"
    assert one.authors == ("هيئة التحرير",)
    assert one.published == datetime(2019, 2, 27, tzinfo=UTC)
    record = found.records[0]
    assert record.origin.part == "OPS/a.xhtml"
    assert (record.page, record.media_type) == (first.encode(), "application/xhtml+xml")


def test_a_chapter_without_a_heading_has_its_name_in_the_table_of_contents() -> None:
    data = epub({"a.xhtml": chapter("", "خبر أول", *TEXT)}, contents={"a.xhtml": "خبر أول"})
    for found in (read(data, "n"), read(zipped({"issues/1.epub": data}), "n.zip")):
        (article,) = found.articles
        assert article.title == "خبر أول"
        assert list(article.paragraphs) == TEXT


def test_notes_of_a_chapter_are_kept() -> None:
    page = chapter("خبر", *TEXT).replace("</body>", "<aside><p>حاشية الخبر</p></aside></body>")
    assert read(epub({"a.xhtml": page}), "n.epub").articles[0].paragraphs[-1] == "حاشية الخبر"


def test_pages_with_little_text_are_counted() -> None:
    found = read(epub({"cover.xhtml": chapter("غلاف"), "a.xhtml": chapter("خبر", *TEXT)}), "n.epub")
    assert len(found.articles) == 1
    assert found.ignored == ["table of contents", "page of an e-book with little text"]


@pytest.mark.parametrize("date", ["2019", "قريبا"])
def test_a_date_that_is_no_day_is_reported_once(date: str) -> None:
    chapters = {name: chapter(name, *TEXT) for name in ("a.xhtml", "b.xhtml")}
    records = read(epub(chapters, metadata=f"<dc:date>{date}</dc:date>"), "n.epub").records
    assert [record.article.published for record in records] == [None, None]
    assert [record.warning for record in records] == [f"n.epub: kept without a date: {date!r} is not a day", None]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (epub({}), "an e-book without text"),
        (zipped({"META-INF/container.xml": b"<container/>"}), "does not name its list of contents"),
        (zipped({"META-INF/container.xml": b"<c><rootfile full-path='x'/></c>"}), "its part 'x' is missing"),
        (zipped({"META-INF/container.xml": b"<c>"}), "is not XML"),
        (
            epub(
                {"a.xhtml": chapter("", SENTENCE)},
                **{"META-INF__encryption": "<e><CipherReference URI='OPS/a.xhtml'/></e>"},
            ),
            "encrypted (DRM)",
        ),
    ],
)
def test_books_that_cannot_be_read(data: bytes, reason: str) -> None:
    found = read(data, "n.epub")
    assert not found.records
    (said,) = found.reasons
    assert reason in said


def test_a_missing_chapter_costs_itself_only() -> None:
    data = epub({"a.xhtml": chapter("أ", *TEXT), "b.xhtml": chapter("ب", *TEXT)}).replace(
        b"OPS/b.xhtml", b"OPS/x.xhtml"
    )
    found = read(data, "n.epub")
    assert [article.title for article in found.articles] == ["أ"]
    assert "its part 'OPS/b.xhtml' is missing" in found.reasons[0]


def test_encrypted_fonts_do_not_matter() -> None:
    data = epub(
        {"a.xhtml": chapter("أ", *TEXT)}, **{"META-INF__encryption": "<e><CipherReference URI='OPS/a.ttf'/></e>"}
    )
    assert len(read(data, "n.epub").articles) == 1
