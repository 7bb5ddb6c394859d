from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive, Origin, OriginKind
from corpus.errors import UnreadableInput
from corpus.fetch import Fetcher, FetchState, FetchSummary, Pauses, allow_any, fetch_urls
from corpus.fetch.client import Response
from corpus.fetch.crawl import record_of_page
from tests.corpus.fetch.conftest import Fetch
from tests.corpus.fetch.loopback import TEXT, Site, item, page, rss, sitemap

DATED = "<pubDate>Thu, 16 Feb 2017 10:00:00 +0300</pubDate>"
WHOLE = f"<content:encoded><![CDATA[{('<p>' + TEXT + '</p>') * 5}]]></content:encoded>"


def reasons(summary: FetchSummary) -> list[str]:
    return [refusal.reason for refusal in summary.refusals]


def titles(archive: Archive) -> list[str]:
    return sorted(article.title for article in archive.articles())


# Pages


def test_a_fetched_page_is_stored_byte_for_byte(fetch: Fetch, site: Site, archive: Archive) -> None:
    data = page("محادثات أستانة").encode("windows-1256", "replace")
    url = site.answer("/talks", data, Content_Type="text/html; charset=windows-1256")
    assert fetch(url).added == 1
    (article,) = archive.articles()
    assert (article.title, article.url) == ("محادثات أستانة", url)
    (revision,) = archive.revisions(article.id)
    assert revision.page is not None
    assert archive.pages.read(revision.page) == data


def test_the_charset_of_the_header_applies_if_the_bytes_declare_none(
    fetch: Fetch, site: Site, archive: Archive
) -> None:
    text = "نص قصير " * 30
    data = f"<html><body><article><h1>خبر</h1><p>{text}</p></article></body></html>".encode("iso8859-6")
    fetch(site.answer("/page", data, Content_Type="text/html; charset=ISO-8859-6"))
    assert titles(archive) == ["خبر"]


def test_a_second_request_is_conditional(fetch: Fetch, site: Site, archive: Archive) -> None:
    url = site.answer("/a", page("أول"), ETag='"1"')
    assert fetch(url).added == 1
    assert fetch(url).unchanged == 1
    site.answer("/a", page("ثان"), ETag='"2"', Last_Modified="Thu, 16 Feb 2017 10:00:00 GMT")
    assert fetch(url).revised == 1
    site.answer("/a", page("ثان"), Last_Modified="Thu, 16 Feb 2017 10:00:00 GMT")
    assert fetch(url).unchanged == 1
    asked = [headers for path, headers in site.requests if path == "/a"]
    assert [headers["If-None-Match"] for headers in asked] == [None, '"1"', '"1"', '"2"']
    assert asked[3]["If-Modified-Since"] == "Thu, 16 Feb 2017 10:00:00 GMT"
    assert len(archive.revisions(next(archive.articles()).id)) == 2


def test_a_page_without_an_article_is_reported_with_its_feeds(fetch: Fetch, site: Site) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    summary = fetch(site.answer("/", f"<html><head>{link}</head><body>أهلا</body></html>"))
    assert summary.refused == 1
    assert f"it links to feeds: {site.url('/rss.xml')}" in reasons(summary)[0]


def test_a_redirect_to_the_front_page_is_not_an_article(fetch: Fetch, site: Site, archive: Archive) -> None:
    site.answer("/", page("الصفحة الأولى"))
    summary = fetch(site.answer("/gone", status=302, Location="/"), site.url("/"))
    assert reasons(summary) == ["the front page of a site, not an article"] * 2
    assert titles(archive) == []


def test_other_content_types_are_refused_with_a_reason(fetch: Fetch, site: Site) -> None:
    picture = site.answer("/a.jpg", b"\xff\xd8\xff\xe0" + bytes(100), Content_Type="image/jpeg")
    api = site.answer("/api", '{"a": 1}', Content_Type="application/json")
    empty = site.answer("/empty")
    assert reasons(fetch(picture, api, empty)) == [
        "not text but a picture",
        "not a page, a feed or a sitemap but application/json",
        "the response is empty",
    ]


def test_a_canonical_url_on_another_host_is_ignored(fetch: Fetch, site: Site, archive: Archive) -> None:
    head = '<link rel="canonical" href="https://other.example/real">'
    url = site.answer("/copy", page("نسخة", head))
    fetch(url)
    assert [article.url for article in archive.articles()] == [url]


def test_a_canonical_url_on_the_same_site_is_used(fetch: Fetch, site: Site, archive: Archive) -> None:
    head = f'<link rel="canonical" href="{site.url("/real")}">'
    fetch(site.answer("/real?edition=amp", page("خبر", head)))
    assert [article.url for article in archive.articles()] == [site.url("/real")]


