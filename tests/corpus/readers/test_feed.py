from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive, Article, Origin, OriginKind, Source
from corpus.errors import UnreadableInput
from corpus.ingest import AddSummary, add_paths
from corpus.readers import Place, Reading, Record, Refusal, read_stream
from corpus.readers.feed import article_of_entry, parse_feed, read_feed, root_name, without_doctype
from corpus.readers.record import MAX_PAGE_BYTES
from tests.corpus.fetch.loopback import TEXT, item, rss, sitemap
from tests.corpus.readers.made_files import read
from tests.guards import hang_guard

PLACE = Place.of(OriginKind.FILE, "feed.rss")
WHOLE = f"<content:encoded><![CDATA[{('<p>' + TEXT + '</p>') * 4}]]></content:encoded>"


def one(inner: str, title: str = "خبر", link: str | None = "https://a.example/1") -> Article | None:
    feed = parse_feed(rss(item(link, title, inner)).encode(), "feed")
    return article_of_entry(feed.entries[0], feed)


def test_an_entry_with_its_full_text_is_an_article() -> None:
    inner = (
        "<pubDate>Thu, 16 Feb 2017 23:30:00 +0300</pubDate><dc:creator>سمير</dc:creator><category>سياسة</category>"
        + WHOLE
    )
    article = one(inner, "محادثات &amp;quot;أستانة&amp;quot; &lt;b&gt;غدا&lt;/b&gt;")
    assert article is not None
    assert article.title == 'محادثات "أستانة" غدا'
    assert article.url == "https://a.example/1"
    assert article.paragraphs == (TEXT,) * 4
    assert article.published == datetime.fromisoformat("2017-02-16T23:30:00+03:00")
    assert (article.authors, article.section, article.source) == (("سمير",), "سياسة", "صحيفة النهضة")


@pytest.mark.parametrize(
    "inner",
    [
        "",
        f"<description>{TEXT}</description>",
        f"<description>{TEXT * 9}</description>".replace(TEXT, TEXT[:80]),
        "<content:encoded><![CDATA[<p>قصير</p>]]></content:encoded>",
        WHOLE.replace("]]>", "<p>والبقية تأتي [...]</p>]]>"),
        WHOLE.replace("]]>", "<p>اقرأ المزيد على موقعنا</p>]]>"),
        f"<content:encoded><![CDATA[{('<a href=x>' + TEXT + '</a>') * 9}]]></content:encoded>",
    ],
    ids=["nothing", "a summary", "a long summary", "short", "cut off", "read more", "links"],
)
def test_a_summary_is_not_an_article(inner: str) -> None:
    assert one(inner) is None


RSS = '<rss version="2.0"{base}><channel><title>ت</title>{link}<item{own}><title>خ</title><link>{item}</link></item></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"{base}><title>ت</title>{link}<entry{own}><title>خ</title><link href="{item}"/></entry></feed>'


@pytest.mark.parametrize(
    ("form", "link", "base", "own", "item", "feed_url", "expected"),
    [
        (RSS, "<link>https://a.example/ar/</link>", "", "", "/1", "", "https://a.example/1"),
        (RSS, "<link>https://a.example/ar/</link>", "", "", "1?x=2", "", "https://a.example/ar/1?x=2"),
        (RSS, "<link>https://a.example/</link>", "", "", "//b.example/1", "", "https://b.example/1"),
        (RSS, "<link>https://a.example/</link>", "", "", "/1", "https://service.example/f", "https://a.example/1"),
        (RSS, "<link>/ar/</link>", "", "", "/1", "https://a.example/f.xml", "https://a.example/1"),
        (RSS, "", "", "", "/1", "https://a.example/f.xml", "https://a.example/1"),
        (RSS, "<link>https://a.example/</link>", ' xml:base="https://b.example/"', "", "/1", "", "https://b.example/1"),
        (RSS, "<link>https://a.example/</link>", "", ' xml:base="https://c.example/x/"', "1", "", "https://c.example/x/1"),
        (RSS, "", "", "", "/1", "", None),
        (RSS, "<link>https://a.example/</link>", "", "", "mailto:x@a.example", "", None),
        (ATOM, '<link href="https://a.example/"/>', "", "", "/1", "", "https://a.example/1"),
        (ATOM, '<link rel="self" href="https://f.example/f"/><link href="https://a.example/"/>', "", "", "/1", "",
         "https://f.example/1"),
        (ATOM, "", ' xml:base="https://a.example/"', "", "1", "https://f.example/f", "https://a.example/1"),
        (ATOM, "", "", "", "/1", "https://f.example/f", "https://f.example/1"),
        (ATOM, "<id>https://a.example/feed</id>", "", "", "/1", "", "https://a.example/1"),
    ],
)  # fmt: skip
def test_relative_links_are_absolute(
    form: str, link: str, base: str, own: str, item: str, feed_url: str, expected: str | None
) -> None:
    text = form.format(link=link, base=base, own=own, item=item)
    (entry,) = parse_feed(text.encode(), "feed", url=feed_url or None).entries
    assert entry.url == expected


