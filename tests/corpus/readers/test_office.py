from __future__ import annotations

from datetime import UTC, datetime

import pytest

from corpus.readers.record import FREE_MEMBER_BYTES
from tests.corpus.readers.made_documents import TEXT, docx, odt, word
from tests.corpus.readers.made_files import SENTENCE, read, read_piped, tarred, zipped

LONG = "".join(map(word, TEXT))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize("name", ["n.docx", "n.zip", "n", "n.txt"])
def test_a_docx_file_is_recognized_by_its_parts(name: str) -> None:
    data = docx(word("الجسر الجديد", "a3") + LONG)
    found = read(data, name)
    (record,) = found.records
    assert not found.reasons
    assert record.article.title == "الجسر الجديد"
    assert list(record.article.paragraphs) == TEXT
    assert (record.page, record.media_type, record.warning) == (data, DOCX, None)


def test_the_same_in_archives_and_through_a_pipe() -> None:
    data = docx(word("الجسر الجديد", "a3") + LONG)
    for found in (read_piped(data), read(zipped({"a.docx": data}), "n.zip"), read(tarred({"a.docx": data}), "n.tar")):
        assert [article.title for article in found.articles] == ["الجسر الجديد"]


def test_only_printed_text_of_a_docx_file_is_read() -> None:
    body = (
        word("العنوان", "a3") + "<w:p><w:r><w:t>سطر</w:t><w:br/><w:t>آخر</w:t><w:tab/><w:t>هنا</w:t></w:r>"
        "<w:del><w:r><w:delText>محذوف</w:delText></w:r></w:del><w:ins><w:r><w:t> مضاف</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>منقول</w:t></w:r></w:moveFrom><w:r><w:rPr><w:vanish/></w:rPr><w:t>مخفي</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> ظاهر</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>خلية</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        '<w:p><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><w:txbxContent><w:p><w:r><w:t>في إطار</w:t></w:r></w:p>'
        "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>في إطار</w:t></w:r></w:p></w:txbxContent>"
        "</mc:Fallback></mc:AlternateContent><w:r><w:t>بعد الإطار</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>في حقل</w:t></w:r></w:p></w:sdtContent></w:sdt>" + LONG
    )
    notes = (
        f"<w:footnote w:type='separator'>{word('فاصل')}</w:footnote><w:footnote w:id='2'>{word('حاشية')}</w:footnote>"
    )
    data = docx(body, footnotes=notes, endnotes=f"<w:endnote>{word('هامش أخير')}</w:endnote>", comments=word("تعليق"))
    (article,) = read(data, "n.docx").articles
    assert list(article.paragraphs) == [
        *("سطر", "آخر هنا مضاف ظاهر", "خلية", "في إطار", "بعد الإطار", "في حقل", *TEXT, "حاشية", "هامش أخير"),
    ]


@pytest.mark.parametrize(
    ("body", "declared", "title", "warned"),
    [
        (word("الجسر الجديد", "a3") + LONG, "عنوان قالب", "الجسر الجديد", False),
        (word("محليات") + word("الجسر الجديد", "1") + LONG, "", "الجسر الجديد", False),
        (word("محليات") + word("الجسر الجديد") + LONG, "الجسر الجديد", "الجسر الجديد", False),
        (word("الجسر الجديد") + LONG, "عنوان قالب", "الجسر الجديد", False),
        (word("27 شباط 2019") + LONG, "الجسر الجديد", "الجسر الجديد", True),
        (LONG, "الجسر الجديد", "الجسر الجديد", True),
        (LONG + word("عنوان داخلي", "1"), "", "", False),
    ],
    ids=["style", "heading", "printed property", "first line", "a date is no title", "property", "none"],
)
def test_the_title(body: str, declared: str, title: str, warned: bool) -> None:
    (record,) = read(docx(body, title=declared), "n.docx").records
    assert record.article.title == title
    assert ("not printed" in (record.warning or "")) == warned


@pytest.mark.parametrize(
    ("creator", "printed", "authors", "warned"),
    [
        ("سامي الحداد", "بقلم سامي الحداد", ("سامي الحداد",), False),
        ("سامي الحداد", "", ("سامي الحداد",), True),
        ("Administrator", "", (), False),
        ("python-docx", "", (), False),
        ("مستخدم", "", (), False),
        ("sami", "", (), False),
        ("", "", (), False),
    ],
)
def test_the_creator_of_a_document(creator: str, printed: str, authors: tuple[str, ...], warned: bool) -> None:
    (record,) = read(docx(word("العنوان", "a3") + word(printed) + LONG, creator=creator), "n.docx").records
    assert record.article.authors == authors
    assert ("author" in (record.warning or "")) == warned