COPY = "https://web.archive.org/web/20190227101112/https://a.example/news/9"


@pytest.mark.parametrize(
    ("address", "url", "year"),
    [
        (COPY, "https://a.example/news/9", 2019),
        (COPY.replace("web.archive.org", "other.example"), COPY.replace("web.archive.org", "other.example"), None),
    ],
)
def test_a_copy_at_a_known_web_archive_has_the_original_address_and_time(
    address: str, url: str, year: int | None
) -> None:
    canonical = f'<link rel="canonical" href="{address}">'
    response = Response(address, 200, {"content-type": "text/html; charset=utf-8"}, page("خبر", canonical).encode())
    article = record_of_page(response, None, sources=()).article
    assert article.url == url
    assert article.retrieved_at is not None
    assert article.retrieved_at.year == (year or datetime.now(UTC).year)


def test_the_copy_of_a_front_page_is_not_an_article() -> None:
    response = Response("https://web.archive.org/web/20190227101112/https://a.example/", 200, {}, page().encode())
    with pytest.raises(UnreadableInput, match="front page"):
        record_of_page(response, None, sources=())


# Feeds


def test_pages_of_a_feed_are_added_with_metadata_from_the_feed(fetch: Fetch, site: Site, archive: Archive) -> None:
    inner = DATED + "<dc:creator>سمير</dc:creator><category>سياسة</category><description>موجز</description>"
    url = site.answer("/rss.xml", rss(item(site.answer("/a", page("خبر")), "عنوان التغذية", inner)))
    summary = fetch(url)
    assert (summary.added, summary.refused, summary.listings) == (1, 0, 1)
    (article,) = archive.articles()
    assert article.title == "خبر"
    assert article.published == datetime.fromisoformat("2017-02-16T10:00:00+03:00")
    assert (article.authors, article.section, article.source) == (("سمير",), "سياسة", "127.0.0.1")


def test_atom_rdf_and_relative_links(fetch: Fetch, site: Site, archive: Archive) -> None:
    site.answer("/a", page("من أتوم"))
    site.answer("/b", page("من آر دي إف"))
    atom = site.answer(
        "/atom.xml",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>ت</title><entry><title>خ</title><link href="/a"/>'
        "<updated>2017-02-16T10:00:00Z</updated></entry></feed>",
        Content_Type="text/html",
    )
    rdf = site.answer(
        "/index.rdf",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        f'<channel><title>ت</title></channel><item rdf:about="x"><title>خ</title><link>{site.url("/b")}</link></item>'
        "</rdf:RDF>",
    )
    assert fetch(atom, rdf).added == 2
    assert titles(archive) == ["من آر دي إف", "من أتوم"]


def test_an_unchanged_feed_takes_one_request(fetch: Fetch, site: Site) -> None:
    url = site.answer("/rss.xml", rss(item(site.answer("/a", page()))), ETag='"f"')
    fetch(url)
    del site.requests[:]
    summary = fetch(url)
    assert site.paths() == ["/rss.xml"]
    assert "nothing new since" in summary.notices[0]


def test_known_entries_are_ignored_until_their_date_is_newer(fetch: Fetch, site: Site, archive: Archive) -> None:
    link = site.answer("/a", page("أول"))
    url = site.answer("/rss.xml", rss(item(link, inner=DATED)))
    fetch(url)
    site.answer("/a", page("ثان"))
    assert fetch(url).unchanged == 1
    assert site.paths().count("/a") == 1
    site.answer("/rss.xml", rss(item(link, inner=DATED.replace("10:00", "11:00"))))
    assert fetch(url).revised == 1
    assert titles(archive) == ["ثان"]


def test_entries_without_dates_are_known_by_their_content(fetch: Fetch, site: Site) -> None:
    link = site.answer("/a", page("أول"))
    url = site.answer("/rss.xml", rss(item(link, "أول")))
    fetch(url)
    assert fetch(url).unchanged == 1
    assert site.paths().count("/a") == 1
    site.answer("/a", page("ثان"))
    site.answer("/rss.xml", rss(item(link, "ثان")))
    assert fetch(url).revised == 1


def test_articles_added_from_files_are_known(fetch: Fetch, site: Site, archive: Archive) -> None:
    from corpus import make_article

    link = site.answer("/a", page())
    archive.add(make_article(url=link, title="خبر", paragraphs=[TEXT]))
    assert fetch(site.answer("/rss.xml", rss(item(link, inner=DATED)))).unchanged == 1
    assert site.paths() == ["/rss.xml"]