def test_a_description_with_the_full_text_is_an_article() -> None:
    article = one(f"<description><![CDATA[{('<p>' + TEXT + '</p>') * 20}]]></description>")
    assert article is not None
    assert len(article.paragraphs) == 20


def test_text_appended_by_wordpress_is_removed() -> None:
    tail = '<p>The post <a href="x">خبر</a> appeared first on <a href="y">النهضة</a>.</p>'
    article = one(WHOLE.replace("]]>", tail + "]]>"))
    assert article is not None
    assert article.paragraphs == (TEXT,) * 4


def test_plain_text_content_in_atom() -> None:
    data = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>ت</title><entry><id>tag:1</id><title>خبر</title>'
        "<published>2017-02-16T10:00:00Z</published><updated>2017-02-17T10:00:00Z</updated>"
        f'<author><name>هدى</name></author><content type="text">{TEXT}\n{TEXT}\n&lt;3\n{TEXT}\n{TEXT}</content></entry></feed>'
    )
    feed = parse_feed(data.encode(), "feed")
    article = article_of_entry(feed.entries[0], feed)
    assert article is not None
    assert (article.id, article.paragraphs) == ("tag:1", (TEXT, TEXT, "<3", TEXT, TEXT))
    assert article.authors == ("هدى",)
    assert (article.published, feed.entries[0].changed) == (
        datetime.fromisoformat("2017-02-16T10:00:00+00:00"),
        datetime.fromisoformat("2017-02-17T10:00:00+00:00"),
    )


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-16", "utf-8-sig"])
def test_encodings_are_recognized_despite_wrong_declarations(encoding: str) -> None:
    data = rss(item("https://a.example/1", "محادثات", WHOLE)).encode(encoding)
    assert parse_feed(data, "feed").entries[0].title == "محادثات"


def test_two_digit_years_are_read_and_damaged_dates_ignored() -> None:
    dates = ("Thu, 16 Feb 17 10:00:00 +0300", "أمس", "")
    feed = parse_feed(rss(*(item("https://a.example/1", inner=f"<pubDate>{d}</pubDate>") for d in dates)).encode(), "f")
    assert [entry.published for entry in feed.entries] == [
        datetime.fromisoformat("2017-02-16T07:00:00+00:00"),
        None,
        None,
    ]


def test_relative_dates_are_resolved_against_the_feeds_date_or_its_retrieval() -> None:
    ago = [item("https://a.example/1", inner=f"<pubDate>{d}</pubDate>") for d in ("منذ ساعتين", "قبل 3 أيام", "قريبا")]
    data = rss(*ago)
    retrieved = datetime.fromisoformat("2017-02-20T12:00:00+00:00")
    dated = data.replace("<channel>", "<channel><lastBuildDate>Thu, 16 Feb 2017 10:00:00 +0300</lastBuildDate>")
    assert [entry.published for entry in parse_feed(data.encode(), "feed", retrieved_at=retrieved).entries] == [
        datetime.fromisoformat("2017-02-20T10:00:00+00:00"),
        datetime.fromisoformat("2017-02-17T00:00:00+00:00"),
        None,
    ]
    assert [entry.published for entry in parse_feed(dated.encode(), "feed", retrieved_at=retrieved).entries[:2]] == [
        datetime.fromisoformat("2017-02-16T08:00:00+03:00"),
        datetime.fromisoformat("2017-02-13T00:00:00+03:00"),
    ]


# Hostile and damaged


def entities(declared: str) -> bytes:
    feed = rss(item("https://a.example/1", "&a;"))
    return feed.replace("<rss", f"<!DOCTYPE rss [{declared}]><rss").encode()


