"""Where each field of a page was found, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import FieldOrigins, Source
from corpus.readers import explain_page
from corpus.readers.html import read_html
from tests.corpus.readers.made_files import SENTENCE

TITLE = "افتتاح الميناء الجديد أمام السفن التجارية"
TEXT = f"<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>"
ROOT = Path(__file__).resolve().parents[3]


def origins(body: str, head: str = "", sources: tuple[Source, ...] = (), url: str | None = None) -> FieldOrigins:
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    return explain_page(page.encode(), "page.html", sources=sources, url=url).origins


def linked(**values: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(values, ensure_ascii=False)}</script>'


STORY = f"<h1>{TITLE}</h1>{TEXT}"
NEWS = {"@type": "ReportageNewsArticle", "headline": TITLE}
ROWS = [
    ("title", STORY, linked(**NEWS), "JSON-LD ReportageNewsArticle: headline"),
    ("title", STORY, f'<meta property="og:title" content="{TITLE}">', "<meta property=og:title>"),
    ("title", STORY, f'<meta property="og:title" content="{TITLE} - النهضة">', "the heading <h1>"),
    ("title", STORY, "", "the heading <h1>"),
    ("title", TEXT, f"<title>{TITLE}</title>", "<title>"),
    ("published", STORY, linked(**NEWS, datePublished="2019-02-27"), "JSON-LD ReportageNewsArticle: datePublished"),
    ("published", STORY, linked(**{"@type": "WebPage", "datePublished": "2019-02-27"}), "JSON-LD WebPage: datePublished"),
    ("published", STORY, '<meta property="article:published_time" content="2019-02-27">',
     "<meta property=article:published_time>"),
    ("published", f'<h1>{TITLE}</h1><span class="post-date">27/2/2019</span>{TEXT}', "",
     "the element <span class=post-date>"),
    ("published", f"<h1>{TITLE}</h1><p>جنيف، 27 فبراير 2019</p>{TEXT}", "", "the date printed above the text"),
    ("published", STORY, "", None),
    ("authors", STORY, linked(**NEWS, author="سمير الخطيب"), "JSON-LD ReportageNewsArticle: author"),
    ("authors", STORY, '<meta name="author" content="سمير الخطيب">', "<meta name=author>"),
    ("authors", f'<h1>{TITLE}</h1><a rel="author">سمير الخطيب</a>{TEXT}', "", "<a rel=author>"),
    ("source", STORY, '<meta property="og:site_name" content="النهضة">', "<meta property=og:site_name>"),
    ("source", STORY, '<link rel="canonical" href="https://paper.example/7">', "the host of the address"),
    ("section", STORY, linked(**NEWS, articleSection="سياسة"), "JSON-LD ReportageNewsArticle: articleSection"),
    ("url", STORY, '<link rel="canonical" href="https://paper.example/7">', "<link rel=canonical>"),
    ("body", f"<h1>{TITLE}</h1><div class='x entry-content'>{TEXT}</div>", "",
     "the element <div class=entry-content>, marked as the body by its name"),
    ("body", f"<h1>{TITLE}</h1><div itemprop=articleBody>{TEXT}</div>", "", "the element <div itemprop=articleBody>"),
    ("body", f"<h1>{TITLE}</h1><div id=x>{TEXT}</div>", "",
     "the element <div id=x>, which has the most text outside links"),
    ("body", f"<h1>{TITLE}</h1>", linked(**NEWS, articleBody=SENTENCE * 3), "JSON-LD ReportageNewsArticle: articleBody"),
    ("body", f"<h1>{TITLE}</h1>", linked(**{"@type": "LiveBlogPosting", "headline": TITLE, "liveBlogUpdate": [
        {"articleBody": SENTENCE * 3}]}), "JSON-LD LiveBlogPosting: liveBlogUpdate"),
    ("body", f"<h1>{TITLE}</h1>",
     f'<script id="__NEXT_DATA__">{json.dumps({"title": TITLE, "body": SENTENCE * 3})}</script>', "the data of __NEXT_DATA__"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "body", "head", "origin"), ROWS, ids=[f"{row[0]}: {row[3]}" for row in ROWS])
def test_each_field_names_the_feature_it_was_taken_from(field: str, body: str, head: str, origin: str | None) -> None:
    assert getattr(origins(body, head), field) == origin


def test_rules_of_the_settings_are_named() -> None:
    rules = {"title": "h2", "body": ".x", "date": ".when"}
    source = Source("النهضة", ("paper.example",), selectors=rules)
    body = f"<h1>قسم</h1><h2>{TITLE}</h2><i class=when>27/2/2019</i><div class=x>{TEXT}</div>"
    found = origins(body, sources=(source,), url="https://paper.example/7")
    assert found.title == "the rule for title of النهضة: h2"
    assert found.body == "the rule for body of النهضة: .x"
    assert found.published == "the rule for date of النهضة: .when"
    assert found.source == "the source of this host in the settings"
    assert found.url == "the address that it was received from"


def test_warnings_are_part_of_the_explanation() -> None:
    page = f"<h1>{TITLE}</h1><div>04/12/2013</div>{TEXT}".encode()
    (warning,) = explain_page(page, "page.html").warnings
    assert "may be 4 December 2013 or 12 April 2013" in warning


@pytest.mark.parametrize(
    "path", sorted((ROOT / "seeds" / "pages").glob("*/1-*.html")), ids=lambda path: path.parent.name
)
def test_the_explained_article_is_the_one_that_is_read(path: Path) -> None:
    explained = explain_page(path.read_bytes(), path.name)
    assert explained.article == read_html(path.read_bytes(), path.name)
    for field in ("title", "url", "published", "source", "section", "authors"):
        assert bool(getattr(explained.article, field)) == bool(getattr(explained.origins, field)), field
    assert explained.origins.body