def test_an_entry_with_its_full_text_is_used_instead_of_its_page(fetch: Fetch, site: Site, archive: Archive) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /closed")
    gone, closed = site.url("/gone"), site.answer("/closed", page())
    feed = rss(item(gone, "راح", WHOLE), item(closed, "محجوب", WHOLE), item(site.url("/none"), "موجز", DATED))
    summary = fetch(site.answer("/rss.xml", feed))
    assert (summary.added, summary.refused) == (2, 1)
    assert titles(archive) == ["راح", "محجوب"]
    assert "/closed" not in site.paths()
    assert reasons(summary) == ["there is no such page (404)"]
    (revision,) = archive.revisions(next(archive.articles()).id)
    assert revision.page is not None
    assert archive.pages.read(revision.page) == feed.encode()


def test_a_temporary_failure_is_retried_even_if_the_feed_is_unchanged(
    fetch: Fetch, site: Site, archive: Archive
) -> None:
    link = site.answer("/a", status=500)
    url = site.answer(
        "/rss.xml", rss(item(link, "من التغذية", DATED + WHOLE), item(site.answer("/b", page("ب")))), ETag="1"
    )
    assert fetch(url).added == 2
    site.answer("/a", page("من الصفحة"))
    summary = fetch(url)
    assert (summary.revised, summary.unchanged) == (1, 1)
    assert titles(archive) == ["ب", "من الصفحة"]
    assert site.paths().count("/b") == 1


def test_an_entry_without_a_url_is_added_from_its_text(fetch: Fetch, site: Site, archive: Archive) -> None:
    url = site.answer(
        "/rss.xml", rss(item(None, "بلا رابط", "<guid isPermaLink='false'>n1</guid>" + WHOLE), item(None))
    )
    summary = fetch(url)
    assert (summary.added, summary.refused) == (1, 1)
    assert archive.get("n1").source == "صحيفة النهضة"


def test_a_malformed_feed_yields_its_readable_entries(fetch: Fetch, site: Site, archive: Archive) -> None:
    feed = rss(item(site.answer("/a", page("أ")), "خبر & آخر"), item(site.answer("/b", page("ب")))).replace(
        "</rss>", ""
    )
    summary = fetch(site.answer("/rss.xml", feed))
    assert titles(archive) == ["أ", "ب"]
    assert "a damaged feed" in summary.notices[0]


def test_an_empty_feed_is_reported(fetch: Fetch, site: Site) -> None:
    assert reasons(fetch(site.answer("/rss.xml", rss()))) == ["the feed has no entries"]


def test_limit_and_since_select_entries_and_later_runs_fetch_the_others(
    fetch: Fetch, site: Site, archive: Archive
) -> None:
    def dated(day: int) -> str:
        return f"<pubDate>{day} Feb 2017 10:00:00 GMT</pubDate>"

    items = [item(site.answer(f"/{day}", page(str(day))), inner=dated(day)) for day in (10, 12, 11, 13)]
    url = site.answer("/rss.xml", rss(*items), ETag="1")
    assert fetch(url, limit=2).added == 2
    assert titles(archive) == ["12", "13"]
    summary = fetch(url, since=datetime(2017, 2, 11, tzinfo=UTC))
    assert (summary.added, summary.unchanged, summary.older) == (1, 2, 1)
    assert fetch(url).added == 1
    del site.requests[:]
    fetch(url)
    assert site.paths() == ["/rss.xml"]


def test_a_page_in_two_feeds_is_fetched_once(fetch: Fetch, site: Site) -> None:
    link = site.answer("/a", page())
    feeds = [
        site.answer(f"/{name}.xml", rss(item(link + tail))) for name, tail in (("x", ""), ("y", "?utm_source=rss"))
    ]
    assert fetch(*feeds).added == 1
    assert site.paths().count("/a") == 1


# Sitemaps


def entry(url: str, inner: str = "") -> str:
    return f"<url><loc>{url}</loc>{inner}</url>"


NEWS = """
    <news:news><news:publication><news:name>النهضة</news:name><news:language>ar</news:language></news:publication>
    <news:publication_date>2017-02-16T10:00:00+03:00</news:publication_date><news:title>عنوان</news:title></news:news>
    <image:image><image:loc>https://pictures.example/1.jpg</image:loc><image:title>صورة</image:title></image:image>
"""