LAUGHS = '<!ENTITY z "xxxxxxxxxx">' + "".join(
    f'<!ENTITY {one} "{f"&{other};" * 100}">' for one, other in zip("abcdefgh", "bcdefghz", strict=True)
)


@pytest.mark.parametrize(
    "declared",
    [
        LAUGHS,
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY a SYSTEM "http://127.0.0.1/">',
        f'<!ENTITY a "{"x" * 99}">',
    ],
    ids=["billion laughs", "file", "network", "plain"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_not_expanded(declared: str, encoding: str) -> None:
    with hang_guard():
        feed = parse_feed(entities(declared).decode().encode(encoding), "feed")
    assert feed.entries[0].title == "&a;"


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/rss.xml", "/etc/hosts", "file:///etc/hosts"])
def test_a_feed_whose_text_is_a_url_or_path_opens_nothing(name: str) -> None:
    with pytest.raises(UnreadableInput, match="not a feed"):
        parse_feed(name.encode(), name)


@pytest.mark.parametrize("flood", ["<item/>" * 30_000, "<a>" * 600_000, "<entry>" * 30_000])
def test_floods_of_markup_are_refused_early(flood: str) -> None:
    with hang_guard(), pytest.raises(UnreadableInput, match="too large for a feed"):
        parse_feed(rss(flood).encode(), "feed")


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 900))
def test_damaged_feeds_raise_no_other_error(noise: bytes, start: int, end: int) -> None:
    data = rss(item("https://a.example/1", "خبر", WHOLE), item(None)).encode()
    for item_or_refusal in read_feed(data[:start] + noise + data[end:], PLACE, Reading()):
        assert isinstance(item_or_refusal, Refusal | Record)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<rss version='2.0'>", "rss"),
        ("\n<?xml version='1.0'?><!-- <html> --><?xml-stylesheet href='x'?><atom:feed>", "feed"),
        ("<!DOCTYPE rss [<!ENTITY a '>'>]> <rdf:RDF>", "RDF"),
        ("<!doctype html><html>", "html"),
        ("<urlset/>", "urlset"),
        ("نص", None),
        ("", None),
        ("<!-- never closed", None),
        ("<!DOCTYPE rss [", None),
    ],
)
def test_the_root_element_is_recognized(text: str, root: str | None) -> None:
    assert root_name(text) == root
    assert without_doctype(text).lstrip().startswith("<!DOCTYPE") is (text == "<!DOCTYPE rss [")


# Feeds in files


def test_feeds_in_files_are_added(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    feed = rss(item("https://a.example/1", "أول", WHOLE), item("https://a.example/2", "ثان"))
    (tmp_path / "in" / "rss.xml").write_text(feed, encoding="utf-8")
    (tmp_path / "in" / "sitemap.xml").write_text(sitemap(), encoding="utf-8")
    (tmp_path / "in" / "other.xml").write_text("<invoice/>", encoding="utf-8")
    (tmp_path / "in" / "empty.atom").write_text(rss(), encoding="utf-8")
    summary = AddSummary()
    with Archive.create(tmp_path / "archive") as archive:
        add_paths(archive, [tmp_path / "in"], summary)
        assert [article.title for article in archive.articles()] == ["أول"]
    assert {(Path(refusal.name).name, refusal.reason) for refusal in summary.refusals} == {
        (
            "rss.xml, entry 2",
            "only a summary of https://a.example/2: fetch the feed's address instead to get the full text",
        ),
        ("sitemap.xml", "a sitemap, which lists pages but contains none: fetch its address instead"),
        ("other.xml", "neither a feed nor a page"),
        ("empty.atom", "the feed has no entries"),
    }


FEED = rss(
    item("https://a.example/1", "أول", WHOLE),
    item("https://a.example/2", "ثان"),
    item("https://a.example/3", "ثالث", WHOLE),
).encode()


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, data)
    return stream.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as file:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "within"),
    [
        ("news.rss", FEED, ""),
        ("news.rss.gz", gzip.compress(FEED), ""),
        ("news.html", FEED, ""),
        ("download", FEED, ""),
        ("news.xml", FEED.decode().encode("utf-16"), ""),
        ("news.zip", zipped("feeds/a.atom", FEED), "feeds/a.atom, "),
        ("news.tar.xz", tarred("feeds/a.xml.gz", gzip.compress(FEED)), "feeds/a.xml.gz, "),
        ("news.zip", zipped("inner.zip", zipped("a.rdf", FEED)), "inner.zip, a.rdf, "),
    ],
    ids=["plain", "gzip", "under another name", "without a name", "UTF-16", "ZIP", "tar", "ZIP in ZIP"],
)
def test_a_feed_is_read_from_any_container(name: str, data: bytes, within: str) -> None:
    first, summary, third = read_stream(io.BytesIO(data), name, size=len(data))
    assert isinstance(first, Record)
    assert isinstance(third, Record)
    assert isinstance(summary, Refusal)
    assert [first.article.url, third.article.url] == ["https://a.example/1", "https://a.example/3"]
    assert first.origin == Origin(OriginKind.FILE, name, f"{within}entry 1")
    assert third.origin == Origin(OriginKind.FILE, name, f"{within}entry 3")
    assert summary.name == f"{name}, {within}entry 2"


