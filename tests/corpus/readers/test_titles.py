"""Headlines of pages: kept whole, without the site's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Article, Source
from corpus.readers.html import read_html
from tests.corpus.readers.made_files import SENTENCE

NEWS = "افتتاح الميناء الجديد أمام السفن التجارية بعد عام من التأخير"


def read(title: str, head: str = "", heading: str = "", host: str = "", sources: tuple[Source, ...] = ()) -> Article:
    url = f"https://{host}/news/1" if host else None
    top = f"<h1>{heading}</h1>" if heading else ""
    page = f"<html><head><title>{title}</title>{head}</head><body>{top}<p>{SENTENCE * 3}</p></body></html>"
    return read_html(page.encode(), "page.html", url=url, sources=sources)


@pytest.mark.parametrize("label", ["عاجل", "بالفيديو", "خاص", "حصري", "الوزير سمير الخطيب", "صور", "جنيف"])
@pytest.mark.parametrize("pattern", ["{} | {}", "{} - {}", "{} – {}", "{} :: {}", "{}|{}"])
def test_a_label_or_a_speaker_is_no_newspaper(label: str, pattern: str) -> None:
    for title in (pattern.format(label, NEWS), pattern.format(NEWS, label)):
        article = read(title)
        assert (article.title, article.source) == (title, None)
        article = read(title, host="www.paper.example")
        assert (article.title, article.source) == (title, "paper.example")
        assert read("x", f'<meta property="og:title" content="{title}">').title == title
        # A page that prints only the label in its heading has the headline in its title.
        assert read(title, heading=label).title == title


SITE = '<meta property="og:site_name" content="{}">'


@pytest.mark.parametrize(
    ("title", "head", "host"),
    [
        (f"{NEWS} | النهضة", SITE.format("النهضة"), ""),
        (f"{NEWS} - صحيفة النهضة", SITE.format("النهضة"), ""),
        (f"النهضة :: {NEWS}", SITE.format("النهضة"), ""),
        (f"{NEWS} | النهضة - أخبار الساعة", SITE.format("النهضة - أخبار الساعة"), ""),
        (f"{NEWS} | Paper", "", "www.paper.example"),
        (f"{NEWS} | paper.example", "", "paper.example"),
        (f"{NEWS} - النهار", "", "www.annahar.example"),
        (f"{NEWS} - صوت الميناء", "", "sawt-almina.example"),
        (f"{NEWS} - جريدة الشروق", "", "alchourouk.example"),
    ],
)
def test_the_sites_name_is_cut_off(title: str, head: str, host: str) -> None:
    assert read(title, head, host=host).title == NEWS


def test_the_name_in_the_settings_is_cut_off() -> None:
    source = Source("الميناء اليوم", ("paper.example",))
    article = read(f"عاجل | {NEWS} | الميناء اليوم", host="paper.example", sources=(source,))
    assert (article.title, article.source) == (f"عاجل | {NEWS}", "الميناء اليوم")


def test_a_label_before_the_headline_and_the_site_after_it() -> None:
    article = read(f"عاجل | {NEWS} | النهضة", SITE.format("النهضة"))
    assert (article.title, article.source) == (f"عاجل | {NEWS}", "النهضة")


def test_what_follows_the_printed_headline_is_not_of_it() -> None:
    for head in ("", f'<meta property="og:title" content="{NEWS} - محليات">'):
        assert read(f"{NEWS} - محليات", head, heading=NEWS).title == NEWS
    article = read(f"{NEWS} | صحيفة النهضة", heading=NEWS)
    assert (article.title, article.source) == (NEWS, "صحيفة النهضة")
    assert read(f"{NEWS} | بالفيديو", heading=NEWS).source is None


def test_the_shared_case_of_a_label(shared_data: Path) -> None:
    case = shared_data / "cases" / "pages" / "ajel.html"
    if not case.is_file():
        pytest.skip("the shared cases are absent")
    article = read_html(case.read_bytes(), case.name)
    assert article.title.startswith("عاجل | ")
    assert article.source is None
