"""Pages: the boilerplate of news sites, each kind in a minimal page, and the six layouts of the seeds."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Article, printed_date
from corpus.errors import UnreadableInput
from corpus.readers.html import read_html
from tests.conftest import examples
from tests.guards import hang_guard

ROOT = Path(__file__).resolve().parents[3]
ONE = "أعلن وزير الخارجية أمس أن المفاوضات ستستأنف الأسبوع المقبل في جنيف بحضور الوفود."
TITLE = "عنوان طويل بما يكفي ليكون فقرة من الفقرات"
TWO = "وقال إن بلاده تدعم كل جهد يفضي إلى حل دائم يرضي الأطراف كلها ويحفظ حقوقها."


def read(page: str, **options: object) -> Article:
    return read_html(page.encode(), "page.html", **options)  # type: ignore[arg-type]


def page(body: str, head: str = "") -> str:
    return f'<html lang="ar"><head>{head}</head><body>{body}</body></html>'


BODY = f"<article><h1>عنوان</h1><p>{ONE}</p><p>{TWO}</p></article>"

FURNITURE = [
    ("menu", f"<nav><p>{ONE}</p></nav>"),
    ("footer", f"<footer><p>{TWO}</p></footer>"),
    ("read also", f'<div class="read-also"><p>{ONE}</p></div>'),
    ("related, in camel case", f'<div id="relatedNews"><p>{ONE}</p></div>'),
    ("share bar", '<div class="share-buttons">شارك الخبر على فيسبوك</div>'),
    ("comments", f'<section id="comments"><p>{ONE}</p></section>'),
    ("caption", f"<figure><img><figcaption>{ONE}</figcaption></figure>"),
    ("hidden", f'<div style="display: none"><p>{ONE}</p></div><p hidden>{ONE}</p>'),
    ("script", f"<script>var x = '{ONE}'</script><style>p {{}}</style>"),
    ("comment", f"<!-- {ONE} -->"),
    ("a line of other stories", "<p>اقرأ أيضاً: عنوان خبر آخر لا علاقة له بهذا</p>"),
    ("a list of links", f'<ul><li><a href="/1">{ONE}</a></li><li><a href="/2">{TWO}</a></li></ul>'),
    ("tags", '<div class="tags"><a href="/t">سياسة</a></div>'),
    ("copyright", "<p>جميع الحقوق محفوظة للموقع 2020</p>"),
    ("disclaimer", "<p>الآراء الواردة أدناه لا تعبر عن رأي موقع الجريدة، بل تعكس وجهات نظر أصحابها فقط.</p>"),
    ("newsletter form", "<form><p>اشترك في نشرتنا البريدية ليصلك كل جديد من الأخبار والتحليلات.</p></form>"),
]

OTHER = "خبر آخر عن مهرجان الربيع في المدينة القديمة يجتذب آلاف الزوار كل عام"
FURNITURE += [
    ("previous and next, by name",
     f'<div class="post_prev"><a href="/1"></a><span>{OTHER}.</span></div><div class="story-next"><p>{OTHER}؟</p></div>'),
    ("next, by label", f'<div><b>الخبر التالي</b><p><a href="/2"></a>{OTHER}.</p></div>'),
    ("previous, in a line", f"<p>المقال السابق: {OTHER}</p>"),
    ("a box of other stories with a summary",
     f'<div><h4>ذات صلة</h4><div><a href="/1">عنوان خبر آخر</a><p>{OTHER}.</p></div></div>'),
    ("caption of a figure without figcaption", f"<figure><img src=x><span>{OTHER}.</span></figure>"),
    ("caption by name", f'<div><img src=x><div class="image-desc">{OTHER}.</div></div>'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "furniture"), FURNITURE, ids=[row[0] for row in FURNITURE])
def test_boilerplate_is_removed_inside_and_outside_of_the_article(_: str, furniture: str) -> None:
    inside = f"<article><h1>عنوان</h1><p>{ONE}</p>{furniture}<p>{TWO}</p>{furniture}</article>"
    for body in (inside, furniture + BODY + furniture):
        assert read(page(body)).paragraphs == (ONE, TWO)


PARAGRAPHS = [
    ("inline markup joins", "<p>ال<b>سل</b>ام <i>ثم</i> الحرب " + ONE + "</p>", ("السلام ثم الحرب " + ONE,)),
    ("line breaks part", f"<div>{ONE}<br><br>{TWO}</div>", (ONE, TWO)),
    ("old layout", f"<center><font size=4><b>{ONE}</b><BR>{TWO}</font></center>", (ONE, TWO)),
    ("headings inside stay", f"<p>{ONE}</p><h2>عنوان فرعي</h2><p>{TWO}</p>", (ONE, "عنوان فرعي", TWO)),
    ("quotes and lists stay", f"<blockquote>{ONE}</blockquote><ul><li>{TWO}</li></ul>", (ONE, TWO)),
    ("space is folded", f"<p>  {ONE.replace(' ', '&nbsp; ')}\n\n</p><p>{TWO}</p>", (ONE, TWO)),
    ("links in the text stay", f'<p>{ONE} <a href="/x">وجنيف</a>.</p><p>{TWO}</p>', (ONE + " وجنيف.", TWO)),
    ("the title is not repeated", f"<h1>{TITLE}</h1><p>{ONE}</p><p>{TWO}</p>", (ONE, TWO)),
    ("broken tags", f"<p>{ONE}<p>{TWO}</div></span>", (ONE, TWO)),
]


@pytest.mark.parametrize(("_", "body", "paragraphs"), PARAGRAPHS, ids=[row[0] for row in PARAGRAPHS])
def test_paragraphs(_: str, body: str, paragraphs: tuple[str, ...]) -> None:
    assert read(page(body, f"<title>{TITLE}</title>")).paragraphs == paragraphs


def linked(**values: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(values, ensure_ascii=False)}</script>'


METADATA = [
    ("JSON-LD headline", linked(**{"@type": "NewsArticle", "headline": "من الوصف"}), "title", "من الوصف"),
    ("JSON-LD graph", linked(**{"@graph": [{"@type": "WebPage"}, {"@type": ["ReportageNewsArticle"], "headline": "ب"}]}),
     "title", "ب"),
    ("JSON-LD with raw line breaks and a trailing comma",
     '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "سطر\nآخر",}</script>', "title", "سطر آخر"),
    ("broken JSON-LD is passed over", '<script type="application/ld+json">{"@type": </script>', "title", "عنوان"),
    ("JSON-LD source", linked(**{"@type": "NewsArticle", "publisher": {"name": "النهضة"}}), "source", "النهضة"),
    ("JSON-LD authors", linked(**{"@type": "NewsArticle", "author": [{"name": "بقلم: سمير"}, "ليلى"]}), "authors",
     ("سمير", "ليلى")),
    ("JSON-LD section", linked(**{"@type": "NewsArticle", "articleSection": ["سياسة", "عرب"]}), "section", "سياسة"),
    ("OpenGraph title without the site", '<meta property="og:title" content="الخبر - النهضة">'
     '<meta property="og:site_name" content="النهضة">', "title", "الخبر"),
    ("title without the site", '<link rel="canonical" href="https://www.ennahda.example/1">'
     "<title>خبر اليوم الطويل جدا عن أشياء كثيرة | النهضة</title>", "source", "النهضة"),
    ("canonical address", '<link rel="canonical" href="https://a.example/x?utm_source=y">', "url", "https://a.example/x"),
    ("no address but a dangerous one", '<link rel="canonical" href="javascript:alert(1)">', "url", None),
    ("an address that is only the site's", '<link rel="canonical" href="https://a.example/">', "url", None),
    ("JSON-LD references", linked(**{"@graph": [{"@type": "Organization", "@id": "#o", "name": "النهضة"},
                                               {"@type": "NewsArticle", "publisher": {"@id": "#o"}}]}), "source", "النهضة"),
    ("JSON-LD entities", linked(**{"@type": "NewsArticle", "headline": "&quot;عنوان&quot;"}), "title", '"عنوان"'),
    ("two authors in one", '<meta name="author" content="سمير، ليلى">', "authors", ("سمير", "ليلى")),
    ("meta author", '<meta name="author" content="كتب: سمير الخطيب">', "authors", ("سمير الخطيب",)),
    ("address as author", '<meta property="article:author" content="https://fb.example/x">', "authors", ()),
]  # fmt: skip


@pytest.mark.parametrize(("_", "head", "field", "value"), METADATA, ids=[row[0] for row in METADATA])
def test_metadata(_: str, head: str, field: str, value: object) -> None:
    assert getattr(read(page(BODY, head)), field) == value


DATES = [
    ("JSON-LD", linked(**{"@type": "NewsArticle", "datePublished": "2017-02-16T21:40:00+03:00"}), "",
     "2017-02-16T21:40:00+03:00"),
    ("meta", '<meta property="article:published_time" content="2017-02-16T18:40:00Z">', "", "2017-02-16T18:40:00+00:00"),
    ("time element", "", '<time datetime="2017-02-16">أمس</time>', "2017-02-16"),
    ("class", "", '<span class="post-date">الخميس 16 شباط/ فبراير 2017</span>', "2017-02-16"),
    ("a line above the text", "", "<p>جنيف، الخميس ١٦ فبراير ٢٠١٧</p>", "2017-02-16"),
    ("after the heading before today's in the head of the site", "",
     '<div class="date">الأحد 1 يناير 2023</div><h1>عنوان</h1><span class="date">16/2/2017</span>', "2017-02-16"),
    ("a Hijri line", "", "<p>الأحد 25 جمادى الأولى 1438هـ - 22 فبراير 2017م</p>", "2017-02-22"),
    ("an unreadable one is passed over", '<meta name="date" content="أمس">', '<time datetime="2017-02-16">', "2017-02-16"),
    ("none", "", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("_", "head", "above", "date"), DATES, ids=[row[0] for row in DATES])
def test_dates(_: str, head: str, above: str, date: str | None) -> None:
    assert printed_date(read(page(above + BODY, head)).published) == date


def test_relative_urls_are_resolved_against_the_pages_url() -> None:
    article = read(page(BODY, '<link rel="canonical" href="/x">'), url="https://a.example/y?z")
    assert article.url == "https://a.example/x"
    assert article.source == "a.example"


def test_breadcrumbs_contain_the_section() -> None:
    crumbs = (
        '<ul class="breadcrumb"><li><a href="/">الرئيسية</a></li><li><a href="/p">سياسة</a></li><li>عنوان</li></ul>'
    )
    assert read(page(crumbs + BODY)).section == "سياسة"


@pytest.mark.parametrize("mark", ['itemprop="articleBody"', 'class="entry-content"'])
def test_short_lines_are_an_article_if_the_page_declares_one(mark: str) -> None:
    verses = (
        "قفا نبك من ذكرى حبيب ومنزل",
        "بسقط اللوى بين الدخول فحومل",
        "فتوضح فالمقراة لم يعف رسمها",
        "لما نسجتها من جنوب وشمأل",
    )
    body = f"<h1>عنوان</h1><div {mark}>{''.join(f'<p>{verse}</p>' for verse in verses)}<p>شارك الخبر</p></div>"
    assert read(page(body)).paragraphs == verses
    with pytest.raises(UnreadableInput):
        read(page(body.replace(mark, "")))


def test_the_article_body_of_json_ld_is_read() -> None:
    head = linked(**{"@type": "NewsArticle", "articleBody": f"{ONE}\n{TWO}"})
    assert read(page("<h1>عنوان</h1><p>للقراءة اشترك في الموقع من هنا لو سمحت.</p>", head)).paragraphs == (ONE, TWO)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no article text"),
        (b"<html><body></body></html>", "no article text"),
        (page('<ul><li><a href="/1">عنوان خبر طويل أول</a></li></ul>' * 30).encode(), "no article text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "not text"),
        (bytes(range(256)) * 30, "not text"),
    ],
    ids=["empty", "no text", "a list of links", "picture", "noise"],
)
def test_pages_without_an_article_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=rf"page\.html: .*{reason}"):
        read_html(data, "page.html")


ROUND = [
    ("no body tag", f"<title>ع</title><article><h1>عنوان</h1><p>{ONE}</p><p>{TWO}</p></article>"),
    ("a form around it", f"<form id=aspnetForm><h1>عنوان</h1><div><p>{ONE}</p><p>{TWO}</p></div></form>"),
    ("a sidebar class around it", page(f'<div class="has-sidebar sidebar"><h1>عنوان</h1><p>{ONE}</p><p>{TWO}</p></div>')),
    ("many long comments", page(BODY + '<div class="comments">' + f"<p>{ONE}{TWO}{ONE}</p>" * 40 + "</div>")),
    ("teasers marked as articles", page(f"<h1>عنوان</h1><div><p>{ONE}</p><p>{TWO}</p></div>"
                                        + f'<article><a href="/x">{ONE}</a></article>' * 8)),
    ("an unclosed aside", page(f"<aside><article><h1>عنوان</h1><p>{ONE}</p><p>{TWO}</p></article>")),
    ("linked keywords", page(f"<h1>عنوان</h1><div><p>{ONE}</p><p>{TWO}</p></div>".replace(
        "بلاده", '<a class="tag" href="/t">بلاده</a>'))),
    ("a body beside a sidebar", page(f'<h1>عنوان</h1><div class="sidebar-grid__content article__content"><p>{ONE}</p>'
                                     f'<p>{TWO}</p></div>')),
    ("parts side by side", page(f'<h1>عنوان</h1><div><div class="post-content"><p>{ONE}</p></div>'
                                f'<div class="post-content"><p>{TWO}</p></div></div>')),
]  # fmt: skip


@pytest.mark.parametrize(("_", "text"), ROUND, ids=[row[0] for row in ROUND])
def test_an_article_is_found_regardless_of_its_surroundings(_: str, text: str) -> None:
    assert read(text).paragraphs == (ONE, TWO)


NAMES = [
    "entry-content no-share", "post-body without-sidebar comments-closed", "article-body share-enabled",
    "post_widget_text", "entry-content related-on", "builder-widget builder-widget-theme-post-content",
    "story_print_view", "post hentry category-latest tag-share", "article-text tools", "content tag-banner-free",
]  # fmt: skip


@pytest.mark.parametrize("names", NAMES)
def test_a_word_in_a_class_name_does_not_remove_the_body(names: str) -> None:
    menu = f'<div class="menu"><a href="/1">{OTHER}</a></div>'
    share = '<div class="share-bar">شارك هذا الخبر مع أصدقائك على مواقع التواصل.</div>'
    paragraphs = f"<p>{ONE}</p>{share}<p>{TWO}</p>"
    body = f'{menu}<h1>عنوان</h1><div class="{names}">{paragraphs}</div><div class="latest"><p>{OTHER}.</p></div>'
    assert read(page(body)).paragraphs == (ONE, TWO)


LEAD = "قال وزير الخارجية إن جولة المفاوضات المقبلة ستكون الأخيرة قبل التوقيع"


@pytest.mark.parametrize(
    ("head", "paragraphs"),
    [
        (f'<h2 class="lead">{LEAD}</h2>', (LEAD, ONE, TWO)),
        (f'<div class="article-summary"><p>{LEAD}</p></div>', (LEAD, ONE, TWO)),
        (f'<div class="excerpt">{ONE[:50]}...</div>', (ONE, TWO)),
        (f'<div class="teaser"><p>{LEAD}</p></div>', (ONE, TWO)),
    ],
    ids=["heading", "element", "the beginning of the text", "not named a lead"],
)
def test_a_lead_outside_the_body_is_kept_once(head: str, paragraphs: tuple[str, ...]) -> None:
    body = f'<main><h1>عنوان</h1>{head}<div class="entry-content"><p>{ONE}</p><p>{TWO}</p></div></main>'
    assert read(page(body)).paragraphs == paragraphs


def test_a_first_sentence_with_a_date_is_no_dateline() -> None:
    first = "أعلن وزير الخارجية يوم الخميس 16 فبراير 2017 أن المفاوضات ستستأنف الأسبوع المقبل في جنيف"
    assert read(page(f"<article><h1>عنوان</h1><p>{first}</p><p>{TWO}</p></article>")).paragraphs == (first, TWO)


def test_deeply_nested_pages_are_fast() -> None:
    deep = f"<div>{ONE}" * 1500 + "</div>" * 1500
    with contextlib.suppress(UnreadableInput):
        read(page(deep))


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["b", "font", "span", "i"])
def test_nested_inline_elements_take_linear_time(tag: str) -> None:
    with hang_guard():
        read(page(f"<{tag}>" * 8000 + f"<p>{ONE}</p><p>{TWO}</p>"))


def test_too_many_tags_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(UnreadableInput, match="more than 50,000 tags"):
        read(page("<div>" * 100_000 + ONE))


def test_endless_nesting_is_read_or_refused() -> None:
    deep = "<div>" * 5000 + f"<p>{ONE}</p><p>{TWO}</p>" + "</div>" * 5000
    with contextlib.suppress(UnreadableInput):  # the parser may reject documents beyond some depth
        assert ONE in read(page(deep)).paragraphs


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.sampled_from([*'<>/="&; \n\ufeff\x00é', "p", "<p>", "</p>", "<table>", "<td>", "نص"])).map("".join))
def test_any_markup_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnreadableInput):
        assert read(page(text + ONE)).paragraphs


SEEDS = sorted((ROOT / "seeds" / "pages").glob("*/*.html"))


@pytest.mark.parametrize("path", SEEDS, ids=[f"{path.parent.name}/{path.stem}" for path in SEEDS])
def test_seed_pages_yield_complete_articles_without_boilerplate(path: Path) -> None:
    article = read_html(path.read_bytes(), path.name)
    assert article.title
    assert article.url
    assert article.published is not None
    assert article.source
    assert 5 <= len(article.paragraphs) <= 9
    assert 100 <= len(article.text.split()) <= 400
    others = {read_html(other.read_bytes(), other.name).title for other in path.parent.glob("*.html") if other != path}
    assert not [title for title in others if title in article.text]
    for furniture in ("الرئيسية", "جميع الحقوق", "اقرأ أيضا", "شارك الخبر", "للاشتراك", "عدد القراءات"):
        assert furniture not in article.text


def test_a_real_page_is_read(shared_data: Path) -> None:
    directory = shared_data / "html" / "cnn_arabic_2013"
    expected = json.loads((directory / "arabic_article.json").read_text(encoding="utf-8"))
    article = read_html((directory / "arabic_article.html").read_bytes(), "arabic_article.html")
    assert article.title == expected["title"]
    assert article.text.split() == expected["text"].split()