def test_a_feed_larger_than_any_article_is_refused() -> None:
    data = gzip.compress(FEED.replace(b"</rss>", b" " * MAX_PAGE_BYTES + b"</rss>"))
    (refusal,) = read_stream(io.BytesIO(data), "news.rss.gz", size=len(data))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "larger than 32 MB, the limit for an article"


def test_settings_of_a_source_apply_to_its_feeds() -> None:
    by_host = Source("النهضة", hosts=("a.example",))
    by_file = Source("ملفات", files=("news*.rss",))
    records = [
        [
            item.article.source
            for item in read_stream(io.BytesIO(FEED), "news.rss", sources=sources)
            if isinstance(item, Record)
        ]
        for sources in ([], [by_file], [by_host, by_file])
    ]
    assert records == [["صحيفة النهضة"] * 2, ["ملفات"] * 2, ["النهضة"] * 2]


def wordpress(*items: str) -> bytes:
    author = "<wp:author><wp:author_login>{}</wp:author_login><wp:author_display_name><![CDATA[{}]]></wp:author_display_name></wp:author>"
    head = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
        "<title>صحيفة النهضة</title><wp:wxr_version>1.2</wp:wxr_version>"
        + author.format("huda", "هدى العلي")
        + author.format("omar", "عمر الخطيب")
    )
    return (head + "".join(items) + "</channel></rss>").encode()


def wordpress_item(number: int, status: str = "publish", post_type: str = "post", content: str = TEXT) -> str:
    return (
        f"<item><title>خبر {number}</title><link>https://a.example/{number}</link><dc:creator>huda</dc:creator>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded><wp:status><![CDATA[{status}]]></wp:status>"
        f"<wp:post_type>{post_type}</wp:post_type><category domain='post_tag'>وسم</category>"
        "<category domain='category'>سياسة</category></item>"
    )


def test_only_what_was_published_is_read_from_a_wordpress_export() -> None:
    parts = [
        ("publish", "post"),
        ("draft", "post"),
        ("pending", "post"),
        ("private", "post"),
        ("future", "post"),
        ("trash", "page"),
        ("publish", "page"),
        ("inherit", "attachment"),
        ("publish", "nav_menu_item"),
        ("publish", "wp_block"),
    ]
    found = read(wordpress(*(wordpress_item(n, *part) for n, part in enumerate(parts))), "export.xml")
    assert [article.title for article in found.articles] == ["خبر 0"]
    assert found.articles[0].authors == ("هدى العلي",)
    assert found.articles[0].section == "سياسة"
    assert found.ignored == [
        "draft",
        "pending",
        "private",
        "future",
        "trash",
        "page",
        "attachment",
        "nav menu item",
        "wp block",
    ]
    assert not found.reasons


def test_comments_and_pingbacks_of_a_wordpress_item_are_no_part_of_it() -> None:
    comment = (
        "<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_author><![CDATA[قارئ]]></wp:comment_author>"
        "<wp:comment_content><![CDATA[تعليق]]></wp:comment_content><wp:comment_type>{}</wp:comment_type></wp:comment>"
    )
    item = wordpress_item(1, post_type="news").replace(
        "</item>", comment.format("pingback") + comment.format("") + "</item>"
    )
    (article,) = read(wordpress(item), "export.xml").articles
    assert article.authors == ("هدى العلي",)
    assert article.paragraphs == (TEXT,)


