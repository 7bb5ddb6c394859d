"""The shared cases of exports, agency news and scanned pages, where they are present."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from corpus.readers.printed_page import printed_words
from tests.corpus.readers.made_files import Read, read


@pytest.fixture
def cases(shared_data: Path) -> Path:
    path = shared_data / "cases"
    if not path.is_dir():
        pytest.skip("the shared cases are absent")
    return path


def read_case(path: Path, **options: Any) -> Read:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)
        return read(path.read_bytes(), path.name, **options)


def test_telegram(cases: Path) -> None:
    found = read_case(cases / "exports/telegram-result.json")
    first, second = found.articles
    assert first.source == second.source == "قناة النهر الإخبارية"
    assert first.paragraphs[1:] == ("#الجسر_الجديد", "التفاصيل")
    assert str(first.published) == "2019-02-27 09:00:00+03:00"
    assert found.ignored == ["service message"]


def test_tables(cases: Path) -> None:
    (article,) = read_case(cases / "exports/excel-sep.csv").articles
    assert str(article.published)[:10] == "2019-02-27"
    for article in read_case(cases / "exports/cms-dump.csv").articles:
        assert article.text.startswith("أعلنت وزارة المواصلات")
        assert not any(mark in article.text for mark in ("<p>", "شارك", "&#"))
    (article,) = read_case(cases / "exports/list-of-paragraphs.jsonl", field_map={"text": "content"}).articles
    assert len(article.paragraphs) == 3


def test_exports_of_sites(cases: Path) -> None:
    found = read_case(cases / "exports/blogger.atom")
    assert len(found.articles) == 1
    assert {"template", "comment"} <= set(found.ignored)
    found = read_case(cases / "exports/wordpress.wxr.xml")
    assert [(article.authors, article.section) for article in found.articles] == [(("سامي الحداد",), "محليات")] * 2
    assert sorted(found.ignored) == ["draft", "page", "trash"]


def test_agency_news(cases: Path) -> None:
    (article,) = read_case(cases / "feeds/nitf.xml").articles
    assert (article.title, len(article.paragraphs)) == ("الجسر يكتمل", 3)


@pytest.mark.parametrize(("name", "paragraphs"), [("page-alto.xml", 1), ("page.hocr", 3)])
def test_scanned_pages(cases: Path, name: str, paragraphs: int) -> None:
    path = cases / "exports" / name
    (article,) = read_case(path).articles
    assert len(article.paragraphs) == paragraphs
    (page,) = printed_words(path.read_bytes())
    assert [word.text for word in page.words] == article.text.split()