def test_a_news_sitemap_provides_metadata_that_pages_lack(fetch: Fetch, site: Site, archive: Archive) -> None:
    assert fetch(site.answer("/news.xml", sitemap(entry(site.answer("/a", page("خبر")), NEWS)))).added == 1
    (article,) = archive.articles()
    assert (article.source, article.title) == ("النهضة", "خبر")
    assert article.published == datetime.fromisoformat("2017-02-16T10:00:00+03:00")


def test_a_sitemap_index_lists_plain_and_compressed_sitemaps(fetch: Fetch, site: Site, archive: Archive) -> None:
    packed = gzip.compress(sitemap(entry(site.answer("/a", page("أ")))).encode())
    listed = [
        site.answer("/1.xml.gz", packed, Content_Type="application/x-gzip"),
        site.answer("/2.xml", sitemap(entry(site.answer("/b", page("ب"))))),
        site.answer("/3.txt", site.answer("/c", page("ج")) + "\n", Content_Type="text/plain"),
        site.answer("/page", page("ليست خريطة")),
    ]
    children = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in listed)
    summary = fetch(site.answer("/index.xml", sitemap(children, kind="sitemapindex")))
    assert titles(archive) == ["أ", "ب", "ج"]
    assert reasons(summary) == ["it was listed as a sitemap but is a page"]


def test_sitemaps_and_pages_with_old_dates_are_not_requested(fetch: Fetch, site: Site, archive: Archive) -> None:
    pages = sitemap(
        entry(site.answer("/new", page("جديد")), "<lastmod>2017-03</lastmod>"),
        entry(site.answer("/old", page("قديم")), "<lastmod>2017-01-05</lastmod>"),
        entry(site.answer("/undated", page("بلا تاريخ"))),
    )
    site.answer("/now.xml", pages)
    children = "".join(
        f"<sitemap><loc>{site.url(path)}</loc><lastmod>{day}</lastmod></sitemap>"
        for path, day in (("/then.xml", "2016-01-01"), ("/now.xml", "2017-03-01"))
    )
    url = site.answer("/index.xml", sitemap(children, kind="sitemapindex"), ETag="1")
    assert fetch(url, since=datetime(2017, 2, 1, tzinfo=UTC)).older == 2
    assert titles(archive) == ["بلا تاريخ", "جديد"]
    assert "/then.xml" not in site.paths()
    del site.requests[:]
    fetch(url, since=datetime(2017, 2, 15, tzinfo=UTC))
    assert site.paths() == ["/index.xml"]
    assert fetch(url).added == 1
    assert titles(archive) == ["بلا تاريخ", "جديد", "قديم"]


def test_a_damaged_sitemap_is_read_up_to_the_damage(fetch: Fetch, site: Site, archive: Archive) -> None:
    whole = sitemap(entry(site.answer("/a", page("أ"))), entry(site.answer("/b", page("ب"))))
    fetch(site.answer("/s.xml", whole[: whole.index("/b<") + 1]))
    assert titles(archive) == ["أ"]


def test_a_sites_feeds_and_sitemaps_are_discovered(fetch: Fetch, site: Site, archive: Archive) -> None:
    site.answer("/robots.txt", f"Sitemap: {site.url('/s.xml')}\n")
    site.answer("/s.xml", sitemap(entry(site.answer("/a", page("أ")))))
    site.answer("/rss.xml", rss(item(site.answer("/b", page("ب")))))
    home = site.answer("/", '<html><link rel="alternate" type="application/rss+xml" href="rss.xml"><p>أهلا</p></html>')
    assert fetch(home, discover=True).added == 2
    assert titles(archive) == ["أ", "ب"]
    lonely = fetch(site.answer("/lonely", "<html><p>أهلا</p></html>"), discover=True)
    assert (lonely.unchanged, lonely.listings) == (1, 1)
    del site.routes["/robots.txt"]
    assert reasons(fetch(site.url("/lonely"), discover=True)) == [
        "its page links to no feed, and its robots.txt lists no sitemap"
    ]


# State between runs


def test_an_interrupted_run_is_resumed(fetch: Fetch, site: Site, archive: Archive) -> None:
    items = [item(site.answer(f"/{n}", page(str(n))), inner=DATED) for n in range(4)]
    url = site.answer("/rss.xml", rss(*items), ETag="1")

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(url, progress=stop)
    assert titles(archive) == ["0", "1"]
    assert fetch(url).added == 2
    assert site.paths() == ["/rss.xml", "/0", "/1", "/rss.xml", "/2", "/3"]


def test_an_article_stays_when_its_page_is_gone(fetch: Fetch, site: Site, archive: Archive) -> None:
    url = site.answer("/a", page("باق"), ETag='"1"')
    fetch(url)
    del site.routes["/a"]
    assert reasons(fetch(url)) == ["there is no such page (404)"]
    assert titles(archive) == ["باق"]
    remembered = FetchState(archive).get(url)
    assert remembered is not None
    assert (remembered.etag, remembered.outcome) == ('"1"', "there is no such page (404)")


