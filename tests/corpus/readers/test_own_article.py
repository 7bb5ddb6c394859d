"""The page's own article: among several described ones, with other stories' dates and names around it."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from corpus import Article, printed_date
from corpus.errors import UnreadableInput
from corpus.readers.html import read_html
from tests.corpus.readers.made_files import SENTENCE
from tests.guards import hang_guard

TITLE = "افتتاح الميناء الجديد أمام السفن التجارية"
OTHER = "مهرجان الربيع يجتذب آلاف الزوار في المدينة القديمة"
URL = "https://paper.example/news/7"
TEXT = f"<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>"
STORY = f"<article><h1>{TITLE}</h1>{TEXT}</article>"


def read(body: str, head: str = "", url: str | None = URL) -> Article:
    canonical = f'<link rel="canonical" href="{url}">' if url else ""
    page = f"<html><head><title>{TITLE} - النهضة</title>{canonical}{head}</head><body>{body}</body></html>"
    return read_html(page.encode(), "page.html")


def linked(*values: dict[str, object]) -> str:
    return f'<script type="application/ld+json">{json.dumps(values, ensure_ascii=False)}</script>'


def described(**values: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "datePublished": "2011-01-01", "author": {"name": "كاتب آخر"}} | values


OWN = {"datePublished": "2019-02-27", "author": {"name": "سمير الخطيب"}}
OBJECTS = [
    ("its headline", [described(headline=OTHER), described(headline=TITLE, **OWN)]),
    ("its address", [described(url="https://paper.example/news/3"), described(url=URL, **OWN)]),
    ("its page", [described(mainEntityOfPage={"@id": "https://paper.example/news/3"}),
                  described(mainEntityOfPage={"@type": "WebPage", "@id": URL}, **OWN)]),
    ("a page as text, in another spelling of the address",
     [described(mainEntityOfPage="/news/3"), described(mainEntityOfPage="http://www.paper.example/news/7/", **OWN)]),
    ("a fragment of its address", [described(**{"@id": "https://paper.example/news/3#article"}),
                                   described(**{"@id": f"{URL}#article"}, **OWN)]),
    ("in a graph", [{"@graph": [{"@type": "WebSite"}, described(headline=OTHER), described(headline=TITLE, **OWN)]}]),
    ("the main entity of the page", [described(headline=OTHER),
                                     {"@type": "WebPage", "mainEntity": described(headline=TITLE, **OWN)}]),
    ("the only one, with another wording", [described(headline="الميناء يستقبل أول سفينة", **OWN)]),
    ("an address that is only the site's", [described(url="https://paper.example/", **OWN)]),
    ("other stories in a list", [{"@type": "ItemList", "itemListElement": [described(headline=OTHER)]},
                                 described(headline=TITLE, **OWN)]),
]  # fmt: skip


@pytest.mark.parametrize(("_", "objects"), OBJECTS, ids=[row[0] for row in OBJECTS])
@pytest.mark.parametrize("backwards", [False, True])
def test_json_ld_of_the_page_is_chosen(_: str, objects: list[dict[str, object]], backwards: bool) -> None:
    article = read(STORY, linked(*(objects[::-1] if backwards else objects)))
    assert (article.title, article.authors) == (TITLE, ("سمير الخطيب",)) or len(objects) == 1
    assert printed_date(article.published) == "2019-02-27"


@pytest.mark.parametrize(
    "objects",
    [
        [described(headline=OTHER, url="https://paper.example/news/3")],
        [described(headline=OTHER), described(headline="خبر ثالث عن الزراعة في الجنوب")],
        [{"@type": "ItemList", "itemListElement": [described(headline=OTHER)]}],
        [{"@type": "WebPage", "@id": "https://paper.example/news/3", "datePublished": "2011-01-01"}],
        [{"@type": "CollectionPage", "datePublished": "2011-01-01"}],
    ],
    ids=["one of another address", "several, none of this headline", "a list", "another page", "a section"],
)
def test_json_ld_of_other_stories_is_not_read(objects: list[dict[str, object]]) -> None:
    article = read(STORY, linked(*objects))
    assert (article.title, article.published, article.authors) == (TITLE, None, ())


@pytest.mark.parametrize("kind", ["WebPage", "ItemPage", ["WebPage", "FAQPage"]])
def test_the_dates_of_the_web_page_are_those_of_its_article(kind: object) -> None:
    graph = {"@graph": [{"@type": kind, "@id": URL, "name": TITLE, "datePublished": "2019-02-27T08:00:00+03:00"},
                        {"@type": "WebSite", "name": "النهضة"}]}  # fmt: skip
    assert printed_date(read(STORY, linked(graph)).published) == "2019-02-27T08:00:00+03:00"


@pytest.mark.parametrize("address", ["http://[x", "//[", "\x00", "javascript:1"])
def test_malformed_addresses_are_ignored(address: str) -> None:
    head = f'<link rel="canonical" href="{address}"><meta property="og:url" content="{address}">'
    article = read(STORY, head + linked(described(headline=TITLE, url=address, mainEntityOfPage=address)), url=None)
    assert (article.title, article.url) == (TITLE, None)
    assert read(STORY, linked(described(headline=TITLE, url=address))).url == URL


def item(headline: str, date: str, author: str, text: str = "") -> str:
    return (
        '<div itemscope itemtype="https://schema.org/NewsArticle">'
        f'<h2 itemprop="headline">{headline}</h2><meta itemprop="datePublished" content="{date}">'
        f'<span itemprop="author">{author}</span>{text}</div>'
    )


RELATED = item(OTHER, "2011-01-01", "كاتب آخر")


@pytest.mark.parametrize(
    "body",
    [
        RELATED + item(TITLE, "2019-02-27", "سمير الخطيب", TEXT),
        item(TITLE, "2019-02-27", "سمير الخطيب", TEXT) + RELATED,
        f"<aside>{RELATED}</aside>" + item(TITLE, "2019-02-27", "سمير الخطيب", TEXT),
        f"<ul><li>{RELATED}</li></ul>" + item(TITLE, "2019-02-27", "سمير الخطيب", TEXT).replace("h2", "h1"),
        f'<h1>{TITLE}</h1><time itemprop="datePublished" datetime="2019-02-27"></time>'
        f'<span itemprop="author">سمير الخطيب</span>{TEXT}{RELATED}',
    ],
    ids=["before", "after", "in an aside", "in a list", "the page's own without an item"],
)
def test_microdata_of_the_page_is_chosen(body: str) -> None:
    article = read(body)
    assert (article.title, printed_date(article.published)) == (TITLE, "2019-02-27")
    assert article.authors == ("سمير الخطيب",)


OTHERS = [
    ("a list after the article", STORY + '<ul class="more"><li><time datetime="2011-01-01">1 يناير</time> خبر</li></ul>'),
    ("a list before the article", f'<ul><li><time datetime="2011-01-01">1 يناير 2011</time> {OTHER}</li></ul>{STORY}'),
    ("a box among the paragraphs",
     f'<h1>{TITLE}</h1><div>{TEXT}<div><a href="/3">{OTHER}</a> <time datetime="2011-01-01">x</time></div>{TEXT}</div>'),
    ("cards without headings",
     f'<div><h1>{TITLE}</h1>{TEXT}<div><b><a href="/3">{OTHER}</a></b><div><i class="date">1/1/2011</i></div></div></div>'),
    ("a heading below <h1>", f'<div><h2>{TITLE}</h2>{TEXT}</div><ul><li><time datetime="2011-01-01"></time> خبر</li></ul>'),
    ("a list inside the story's element",
     f'<main><h1>{TITLE}</h1>{TEXT}<ul><li><span class="date">1/1/2011</span> {OTHER}</li></ul></main>'),
    ("teasers with headlines",
     f'<main><h1>{TITLE}</h1>{TEXT}<div><h3>{OTHER}</h3><time datetime="2011-01-01">1 يناير 2011</time></div></main>'),
    ("teasers above the text",
     f'<main><h1>{TITLE}</h1><div><h3>{OTHER}</h3><time datetime="2011-01-01"></time></div>{TEXT}</main>'),
    ("links with a date",
     f'<main><h1>{TITLE}</h1><a href="/3"><time datetime="2011-01-01"></time> {OTHER}</a>{TEXT}</main>'),
    ("an aside", f'<aside><time datetime="2011-01-01"></time></aside>{STORY}<aside><p class="date">1/1/2011</p></aside>'),
    ("latest news before", f'<div class="latest-news"><span class="date">1/1/2011</span> {OTHER}</div>{STORY}'),
    ("a widget", f'<h1>{TITLE}</h1><div class="widget"><span class="date">1/1/2011</span></div>{TEXT}'),
    ("today's date by name", f'<div class="today-date">الأحد 1 يناير 2011</div>{STORY}'),
    ("today's date in the site's head", f'<header><div class="date">الأحد 1 يناير 2011</div></header>{STORY}'),
    ("today's date far above",
     '<div class="date">1 يناير 2011</div>' + "<p>قسم</p>" * 6 + STORY),
    ("today's date in a menu", f'<nav><span class="date">1 يناير 2011</span></nav>{STORY}'),
    ("the weather", f'<div id="weather"><time datetime="2011-01-01"></time></div>{STORY}'),
    ("a line in the site's head, by class", f'<div id="header"><span class="today">1 يناير 2011</span></div>{STORY}'),
    ("a line in the site's head, by id", f'<div id="top"><p>1 يناير 2011</p></div>{STORY}'),
    ("a cell beside the front page's", f"<table><tr><td>1 يناير 2011</td><td>الرئيسية</td></tr></table><h1>{TITLE}</h1>{TEXT}"),
    ("the foot of the site", f'{STORY}<footer><time datetime="2011-01-01"></time></footer>'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "body"), OTHERS, ids=[row[0] for row in OTHERS])
def test_dates_of_other_stories_and_of_today_are_not_read(_: str, body: str) -> None:
    article = read(body)
    assert (article.title, article.published) == (TITLE, None)


DATES = [
    ("below the heading", f'<h1>{TITLE}</h1><span class="date">27/2/2019</span>{TEXT}'),
    ("above the heading", f'<span class="date">27/2/2019</span><h1>{TITLE}</h1>{TEXT}'),
    ("in the heading's own header", f"<article><header><time>27/2/2019</time><h1>{TITLE}</h1></header>{TEXT}</article>"),
    ("in a list of the byline", f"<h1>{TITLE}</h1><ul><li>سمير الخطيب</li><li><time>27/2/2019</time></li></ul>{TEXT}"),
    ("in a link", f'<h1>{TITLE}</h1><a href="{URL}"><time datetime="2019-02-27">أمس</time></a>{TEXT}'),
    ("after the text", f"<article><h1>{TITLE}</h1>{TEXT}<time>27/2/2019</time></article>"),
    ("beside a list of others",
     f'<h1>{TITLE}</h1><time>27/2/2019</time>{TEXT}<ul><li><time>1/1/2011</time> {OTHER}</li></ul>'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "body"), DATES, ids=[row[0] for row in DATES])
def test_the_storys_own_date_is_read(_: str, body: str) -> None:
    assert printed_date(read(body).published) == "2019-02-27"


UPDATES = [
    ("a class", '<time class="updated" datetime="2021-01-05"></time><time class="published" datetime="2019-02-27"></time>'),
    ("a property", '<time itemprop="dateModified" datetime="2021-01-05"></time><time datetime="2019-02-27"></time>'),
    ("a label before", 'عُدّل: <time datetime="2021-01-05"></time> نُشر: <time datetime="2019-02-27"></time>'),
    ("a class, and a printed line", '<time class="updated" datetime="2021-01-05"></time><div>نُشر: 27 فبراير 2019</div>'),
    ("one line", "<div>آخر تحديث: 5 يناير 2021 | نُشر: 27 فبراير 2019</div>"),
    ("one line with a class", '<div class="date">تم التحديث 5 يناير 2021 • 27 فبراير 2019</div>'),
    ("two lines", "<div>تاريخ النشر: 27 فبراير 2019</div><div>تاريخ التحديث: 5 يناير 2021</div>"),
    ("English", "<div>27 February 2019</div><div>Last updated: 5 January 2021</div>"),
    ("a theme's class", '<time class="entry-date updated" datetime="2019-02-27"></time><time class="updated">5/1/2021</time>'),
    ("no other", '<div>آخر تحديث: 27 فبراير 2019</div>'),
    ("no other element", '<time class="updated" datetime="2019-02-27"></time>'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "lines"), UPDATES, ids=[row[0] for row in UPDATES])
def test_a_date_of_an_update_is_used_only_if_there_is_no_other(_: str, lines: str) -> None:
    page = read(f"<article><h1>{TITLE}</h1>{lines}{TEXT}</article>")
    assert printed_date(page.published) == "2019-02-27"


@pytest.mark.parametrize(("received", "published"), [("2019-02-27", None), ("2019-06-01", "2019-02-27")])
def test_the_day_of_the_capture_at_the_top_of_a_page_is_not_the_articles(received: str, published: str | None) -> None:
    page = f"<title>{TITLE}</title><p>الأربعاء 27 فبراير 2019</p><h1>{TITLE}</h1>{TEXT}"
    moment = datetime.fromisoformat(f"{received}T12:00:00+00:00")
    article = read_html(page.encode(), "page.html", url=URL, retrieved_at=moment, seen_at=moment)
    assert (article.published and printed_date(article.published)) == published


def test_a_single_article_of_json_ld_with_no_word_of_the_page_is_not_its_own() -> None:
    article = read(STORY, linked(described(headline="مباراة ودية بين فريقين")), url=None)
    assert (article.title, article.published, article.authors) == (TITLE, None, ())


AUTHORS = [
    ("a byline", f'<h1>{TITLE}</h1><p class="byline">بقلم: سمير الخطيب</p>{TEXT}', ("سمير الخطيب",)),
    ("an author of another story", f'{STORY}<aside><a rel="author">كاتب آخر</a></aside>', ()),
    ("an author of a list", f'{STORY}<ul class="latest"><li><span class="author">كاتب آخر</span></li></ul>', ()),
    ("a teaser's author", f'<main><h1>{TITLE}</h1>{TEXT}<div><h3>{OTHER}</h3><b class="author">كاتب آخر</b></div></main>', ()),
    ("the site's developer", STORY + '<div class="developed-by"><span class="author">شركة الويب</span></div>', ()),
    ("a box about the author", STORY.replace("</article>", '<div class="author-box"><span class="author">سمير الخطيب</span>'
     "<p>كاتب من بيروت</p></div></article>"), ("سمير الخطيب",)),
    ("a label for screen readers",
     f'<h1>{TITLE}</h1><section aria-labelledby="byline"><b id="byline">معلومات</b></section>{TEXT}', ()),
]  # fmt: skip


@pytest.mark.parametrize(("_", "body", "authors"), AUTHORS, ids=[row[0] for row in AUTHORS])
def test_authors_of_the_story_only(_: str, body: str, authors: tuple[str, ...]) -> None:
    assert read(body).authors == authors


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "Administrator",
        "webmaster",
        "شركة الأفق لتصميم المواقع",
        "Web Design by Ufuq",
        "برمجة الأفق",
        "النهضة",
        "paper",
    ],
)
def test_accounts_developers_and_the_site_itself_are_no_authors(name: str) -> None:
    site = '<meta property="og:site_name" content="النهضة">'
    assert read(STORY, f'{site}<meta name="author" content="{name}">').authors == ()


TITLES = [
    ("the heading in other words", f"الميناء الجديد: {TITLE}", "", TITLE),
    ("the site's name in the metadata", f"{TITLE} - النهضة", "", TITLE),
    ("a name before it", f"النهضة اليوم - {TITLE}", "", TITLE),
    ("a heading that is the site's name", TITLE, "<h1>النهضة</h1>", TITLE),
    ("another story's title", OTHER, "", TITLE),
    ("a shortened heading", f"{TITLE} بعد عام من التأخير", "", f"{TITLE} بعد عام من التأخير"),
]


@pytest.mark.parametrize(("_", "declared", "above", "title"), TITLES, ids=[row[0] for row in TITLES])
def test_the_printed_headline_is_the_title(_: str, declared: str, above: str, title: str) -> None:
    shown = STORY.replace(TITLE, f"{TITLE[:30]}...") if _ == "a shortened heading" else STORY
    head = f'<meta property="og:title" content="{declared}">'
    assert read(above + shown, head).title == title


LIVE = {
    "@type": "LiveBlogPosting",
    "headline": TITLE,
    "datePublished": "2019-02-27T08:00:00+03:00",
    "liveBlogUpdate": [
        {"@type": "BlogPosting", "headline": "وصول الوزير", "articleBody": SENTENCE * 2},
        {"@type": "BlogPosting", "articleBody": f"<p>{SENTENCE}</p><p>{SENTENCE}</p>"},
        {"@type": "BlogPosting", "headline": "بدء المراسم", "text": SENTENCE},
        "https://paper.example/news/7#4",
    ],
}


@pytest.mark.parametrize("objects", [[LIVE], [described(headline=OTHER), LIVE], [{"@graph": [LIVE]}]])
def test_a_live_blog_is_read_by_its_updates(objects: list[dict[str, object]]) -> None:
    article = read(f'<h1>{TITLE}</h1><div id="live"></div>', linked(*objects))
    assert (article.title, printed_date(article.published)) == (TITLE, "2019-02-27T08:00:00+03:00")
    assert article.paragraphs[0] == "وصول الوزير"
    assert "بدء المراسم" in article.paragraphs
    assert "<p>" not in article.text


POSTS = [("وصول الوزير", SENTENCE * 2), ("بدء المراسم", SENTENCE), ("كلمة المدير", SENTENCE * 3)]
SHOWN = [
    ("boxes", '<div class="post"><time>10:00</time><h3>{0}</h3><p>{1}</p></div>', "{}"),
    ("an introduction", '<div class="post"><time>10:00 صباحا</time><h3>{0}</h3><p>{1}</p></div>',
     f'<div class="intro"><p>{SENTENCE * 4}</p></div>{{}}'),
    ("articles", "<article><h2>{0}</h2><p>{1}</p></article>", "{}"),
    ("a list", '<li><span class="hour">12 مايو 2019</span><h4>{0}</h4><div><p>{1}</p></div></li>', "<ul>{}</ul>"),
]  # fmt: skip


@pytest.mark.parametrize(("_", "post", "around"), SHOWN, ids=[row[0] for row in SHOWN])
def test_all_posts_of_a_live_blog_are_read_from_the_page(_: str, post: str, around: str) -> None:
    live = LIVE | {"liveBlogUpdate": [{"@type": "BlogPosting", "headline": POSTS[0][0]}]}
    posts = around.format("".join(post.format(*one) for one in POSTS))
    side = f'<div class="side"><div class="box"><h3>{OTHER}</h3></div></div>'
    article = read(f'<h1>{TITLE}</h1><div class="live-posts">{posts}</div>{side}', linked(live))
    introduction = [(SENTENCE * 4).strip()] if "intro" in around else []
    assert list(article.paragraphs) == introduction + [line.strip() for one in POSTS for line in one]


def test_an_update_may_have_its_text_in_an_object() -> None:
    update = {"@type": "BlogPosting", "articleBody": {"@type": "TextObject", "name": "نص", "text": SENTENCE * 2}}
    article = read(f"<h1>{TITLE}</h1>", linked(LIVE | {"liveBlogUpdate": [update]}))
    assert article.text == (SENTENCE * 2).strip()


@pytest.mark.parametrize(
    ("kind", "authors"), [("Person", ("سمير الخطيب",)), ("Organization", ()), (["Thing", "NewsMediaOrganization"], ())]
)
def test_the_author_of_a_page_without_an_article_is_its_person(kind: object, authors: tuple[str, ...]) -> None:
    person = {"@type": kind, "@id": "https://paper.example/#/person/1", "name": "سمير الخطيب"}
    page = {"@type": "WebPage", "@id": URL, "url": URL, "author": {"@id": person["@id"]}}
    assert read(STORY, linked({"@graph": [page, {"@type": "WebSite", "name": "النهضة"}, person]})).authors == authors


BYLINES = [
    ("<p>بقلم: سمير الخطيب</p>", "سمير الخطيب"),
    ("<p>بقلم سمير الخطيب</p>", "سمير الخطيب"),
    ("<p>كتب: د. سمير الخطيب</p>", "د. سمير الخطيب"),
    ("<p>كتبت - ليلى الخطيب:</p>", "ليلى الخطيب"),
    ("<h3>بقلم/ <b>سمير الخطيب</b></h3>", "سمير الخطيب"),
    ("<p>27 فبراير 2019</p><p>إعداد: سمير الخطيب</p>", "سمير الخطيب"),
    ("<p>سمير الخطيب - عدن</p>", None),
    ("<p><strong>عدن - رويترز</strong></p>", None),
    ("<p>كتب جديدة في المعرض</p>", None),
    ("<p>كتب - عدن - سمير الخطيب</p>", None),
    ("<p>بقلم: سمير الخطيب 2019</p>", None),
    ("<p>بقلم كاتب من كتاب تلك المدينة كلها</p>", None),
    ("<p>بقلم النهضة</p>", None),
    ("<p>بقلم: admin</p>", None),
    ('<div class="related"><p>بقلم: كاتب آخر</p></div>', None),
]


@pytest.mark.parametrize(("line", "author"), BYLINES)
def test_a_labelled_byline_at_the_start_of_the_text_is_the_author(line: str, author: str | None) -> None:
    page = f"<article><h1>{TITLE}</h1>{line}{TEXT}</article>"
    article = read(page, '<meta property="og:site_name" content="النهضة">')
    assert article.authors == ((author,) if author else ())
    assert article.paragraphs == ((SENTENCE * 3).strip(), (SENTENCE * 2).strip())


def test_a_declared_author_comes_before_the_byline() -> None:
    page = f"<h1>{TITLE}</h1><p>بقلم: كاتب آخر</p>{TEXT}"
    assert read(page, '<meta name="author" content="سمير الخطيب">').authors == ("سمير الخطيب",)
    assert read(page, '<meta name="author" content="admin">').authors == ("كاتب آخر",)


@pytest.mark.parametrize(
    ("below", "authors"),
    [
        ('<footer>تصميم وبرمجة: <a rel="author">شركة حلول</a></footer>', ()),
        ("<footer>Powered by شركة حلول</footer>", ()),
        ('<div id="site-footer"><p>تطوير الموقع بواسطة <b>شركة حلول</b></p></div>', ()),
        ("<footer>تطوير التعليم - شركة حلول</footer>", ("شركة حلول",)),
        ("<footer>جميع الحقوق محفوظة لـ شركة حلول. تصميم: الأفق</footer>", ("شركة حلول",)),
        (f"<p>{SENTENCE}</p><p>تصميم: شركة حلول</p>", ("شركة حلول",)),
    ],
)
def test_who_made_the_site_is_no_author(below: str, authors: tuple[str, ...]) -> None:
    assert read(STORY + below, '<meta name="author" content="شركة حلول">').authors == authors


def test_the_shared_cases(shared_data: Path) -> None:
    directory = shared_data / "cases"
    if not directory.is_dir():
        pytest.skip("the shared cases are absent")
    kinds = ("the page's own article", "a date of another story", "previous and next", "live blog")
    cases = [json.loads(line) for line in (directory / "cases.jsonl").read_text("utf-8").splitlines()]
    for case in (case for case in cases if case["kind"] in kinds):
        right = case["right"]
        path = directory / case["file"]
        article = read_html(path.read_bytes(), path.name)
        assert article.title == right.get("title", article.title)
        if "date" in right:
            assert (printed_date(article.published) or "")[:10] == (right["date"] or "")
        assert all(text in article.text for text in right.get("holds", ()))
        assert not any(text in article.text for text in right.get("without", ()))


POST = f"<div class=post><h3>x</h3><p>{SENTENCE}</p></div>"
HOSTILE = [
    ("nested dates", f"<h1>{TITLE}</h1>{'<div class=date>x' * 15_000}{TEXT}"),
    ("dates side by side", f"<h1>{TITLE}</h1>{'<time>x</time>' * 20_000}{TEXT}"),
    ("authors", f"<h1>{TITLE}</h1>{'<div class=author>x<p>y</p></div>' * 12_000}{TEXT}"),
    ("bylines", f"<h1>{TITLE}</h1>{'<p>بقلم: x</p>' * 20_000}{TEXT}"),
    ("credits", f"{STORY}<footer>{'<b>تصميم: x</b>' * 20_000}</footer><meta name=author content=x>"),
    ("posts of a live blog", f"<h1>{TITLE}</h1>{POST * 5_000}" + linked(LIVE)),
    ("nested menus", f"{'<nav>' * 20_000}<h1>{TITLE}</h1>{TEXT}"),
    ("described articles", STORY + linked(*[described(headline=f"{OTHER} {number}") for number in range(20_000)])),
]


@pytest.mark.parametrize(("_", "body"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_many_candidates_take_linear_time(_: str, body: str) -> None:
    with hang_guard(), contextlib.suppress(UnreadableInput):
        read(body)