def test_only_a_printed_date_is_the_date() -> None:
    (article,) = read(docx(word("العنوان", "a3") + word("الأربعاء 27 شباط 2019") + LONG), "n.docx").articles
    assert article.published == datetime(2019, 2, 27, tzinfo=UTC)
    (article,) = read(docx(word("العنوان", "a3") + LONG + word("3 آذار 2020")), "n.docx").articles
    assert article.published is None


def test_an_odt_file() -> None:
    body = (
        '<text:tracked-changes><text:p>محذوف</text:p></text:tracked-changes><text:p text:style-name="P1">الجسر <text:span>'
        "الجديد</text:span></text:p><text:p>27 شباط 2019</text:p>"
        f"<text:h text:outline-level='2'>فصل</text:h><text:p>{SENTENCE}<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>حاشية</text:p></text:note-body></text:note> تتمة<!-- x -->.</text:p>"
        "<text:list><text:list-item><text:p>بند<text:s text:c='3'/>أول<text:line-break/>سطر</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>خلية</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>قبل<office:annotation><text:p>تعليق</text:p></office:annotation>بعد</text:p>"
    )
    meta = (
        "<meta:initial-creator>سامي الحداد</meta:initial-creator><dc:creator>آخر</dc:creator>"
        "<meta:creation-date>2001-01-01T00:00:00</meta:creation-date>"
    )
    data = odt(body, meta=meta)
    (record,) = read(data, "n.odt").records
    article = record.article
    assert article.title == "الجسر الجديد"
    assert list(article.paragraphs) == [
        *("27 شباط 2019", "فصل", f"{SENTENCE} تتمة.", "بند أول", "سطر", "خلية", "قبلبعد", "حاشية"),
    ]
    assert article.published == datetime(2019, 2, 27, tzinfo=UTC)
    assert article.authors == ("سامي الحداد",)
    assert (record.page, record.media_type) == (data, ODT)


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            docx("", main=SHEET).replace(b"word/", b"xl/xx"),
            "an Excel workbook (XLSX), which is not supported: save it as CSV",
        ),
        (docx("", main=SLIDES).replace(b"word/", b"ppt/x"), "a PowerPoint presentation, which is not supported"),
        (odt("", kind="application/vnd.oasis.opendocument.spreadsheet"), "a spreadsheet (ODS), which is not supported"),
        (odt("", kind="application/vnd.oasis.opendocument.presentation"), "a presentation (ODP), which is not"),
        (odt("", kind="application/vnd.oasis.opendocument.graphics"), "an office document, which is not supported"),
        (odt("", manifest="<manifest:encryption-data/>"), "it is encrypted"),
        (docx(""), "it contains no text"),
        (docx("<w:p>"), "its part 'word/document.xml' is not XML"),
        (zipped({"[Content_Types].xml": b""}), "its part '[Content_Types].xml' is not XML"),
        (zipped({"[Content_Types].xml": b"<Types/>"}), "an office document, which is not supported"),
        (b"PK\x03\x04 no zip", "damaged ZIP file"),
        (b"no zip", "not a ZIP file"),
    ],
)
def test_other_documents_are_refused_by_name(data: bytes, reason: str) -> None:
    found = read(data, "n.docx")
    assert not found.records
    (said,) = found.reasons
    assert reason in said


@pytest.mark.parametrize(
    "body",
    [
        "<w:p>" * 200_000,
        "<w:p/>" * 2_500_000,
        "<w:r>" * 300 + "<w:t>x</w:t>" + "</w:r>" * 300,
        f"<w:p><w:r><w:t>{'x' * (FREE_MEMBER_BYTES + 9)}</w:t></w:r></w:p>",
    ],
    ids=["unclosed", "many elements", "deep", "unpacks to too much"],
)
def test_bombs_are_refused(body: str) -> None:
    found = read(docx(body), "n.docx")
    assert not found.records
    assert len(found.reasons) == 1


def test_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    secret = '<!ENTITY f SYSTEM "file:///etc/hostname">'
    body = "<w:p><w:r><w:t>قبل &a9; &f; بعد</w:t></w:r></w:p>"
    data = docx(LONG)
    document = f'<!DOCTYPE d [<!ENTITY a0 "xx">{entities}{secret}]><w:document xmlns:w="urn:w"><w:body>{body}</w:body></w:document>'
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()}
    for item in read(zipped(parts), "n.docx").articles:
        assert "xxxx" not in item.text
        assert len(item.text) < 100
    assert read(data, "n.docx").articles


def test_the_text_of_a_large_document_is_kept_without_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.readers.office.MAX_PAGE_BYTES", 500)
    (record,) = read(docx(word("العنوان", "a3") + LONG), "n.docx").records
    assert record.page is None
    assert "the file itself is not" in (record.warning or "")