def test_encoded_and_decoded_arabic_urls_are_one_url(fetch: Fetch, site: Site) -> None:
    site.answer("/%D8%AE%D8%A8%D8%B1", page(), ETag='"1"')
    assert fetch(site.url("/خبر")).added == 1
    assert fetch(site.url("/%D8%AE%D8%A8%D8%B1#top")).unchanged == 1


# Origins, removals, settings


def origins(archive: Archive, article_id: str) -> list[Origin]:
    return [sighting.origin for revision in archive.revisions(article_id) for sighting in revision.sightings]


def test_origins_are_recorded(fetch: Fetch, site: Site, archive: Archive) -> None:
    moved = site.answer("/moved", status=301, Location="/a")
    url = site.answer("/a", page("أول"))
    fetch(moved)
    assert origins(archive, archive.id_of(url)) == [Origin(OriginKind.URL, url)]
    gone = site.url("/gone")
    feed = site.answer("/rss.xml", rss(item(gone, "ثان", WHOLE), item(None, "ثالث", WHOLE + "<guid>tag:3</guid>")))
    fetch(feed)
    assert origins(archive, archive.id_of(gone)) == [Origin(OriginKind.FEED, feed, gone)]
    assert origins(archive, "tag:3") == [Origin(OriginKind.FEED, feed, "tag:3")]


def test_a_removed_article_is_refused_once_and_fetched_again_after_it_is_restored(
    fetch: Fetch, site: Site, archive: Archive
) -> None:
    url = site.answer("/a", page("أول"), ETag='"1"')
    other = site.answer("/b", page("ثان"))
    fetch(url)
    article_id = archive.id_of(url)
    archive.remove(article_id, "طلب الناشر")
    site.answer("/a", page("تصحيح"), ETag='"2"')
    summary = fetch(url, other)
    assert (summary.added, summary.refused) == (1, 1)
    assert f"the article {article_id!r} was removed on" in reasons(summary)[0]
    assert fetch(url).refused == 0  # it has not changed
    assert titles(archive) == ["ثان"]
    archive.restore(article_id)
    assert fetch(url).revised == 1
    assert titles(archive) == ["تصحيح", "ثان"]


def test_entries_of_removed_articles_are_refused_and_the_others_added(
    fetch: Fetch, site: Site, archive: Archive
) -> None:
    kept, dropped = ("<guid>tag:1</guid>", "أول"), ("<guid>tag:2</guid>", "ثان")
    feed = site.answer("/rss.xml", rss(*(item(None, title, WHOLE + guid) for guid, title in (dropped, kept))))
    fetch(feed)
    archive.remove("tag:2")
    summary = fetch(feed)
    assert (summary.unchanged, summary.refused) == (1, 1)
    assert summary.refusals[0].name == f"{feed}, ثان"
    assert "removed" in reasons(summary)[0]


RULES = """
[sources."النهضة"]
hosts = ["127.0.0.1"]
title = "p.headline"
body = "div.story"
date = "time.none"

[sources."صحيفة أخرى"]
hosts = ["other.example"]
title = "p.wrong"
"""


def test_settings_of_a_source_apply_to_fetched_pages(site: Site, tmp_path: Path) -> None:
    Archive.create(tmp_path / "archive").close()
    (tmp_path / "archive" / "arshif.toml").write_text(RULES, encoding="utf-8")
    canonical = '<link rel="canonical" href="https://other.example/1">'
    inner = f'<p class="wrong">خطأ</p><p class="headline">عنوان القاعدة</p><div class="story"><p>{TEXT}</p></div>'
    data = page("عنوان آخر", canonical).replace("<article>", f"<article>{inner}")
    url = site.answer("/a", data)
    gone = site.url("/gone")
    feed = site.answer("/rss.xml", rss(item(url), item(gone, "ثان", WHOLE)))
    summary = FetchSummary()
    with Archive.open(tmp_path / "archive") as archive:
        fetch_urls(archive, [feed], summary, Fetcher(allowed=allow_any, pauses=Pauses(0)))
        fetched, from_feed = archive.find(url), archive.find(gone)
    assert (fetched.title, fetched.paragraphs, fetched.source) == ("عنوان القاعدة", (TEXT,), "النهضة")
    assert from_feed.source == "النهضة"
    assert f"{url}: the rule for date of النهضة matches nothing and was ignored" in summary.notices
