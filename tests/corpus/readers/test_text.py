from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import UnreadableInput
from corpus.readers.page import read_text

LONG = "قال الوزير إن المفاوضات ستستأنف الأسبوع المقبل في جنيف بحضور وفود الدول المعنية بالأزمة كلها."

CASES = [
    ("a short first line is the title", f"عنوان الخبر\n{LONG}\n{LONG}", "عنوان الخبر", 2),
    ("blank lines are dropped", f"عنوان الخبر\n\n\n  {LONG}  \n\n", "عنوان الخبر", 1),
    ("a first line that ends a sentence is a paragraph", f"بدأت المحادثات.\n{LONG}", "", 2),
    ("a first line as long as a paragraph is one", f"{LONG[:-1]}\nقصير", "", 2),
    ("one line alone is the text", "نص من سطر واحد", "", 1),
]


@pytest.mark.parametrize(("_", "text", "title", "paragraphs"), CASES, ids=[row[0] for row in CASES])
def test_titles_and_paragraphs(_: str, text: str, title: str, paragraphs: int) -> None:
    article = read_text(text.encode(), "a.txt")
    assert (article.title, len(article.paragraphs)) == (title, paragraphs)


def test_legacy_encodings_and_line_ends() -> None:
    article = read_text(f"عنوان الخبر\r\n{LONG}\r\n".encode("windows-1256"), "a.txt")
    assert article.paragraphs == (LONG,)


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\x00\x01\x02" * 100, b"%PDF-1.4"])
def test_binary_files_are_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"a\.txt: "):
        read_text(data, "a.txt")


def test_a_real_article_is_read(shared_data: Path) -> None:
    article = read_text((shared_data / "seed" / "astana.txt").read_bytes(), "astana.txt")
    assert article.title == ""
    assert len(article.paragraphs) == 29
    assert article.paragraphs[0].startswith("انطلقت محادثات السلام")
