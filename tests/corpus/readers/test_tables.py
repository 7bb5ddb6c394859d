"""CSV and TSV as spreadsheets and databases export them, whole and damaged."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from tests.corpus.readers.made_files import read, read_piped

HEADER = "id,title,text,date,author"
ROW = 'a,عنوان,"سطر أول، فيه ""اقتباس""\nسطر ثان",2017-02-16,سمير; ليلى'
PLAIN = f"{HEADER}\n{ROW}\nb,,نص,,\n"

READ: list[tuple[str, str, bytes]] = [
    ("UTF-8", "n.csv", PLAIN.encode()),
    ("with a mark", "n.csv", b"\xef\xbb\xbf" + PLAIN.encode()),
    ("UTF-16, as Excel saves it", "n.csv", PLAIN.encode("utf-16")),
    ("windows-1256", "n.csv", PLAIN.encode("windows-1256")),
    ("lines of Windows", "n.csv", PLAIN.replace("\n", "\r\n").encode()),
    ("lines of old Macs", "n.csv", PLAIN.replace("\n", "\r").encode()),
    ("blank lines", "n.csv", PLAIN.replace("\nb", "\n\n\nb").encode()),
    ("no last line end", "n.csv", PLAIN.strip().encode()),
    ("capitals in the header", "n.csv", PLAIN.replace("text", "Text").replace("title", "TITLE").encode()),
    ("Arabic names of few letters", "n.csv", PLAIN.replace("date", "نشر").encode("windows-1256")),
    ("quoted header", "n.csv", PLAIN.replace("id,title", '"id","title"').encode()),
    ("quotes of MySQL", "n.csv", PLAIN.replace('""اقتباس""', '\\"اقتباس\\"').encode()),
]


@pytest.mark.parametrize(("_", "name", "data"), READ, ids=[row[0] for row in READ])
def test_rows_are_articles(_: str, name: str, data: bytes) -> None:
    mapped = {"date": "نشر"} if "few letters" in _ else {}
    for found in (read(data, name, field_map=mapped), read_piped(data, field_map=mapped)):
        assert found.ids == ["a", "b"]
        first, second = found.articles
        assert first.paragraphs == ('سطر أول، فيه "اقتباس"', "سطر ثان")
        assert (first.title, first.authors) == ("عنوان", ("سمير", "ليلى"))
        assert str(first.published) == "2017-02-16 00:00:00+00:00"
        assert (second.title, second.paragraphs, second.authors) == ("", ("نص",), ())
        assert not found.reasons


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["n.csv", "n.tsv", "n"])
def test_the_delimiter_is_detected(delimiter: str, name: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([["id", "text"], ["a", "x, y; z | \t و"], ["b", "نص"]])
    found = read(stream.getvalue().encode(), name)
    assert found.ids == ["a", "b"]
    assert found.articles[0].text == "x, y; z | \t و".replace("\t", " ")


def test_rows_are_cited_as_a_spreadsheet_numbers_them() -> None:
    assert [record.origin.part for record in read(PLAIN.encode(), "n.csv").records] == ["row 2", "row 3"]


def test_rows_of_several_encodings_in_one_file() -> None:
    data = PLAIN.encode() + "c,,أعلنت الوزارة أمس,,\n".encode("windows-1256") + "d,,نص,,\n".encode()
    found = read(data, "n.csv")
    assert [article.text for article in found.articles[1:]] == ["نص", "أعلنت الوزارة أمس", "نص"]
    assert found.records[2].warning == "n.csv, row 4: not valid UTF-8: read as cp1256"


BAD: list[tuple[str, str, list[str], list[str]]] = [
    ("no text", "id,content\na,x\n", [], ["no column 'text', but: id, content"]),
    ("no text, other delimiter", "رقم;عنوان\na;x\n", [], ["no column 'text', but: رقم, عنوان"]),
    ("a header alone", "id,text\n", [], ["a header and no rows"]),
    ("no header", "\n\n", [], ["no column 'text', but: nothing"]),
    ("too many fields", "id,text\na,x\nb,one, two\nc,z\n", ["a", "c"], ["row 3: it has 3 fields, and the header has 2"]),
    ("empty fields too many", "id,text\na,x,,\n", ["a"], []),
    ("too few fields", "id,text\nb\na,x\n", ["a"], ["row 2: it has no 'text'"]),
    ("a stray quote", 'id,text\na,x\nb,"one" two\nc,z\n', ["a", "c"], ["row 3: not a row"]),
    ("a quote not closed", 'id,text\na,x\nb,"one\nc,z\nd,w\n', ["a", "c", "d"], ["row 3: an unclosed quote"]),
    ("a quote closed much later", 'id,text\nb,"one\nc,z\nd,"w"\ne,v\n', ["c", "d", "e"], ["row 2"]),
    ("NUL", "id,text\na,x\0y\n", ["a"], []),
]  # fmt: skip


@pytest.mark.parametrize(("_", "text", "ids", "reasons"), BAD, ids=[row[0] for row in BAD])
def test_invalid_rows_are_reported_and_the_others_are_read(
    _: str, text: str, ids: list[str], reasons: list[str]
) -> None:
    found = read(text.encode(), "n.csv")
    assert found.ids == ids
    assert len(found.reasons) == len(reasons)
    for reported, reason in zip(found.reasons, reasons, strict=True):
        assert reason in reported


def test_text_that_resembles_a_table_is_read_as_text() -> None:
    found = read(("قال الوزير, والنص, text طويل\n" + "كلمات كثيرة في هذا النص. " * 20).encode(), "note")
    assert len(found.articles) == 1


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_of_excel_names_the_delimiter(first: str, end: str) -> None:
    text = end.join([first, "id;title;text;date", "a;x, y;نص, آخر;27/02/2019", ""])
    for data in (text.encode("utf-8-sig"), text.encode("utf-16"), text.encode()):
        for name in ("n.csv", "n"):
            found = read(data, name)
            assert [(article.id, article.title, article.text) for article in found.articles] == [
                ("a", "x, y", "نص, آخر")
            ]
            assert found.records[0].origin.part == "row 2"


def test_a_delimiter_that_only_the_first_line_names() -> None:
    assert read("sep=^\nid^text\na^نص\n".encode(), "n.csv").ids == ["a"]


def test_numbers_in_the_column_of_dates_are_days_of_excel() -> None:
    data = "id,text,date\na,43523,43523\nb,نص,43523.5\nc,نص,27/02/2019\nd,نص,99999\n".encode()
    found = read(data, "n.csv")
    days = [str(article.published) for article in found.articles]
    assert days == ["2019-02-27 00:00:00+00:00", "2019-02-27 12:00:00+00:00", "2019-02-27 00:00:00+00:00", "None"]
    assert found.articles[0].text == "43523"
    warnings = [record.warning for record in found.records]
    assert (
        warnings[0]
        == "n.csv, row 2: numbers in 'date' are read as Excel's dates, also in what follows: 43523 as 2019-02-27"
    )
    assert warnings[1:3] == [None, None]
    assert "'99999' is not a date" in str(warnings[3])


def test_days_after_the_file_was_received_are_no_dates() -> None:
    found = read(b"id,text,date\na,x,45000\n", "n.csv", retrieved_at=datetime(2019, 1, 1, tzinfo=UTC))
    assert found.articles[0].published is None


@pytest.mark.parametrize(
    "header", ["title,url,time_added,tags,status", "URL,Title,Selection,Folder,Timestamp,Tags", "id,title,note,excerpt,url,folder,tags,created"]
)  # fmt: skip
def test_a_table_of_links_is_refused_once(header: str) -> None:
    for name in ("n.csv", "n"):
        (reason,) = read(f"{header}\n1,2,3,4,5,6\n1,2,3,4,5,6\n".encode(), name).reasons
        assert "a list of links without articles" in reason
