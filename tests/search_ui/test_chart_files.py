from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from corpus import Archive, make_article
from indexer import update_index
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, texts


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("path", ["/timeline", "/compare"])
@pytest.mark.parametrize(("ending", "kind"), [("svg", "image/svg+xml"), ("png", "image/png"), ("csv", "text/csv")])
def test_a_chart_is_a_file_with_a_name_of_its_own(site: Site, path: str, ending: str, kind: str) -> None:
    answer = site.answer(f"{path}.{ending}?q=إيران")
    assert (answer.status_code, answer.mimetype) == (200, kind)
    name = unquote(answer.headers["Content-Disposition"].rpartition("UTF-8''")[2])
    assert name.startswith("إيران 2")
    assert name.endswith(f".{ending}")
    again = site.client.get(f"{path}.{ending}?q=إيران", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_picture_says_what_it_shows_and_how_it_was_counted(site: Site, language: str) -> None:
    text = site.answer(f"/compare.svg?q=ايران&q=الحكومة&source.2=النهضة&after=2016&lang={language}").text
    root = ET.fromstring(text)
    description = str(root[1].text)
    for part in ("ايران", "الحكومة", "النهضة", "أرشيف الصحافة", "Arshif", "http://localhost/compare?q=%D8"):
        assert part in description
    words = {
        "ar": ["نتيجتان", "المصدر: ", "المحسوب هو المقالات", "المساحة: كل مقالات الأرشيف", "في كل فترة أقل من 50"],
        "en": ["2 results", "Source: ", "Counted are articles", "Area: all articles", "Every period has fewer than 50"],
    }[language]
    for part in words:
        assert part in description
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language


def test_a_picture_has_all_its_numbers_in_the_digits_that_were_chosen(site: Site) -> None:
    root = ET.fromstring(site.answer("/compare.svg?q=ايران&q=الحكومة&digits=arabic").text)
    drawn = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    latin = [text for text in drawn if any("0" <= letter <= "9" for letter in text)]
    assert all("Arshif" in text or "http" in text for text in latin), latin
    assert re.search("أُعدّ في [٠-٩]", "".join(drawn))


def test_a_table_says_the_same_and_has_the_numbers_of_the_page(site: Site) -> None:
    url = "q=ايران&q=الحكومة&source.2=النهضة&chart=share"
    written = rows(site.answer(f"/compare.csv?{url}").text)
    about = {row[0].removeprefix("# "): row[1] for row in written if row[0].startswith("# ")}
    assert (about["query_1"], about["total_1"], about["source_2"]) == ("ايران", "2", "النهضة")
    assert about["archive"] == "أرشيف الصحافة"
    assert about["address"].startswith("http://localhost/compare?q=")
    assert {"made_at", "program", "index", "match_1", "forms_2", "understood_1", "chart", "note"} <= set(about)
    header, *periods = (row for row in written if not row[0].startswith("# "))
    page = site.page(f"/compare?{url}")
    shown = [row for row in periods if "1" in (row[3], row[6])]
    assert len(shown) == len(page.select(".timeline tbody tr"))
    assert header[3:9] == ["articles_1", "of_1", "share_1", "articles_2", "of_2", "share_2"]


def test_a_file_of_nothing_is_refused_and_its_table_has_only_what_was_asked(site: Site) -> None:
    for ending in ("svg", "png"):
        answer = site.answer(f"/timeline.{ending}?q=كسكسي")
        assert answer.status_code == 400
        assert "لا تاريخ لأي مقال من النتائج." in answer.text
    assert all(row[0].startswith("# ") for row in rows(site.answer("/timeline.csv?q=كسكسي").text))
    assert site.answer("/compare.svg").status_code == 400
    assert site.answer("/timeline.svg?q=إيران&after=x").status_code == 400
    assert site.answer("/timeline.svg?q=إيران&x=1").status_code == 400
    assert site.answer("/timeline.gif?q=إيران").status_code == 404


MARKUP = '"><script>alert(1)</script><image href="file:///etc/passwd"/>&xxe;'


def test_a_hostile_query_is_the_text_it_is(site: Site) -> None:
    for path in ("/timeline", "/compare"):
        values = {
            "q": [f"إيران OR {MARKUP}", "=1+1|cmd"] if path == "/compare" else f"إيران OR {MARKUP}",
            "match": "any",
        }
        root = ET.fromstring(site.answer(f"{path}.svg", **values).text)
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names.isdisjoint({"script", "image", "a", "style"})
        assert "<script>" in str(root[1].text)
        assert site.answer(f"{path}.png", **values).data.startswith(b"\x89PNG")
    written = rows(site.answer("/compare.csv", q=["=1+1|cmd"]).text)
    assert ["# query_1", "'=1+1|cmd"] in written


def test_the_longest_query_is_a_picture_of_the_usual_size(site: Site) -> None:
    long = "إيران " * 300
    image = site.answer("/compare.png", q=[long] * 6).data
    assert int.from_bytes(image[16:20], "big") == 2200
    assert int.from_bytes(image[20:24], "big") < 4000


def test_dates_far_apart_are_a_table_and_no_picture(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        for year in (1, 800, 1850, 2015):
            archive.add(make_article(id=str(year), paragraphs=["زلزال"], published=datetime(year, 1, 1)))
        update_index(archive)
        site = Site(archive)
        assert site.answer("/timeline.png?q=زلزال").status_code == 400
        assert len(rows(site.answer("/timeline.csv?q=زلزال").text)) > 2000
        assert len(site.search("زلزال").select(".chart a")) == 4
        assert site.answer("/timeline.png?q=زلزال&after=1800").status_code == 200


def test_dates_of_the_hijri_calendar_are_in_the_words(site: Site) -> None:
    client = site.client.application.test_client()
    text = client.get("/timeline.svg?q=إيران&after=2017-11-01&calendar=hijri").text
    assert "1439هـ" in text


def test_pages_link_to_files_of_the_same_search(site: Site) -> None:
    for where in (
        "/search?q=إيران&source=الغد&chart=share&sort=newest&page=1",
        "/compare?q=إيران&q=زلزال&source.2=الغد&chart=share",
    ):
        page = site.page(where)
        assert texts(page, ".take a") == ["صورة (PNG)", "SVG", "جدول (CSV)"]
        for link in page.select(".take a"):
            answer = site.answer(str(link["href"]))
            assert answer.status_code == 200
            assert "chart=share" in str(link["href"])


def test_files_of_a_private_archive_need_a_sign_in(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive)
        update_index(archive)
    settings = tmp_path / "archive" / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    with Archive.open(tmp_path / "archive") as archive:
        private = Site(archive)
        for path in ("/timeline.svg?q=إيران", "/compare.csv?q=إيران", "/compare?q=إيران"):
            answer = private.answer(path)
            assert answer.status_code == 303
            assert "sign-in" in answer.headers["Location"]