def test_a_wordpress_item_has_the_day_that_its_readers_saw() -> None:
    dates = (
        "<pubDate>Wed, 27 Feb 2019 22:30:00 +0000</pubDate><wp:post_date>{}</wp:post_date>"
        "<wp:post_date_gmt>2019-02-27 22:30:00</wp:post_date_gmt></item>"
    )
    for local, printed in (
        ("2019-02-28 01:30:00", "2019-02-28 01:30:00+03:00"),
        ("0000-00-00 00:00:00", "2019-02-27 22:30:00+00:00"),
    ):
        item = wordpress_item(1).replace("</item>", dates.format(local))
        assert str(read(wordpress(item), "export.xml").articles[0].published) == printed


def test_a_post_type_of_a_plugin_is_kept_with_one_warning() -> None:
    found = read(
        wordpress(wordpress_item(1, post_type="opinion"), wordpress_item(2, post_type="opinion")), "export.xml"
    )
    assert [record.warning for record in found.records] == [
        "export.xml, entry 1: kept, although its type 'opinion' may not be that of articles",
        None,
    ]


def test_a_wordpress_item_is_formatted_as_wordpress_shows_it_and_may_be_short() -> None:
    content = f"[caption id='1' width='2']<img src=x> صورة[/caption]{TEXT} <b>جديد</b>\n\n{TEXT}\n\n[gallery ids='1,2']"
    found = read(wordpress(wordpress_item(1, content=content), wordpress_item(2, content="<p>خبر قصير.</p>")), "a.xml")
    assert [article.paragraphs for article in found.articles] == [(f"{TEXT} جديد", TEXT), ("خبر قصير.",)]


def test_a_short_post_of_a_blog_is_whole() -> None:
    kind = '<category scheme="http://schemas.google.com/g/2005#kind" term="http://x/2008/kind#post"/>'
    entry = f"<entry><id>tag:1</id>{kind}<title>خبر</title>" + '<{0} type="html">نص قصير من سطر.</{0}></entry>'
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>مدونة</title>{}</feed>'
    found = read(feed.format(entry.format("content")).encode(), "b.atom")
    assert [article.text for article in found.articles] == ["نص قصير من سطر."]
    found = read(feed.format(entry.format("summary")).encode(), "b.atom")
    assert "only a summary" in found.reasons[0]


def test_the_guid_is_the_address_of_an_item_without_a_link() -> None:
    item = f'<item><title>خبر</title><link></link><guid isPermaLink="true">https://a.example/5</guid>{WHOLE}</item>'
    (article,) = read(
        f'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{item}</channel></rss>'.encode(),
        "a.rss",
    ).articles
    assert article.url == "https://a.example/5"


@pytest.mark.parametrize(
    ("marks", "kind"),
    [
        ('<category scheme="http://schemas.google.com/g/2005#kind" term="http://x/2008/kind#post"/>', None),
        ('<category scheme="http://schemas.google.com/g/2005#kind" term="http://x/2008/kind#comment"/>', "comment"),
        ('<category scheme="http://schemas.google.com/g/2005#kind" term="http://x/2008/kind#template"/>', "template"),
        ("<b:type>POST</b:type><b:status>LIVE</b:status>", None),
        ("<b:type>POST</b:type><b:status>SOFT_TRASHED</b:status>", "soft trashed"),
        ("<b:type>PAGE</b:type><b:status>LIVE</b:status>", "page"),
        ("<app:control><app:draft>yes</app:draft></app:control>", "draft"),
        ('<thr:in-reply-to ref="tag:1"/>', "comment"),
    ],
)
def test_comments_drafts_and_parts_of_a_blog_are_left_out(marks: str, kind: str | None) -> None:
    data = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:b="http://schemas.google.com/blogger/2018" '
        'xmlns:app="http://www.w3.org/2007/app" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>م</title>'
        f"<entry><id>tag:2</id><title>خبر</title>{marks}<category term='سياسة'/>"
        f'<content type="html">{"&lt;p&gt;" + TEXT + "&lt;/p&gt;"} {"&lt;p&gt;" + TEXT * 3 + "&lt;/p&gt;"}</content></entry></feed>'
    ).replace("b:", "blogger:")
    found = read(data.encode(), "blog.atom")
    assert found.ignored == ([kind] if kind else [])
    assert [article.section for article in found.articles] == ([] if kind else ["سياسة"])
