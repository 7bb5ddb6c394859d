"""Saved pages and pages of web archives: their original address, the time of capture, and nothing of the archive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Archive, Article
from corpus.ingest import AddSummary, add_paths
from corpus.readers.saved_pages import SavedCopy, archived_copy, copy_of_headers
from tests.conftest import examples
from tests.corpus.readers.made_files import SENTENCE, Warc, line, read

TITLE = "افتتاح السوق القديمة بعد الترميم"
URL = "https://almadina.example/news/9"
WAYBACK = f"https://web.archive.org/web/20190227101112/{URL}"
TIME = datetime(2019, 2, 27, 10, 11, 12, tzinfo=UTC)
DAY = datetime(2019, 2, 27, tzinfo=UTC)
NOW = datetime(2024, 5, 5, tzinfo=UTC)


def page(*, before: str = "", head: str = "", top: str = "", root: str = "", printed: str = "", end: str = "") -> bytes:
    body = f"<article><h1>{TITLE}</h1>{printed}{f'<p>{SENTENCE}</p>' * 3}</article>"
    start = f"<!DOCTYPE html>{before}<html lang=ar{root}><head>{head}<meta charset=utf-8><title>{TITLE}</title></head>"
    return f"{start}<body>{top}{body}</body></html>{end}".encode()


def article(data: bytes, name: str = "p.html") -> Article:
    (found,) = read(data, name, retrieved_at=NOW).articles
    assert (found.title, found.paragraphs) == (TITLE, (SENTENCE,) * 3)
    return found


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


TOOLBAR = (
    "<!-- BEGIN WAYBACK TOOLBAR INSERT -->loose words<div id=wm-ipp-base><div id=wm-ipp><h1>شريط</h1>"
    f"<p>The Wayback Machine - {WAYBACK} — 14 captures from 2 Mar 2018 to 5 May 2024, a long line.</p></div></div>"
    "<!-- END WAYBACK TOOLBAR INSERT --><div id=wm-ipp-print>The Wayback Machine</div>"
)
WOMBAT = (
    '<script>__wm.init("https://web.archive.org/web");\n__wm.wombat("{url}","20190227101112",'
    '"https://web.archive.org/","web","/_static/", "1551262272");</script>'
)
TODAY_HEAD = (
    '<meta property="og:site_name" content="archive.ph"><meta property="og:type" content="article">'
    '<meta property="og:url" content="https://archive.ph/AbCdE" itemprop="url">'
    '<meta property="article:published_time" content="2019-02-27T10:11:12Z" itemprop="dateCreated">'
    '<meta property="article:modified_time" content="2019-02-27T10:11:12Z" itemprop="dateModified">'
)
TODAY_BAR = (
    f'<div id="HEADER"><div>archive.today webpage capture</div><form><input name="q" value="{URL}"></form>'
    '<time itemprop="pubdate" datetime="2019-02-27T10:11:12Z">27 Feb 2019 10:11:12 UTC</time></div>'
)
LD = json.dumps({"@type": "NewsArticle", "headline": TITLE, "url": WAYBACK}, ensure_ascii=False).replace("/", "\\/")

SAVED: list[tuple[str, bytes, str | None, datetime | None]] = [
    ("a browser", page(before=f"\n<!-- saved from url=(0031){URL} -->\n"), URL, None),
    ("a browser, after the root", page(head=f"<!-- saved from url=(0031){URL} -->"), URL, None),
    (
        "a browser, of a mail",
        page(before="<!-- saved from url=(0022)http://internet.e-mail -->", head=canonical("/news/9")),
        None,
        None,
    ),
    ("a browser, of a local page", page(before="<!-- saved from url=(0014)about:internet -->"), None, None),
    ("a browser, of a file", page(before="<!-- saved from url=(0022)file:///C:/news/9.html -->"), None, None),
    ("a browser, of an archive", page(before=f"<!-- saved from url=(0077){WAYBACK} -->"), URL, TIME),
    (
        "SingleFile",
        page(
            head=f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Wed Feb 27 2019 13:11:12 GMT+0300 "
            "(توقيت السعودية)\n-->"
        ),
        URL,
        TIME,
    ),
    (
        "SingleFile, an older form, with its bar",
        page(
            before=f"<!--\n Archive processed by SingleFile \n url: {URL} \n saved date: Wed Feb 27 2019 10:11:12 GMT+0000\n-->",
            top="<single-file-infobar><p>This page was saved by SingleFile on a day, and this is its bar.</p></single-file-infobar>",
        ),
        URL,
        TIME,
    ),
    (
        "SingleFile, of an archive",
        page(
            head=f"<!-- Page saved with SingleFile \n url: {WAYBACK} \n saved date: Sun May 05 2024 10:11:12 GMT+0300-->"
        ),
        URL,
        TIME,
    ),
    (
        "SingleFile, of a short address of an archive",
        page(
            head="<!-- Page saved with SingleFile \n url: https://archive.ph/AbCdE \n saved date: Sun May 05 2024 "
            "00:00:00 GMT+0000-->"
        ),
        None,
        None,
    ),
    ("monolith", page(before=f"<!-- Saved from {URL} at 2019-02-27T10:11:12Z using monolith v2.8.1 -->"), URL, TIME),
    (
        "monolith, an older form",
        page(before=f"<!-- Saved from {URL} at Wed, 27 Feb 2019 10:11:12 UTC using monolith v2.1.0 -->"),
        URL,
        TIME,
    ),
    (
        "HTTrack",
        page(
            head="<!-- Mirrored from almadina.example/news/9 by HTTrack Website Copier/3.x [XR&amp;CO'2014], Wed, 27 Feb 2019 "
            "10:11:12 GMT -->" + canonical("9.html")
        ),
        "http://almadina.example/news/9",
        TIME,
    ),
    (
        "HTTrack, of a site with https",
        page(
            head="<!-- Mirrored from almadina.example/news/9 by HTTrack Website Copier/3.x [XR&CO'2014], Wed, 27 Feb 2019 "
            '10:11:12 GMT --><link rel="amphtml" href="https://almadina.example/amp/9">'
        ),
        URL,
        TIME,
    ),
    (
        "WebScrapBook",
        page(
            root=f' data-scrapbook-source="{URL}" data-scrapbook-create="20190227101112345"',
            top="<div data-scrapbook-elem=sticky>ملاحظة كتبها من حفظ الصفحة، وهي طويلة وليست من النص في شيء.</div>",
        ),
        URL,
        TIME,
    ),
    (
        "Save Page WE",
        page(
            head=f'<meta name="savepage-url" content="{URL}"><meta name="savepage-date" '
            'content="Wed Feb 27 2019 13:11:12 GMT+0300 (Arabian Standard Time)">'
        ),
        URL,
        TIME,
    ),
    ("Wayback, its script", page(head=WOMBAT.format(url=URL), top=TOOLBAR), URL, TIME),
    (
        "Wayback, with a port",
        page(head=WOMBAT.format(url="http://almadina.example:80/a?b=1&amp;c=2")),
        "http://almadina.example/a?b=1&c=2",
        TIME,
    ),
    ("Wayback, canonical", page(head=canonical(WAYBACK), top=TOOLBAR), URL, TIME),
    ("Wayback, a relative canonical", page(head=canonical(f"/web/20190227101112/{URL}"), top=TOOLBAR), URL, TIME),
    ("Wayback, og:url", page(head=f'<meta property="og:url" content="{WAYBACK}">'), URL, TIME),
    ("Wayback, base", page(head=f'<base href="{WAYBACK}">'), URL, TIME),
    (
        "Wayback, the page's own canonical counts",
        page(head=WOMBAT.format(url=URL + "?ref=home") + canonical(WAYBACK)),
        URL,
        TIME,
    ),
    (
        "Wayback, JSON-LD",
        page(head=f'{WOMBAT.format(url=URL + "?x=1")}<script type="application/ld+json">{LD}</script>'),
        URL,
        TIME,
    ),
    (
        "Wayback, its last comment",
        page(
            head=canonical(URL),
            end="<!--\n     FILE ARCHIVED ON 10:11:12 Feb 27, 2019 AND RETRIEVED FROM THE\n     INTERNET ARCHIVE ON 1:1:1 May 05, 2024.-->",
        ),
        URL,
        TIME,
    ),
    (
        "Wayback, the address in its bar",
        page(
            top=f'<!-- BEGIN WAYBACK TOOLBAR INSERT --><input id="wmtbURL" value="{URL}"><!-- END WAYBACK TOOLBAR INSERT -->'
        ),
        URL,
        None,
    ),
    (
        "Wayback, its style sheets",
        page(
            head=f'{canonical(URL)}<link rel="stylesheet" href="/web/20190227101112cs_/https://almadina.example/a.css">'
        ),
        URL,
        TIME,
    ),
    (
        "Wayback, an older script",
        page(
            head=f'{canonical(URL)}<script>WB_wombat_Init("https://web.archive.org/web", "20190227101112", "a");</script>'
        ),
        URL,
        TIME,
    ),
    (
        "pywb",
        page(
            head=f'<script>wbinfo = {{}}\nwbinfo.url = "{URL}";\nwbinfo.timestamp = "20190227101112";</script>',
            top="<div id=_wb_frame_top_banner><p>هذه نسخة محفوظة من أرشيف الويب، وليست من النص في شيء أبدا.</p></div>",
        ),
        URL,
        TIME,
    ),
    (
        "an archive of one's own",
        page(head=canonical(f"http://localhost:8080/my-crawl/20190227101112mp_/{URL}")),
        URL,
        TIME,
    ),
    ("Arquivo.pt", page(head=canonical(f"https://arquivo.pt/noFrame/replay/20190227101112/{URL}")), URL, TIME),
    (
        "archive.today",
        page(head=TODAY_HEAD + canonical(f"https://archive.ph/2019.02.27-101112/{URL}"), top=TODAY_BAR),
        URL,
        TIME,
    ),
    (
        "archive.today, bookmark",
        page(
            head=f'{TODAY_HEAD}{canonical("https://archive.ph/AbCdE")}<link rel="bookmark" href="http://archive.today/20190227101112/{URL}"/>',
            top=TODAY_BAR,
        ),
        URL,
        TIME,
    ),
    (
        "archive.today, by its bar",
        page(head=TODAY_HEAD + canonical("https://archive.ph/AbCdE"), top=TODAY_BAR),
        URL,
        TIME,
    ),
    (
        "an archive's copy of an archive's copy",
        page(head=canonical(f"https://archive.ph/2022.01.01-000000/{WAYBACK}")),
        URL,
        TIME,
    ),
    ("a link to an archive in the text", page(printed=f'<p><a href="{WAYBACK}">{SENTENCE}</a></p>'), None, None),
    ("nothing", page(), None, None),
]


@pytest.mark.parametrize(("_", "data", "url", "time"), SAVED, ids=[row[0] for row in SAVED])
def test_a_saved_page_has_its_original_address_and_the_time_of_capture(
    _: str, data: bytes, url: str | None, time: datetime | None
) -> None:
    found = article(data)
    assert (found.url, found.retrieved_at) == (url, time or NOW)
    assert found.published is None
    assert found.source in (None, "almadina.example")


BAD_TIMES = ["Wed Feb 27 2999 10:11:12 GMT+0300", "Wed Feb 31 2019 99:99:99", "أمس", "", "0" * 5000, "1970-01-01"]


@pytest.mark.parametrize("time", BAD_TIMES)
def test_an_impossible_time_of_capture_is_ignored(time: str) -> None:
    found = article(page(head=f"<!-- Page saved with SingleFile \n url: {URL} \n saved date: {time}-->"))
    assert (found.url, found.retrieved_at) == (URL, NOW)
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y%m%d%H%M%S}"
    found = article(page(head=canonical(f"https://web.archive.org/web/{tomorrow}/{URL}")))
    assert (found.url, found.retrieved_at) == (URL, NOW)


def test_relative_dates_are_counted_from_the_capture() -> None:
    data = page(head=WOMBAT.format(url=URL), printed="<time>منذ 3 ساعات</time>")
    assert article(data).published == TIME - timedelta(hours=3)


def test_the_pages_own_address_is_preferred_to_that_of_the_note() -> None:
    noted = f"<!-- saved from url=(0040){URL}?utm_source=x&page=2 -->"
    assert article(page(before=noted, head=canonical(URL))).url == URL
    assert article(page(before=noted, head=canonical("/news/9"))).url == URL


def test_two_captures_are_two_sightings_of_one_article(tmp_path: Path) -> None:
    for year in (2019, 2020):
        address = f"https://web.archive.org/web/{year}0301000000/{URL}"
        (tmp_path / f"{year}.html").write_bytes(page(head=canonical(address), top=TOOLBAR))
    (tmp_path / "2021.html").write_bytes(page(head=f"<!-- saved from url=(0031){URL} -->"))
    with Archive.create(tmp_path / "archive") as archive:
        summary = AddSummary()
        add_paths(archive, sorted(tmp_path.glob("*.html")), summary)
        assert (summary.added, summary.revised, summary.unchanged) == (1, 0, 2)
        (found,) = archive.articles()
        (revision,) = archive.revisions(found.id)
        seen = {Path(one.origin.name).stem: one.first_seen.year for one in revision.sightings}
        assert (seen["2019"], seen["2020"], len(seen)) == (2019, 2020, 3)


def test_captures_of_a_page_that_changed_are_revisions_and_are_added_once(tmp_path: Path) -> None:
    for year, printed in ((2019, ""), (2020, f"<p>تصحيح: {SENTENCE}</p>")):
        head = canonical(f"https://web.archive.org/web/{year}0301000000/{URL}")
        (tmp_path / f"{year}.html").write_bytes(page(head=head, printed=printed))
    with Archive.create(tmp_path / "archive") as archive:
        for added, revised, unchanged in ((1, 1, 0), (0, 0, 2)):
            summary = AddSummary()
            add_paths(archive, sorted(tmp_path.glob("*.html")), summary)
            assert (summary.added, summary.revised, summary.unchanged) == (added, revised, unchanged)
        (found,) = archive.articles()
        assert [one.recorded_at.year for one in archive.revisions(found.id)] == [2019, 2020]
        assert found.paragraphs[0].startswith("تصحيح")


def test_the_comment_of_a_template_does_not_join_the_pages_of_a_site(tmp_path: Path) -> None:
    note = "<!-- saved from url=(0040)http://designs.example/template/inner.htm -->"
    other = "أعلنت البلدية عن بدء أعمال الصيانة في شوارع الحي الغربي مساء الخميس وإغلاق بعضها أياما عدة حتى إتمامها."
    (tmp_path / "1.html").write_bytes(page(before=note))
    (tmp_path / "2.html").write_bytes(page(before=note).replace(SENTENCE.encode(), other.encode()))
    (tmp_path / "3.html").write_bytes(page(before=note, printed=f"<p>تصحيح: {SENTENCE}</p>"))
    with Archive.create(tmp_path / "archive") as archive:
        for added in (2, 0):
            summary = AddSummary()
            add_paths(archive, sorted(tmp_path.glob("*.html")), summary)
            assert summary.added == added
            assert len(summary.warnings) == 1
            assert "2.html: kept without an address" in summary.warnings[0]
        addresses = [found.url for found in archive.articles()]
    assert sorted(map(str, addresses)) == ["None", "http://designs.example/template/inner.htm"]


ADDRESSES: list[tuple[str, SavedCopy | None]] = [
    (WAYBACK, SavedCopy(URL, TIME)),
    (f"http://web.archive.org/web/20190227101112id_/{URL}?a=1&b=2", SavedCopy(f"{URL}?a=1&b=2", TIME)),
    ("https://web.archive.org/web/20190227101112/https:/almadina.example/news/9", SavedCopy(URL, TIME)),
    ("https://web.archive.org/web/20190227101112/almadina.example/news/9", SavedCopy(URL.replace("s:", ":"), TIME)),
    (f"https://web.archive.org/web/2019/{URL}", SavedCopy(URL)),
    (f"https://web.archive.org/web/{URL}", SavedCopy(URL)),
    (f"https://archive.is/2019.02.27-101112/{URL}", SavedCopy(URL, TIME)),
    (f"https://archive.today/newest/{URL}", SavedCopy(URL)),
    (f"https://arquivo.pt/wayback/20190227101112mp_/{URL}", SavedCopy(URL, TIME)),
    (f"https://wayback.archive-it.org/1068/20190227101112/{URL}", SavedCopy(URL, TIME)),
    (f"https://web.archive.org/web/20199999999999/{URL}", SavedCopy(URL)),
    ("https://archive.ph/AbCdE", None),
    ("https://archive.org/details/a", None),
    (f"https://other.example/20190227101112/{URL}", None),  # any site may claim to be an archive
    ("https://[", None),
    (URL, None),
]


@pytest.mark.parametrize(("url", "copy"), ADDRESSES)
def test_addresses_of_web_archives(url: str, copy: SavedCopy | None) -> None:
    assert archived_copy(url) == copy


def test_headers_of_a_memento() -> None:
    link = f'<https://a.example/timemap>; rel="timemap", <{URL}>; rel="original timegate"'
    assert copy_of_headers("Wed, 27 Feb 2019 10:11:12 GMT", link) == SavedCopy(URL, TIME)
    assert copy_of_headers(None, link) == SavedCopy()
    assert copy_of_headers("soon", None) == SavedCopy()


@pytest.mark.parametrize("by_header", [True, False])
def test_a_crawl_of_a_web_archive_has_the_original_address_and_time(by_header: bool) -> None:
    headers = {"Memento_Datetime": "Wed, 27 Feb 2019 10:11:12 GMT", "Link": f'<{URL}>; rel="original"'}
    address = f"https://wb.example/all/1/{URL}" if by_header else WAYBACK
    data = Warc().response(page(top=TOOLBAR), address, **(headers if by_header else {})).data
    found = article(data, "a.warc.gz")
    assert (found.url, found.retrieved_at) == (URL, TIME)


def test_a_recorded_page_is_not_moved_by_a_comment_in_it() -> None:
    data = page(before="<!-- saved from url=(0030)https://template.example/old/1 -->", top=WOMBAT.format(url=URL))
    (found,) = read(Warc().response(data, "https://a.example/1").data, "a.warc.gz").articles
    assert found.url == "https://a.example/1"
    assert found.retrieved_at == datetime(2017, 2, 16, 10, tzinfo=UTC)


def test_rows_with_addresses_of_web_archives_have_the_original_address_and_time() -> None:
    rows = b"".join(line(name, url=url) for name, url in (("a", WAYBACK), ("b", URL)))
    first, second = read(rows, "n.jsonl", retrieved_at=NOW).articles
    assert (first.url, first.retrieved_at) == (URL, TIME)
    assert (second.url, second.retrieved_at) == (URL, NOW)


marks = st.sampled_from([row[1].decode() for row in SAVED])


@settings(max_examples=examples(60), deadline=None)
@given(marks, marks, st.floats(0, 1), st.floats(0, 1), st.text(max_size=8))
def test_damaged_notes_raise_nothing(one: str, other: str, start: float, end: float, put: str) -> None:
    text = one[: int(start * len(one))] + put + other[int(end * len(other)) :]
    assert read(text.encode("utf-8", "replace"), "p.html").items


def test_long_notes_take_no_time() -> None:
    for note in (
        "<!--" * 40_000,
        "<!-- Page saved with SingleFile " + "url: " * 100_000 + "-->",
        "<!-- Mirrored from " + " by HTTrack" * 50_000 + "-->",
        f'<link rel="canonical" href="https:/{"/a" * 100_000}/20190227101112/">',
        '<script type="application/ld+json">' + '"https://a/1/2/3' * 50_000 + "</script>",
        "<script>__wm." + '"http://' * 100_000 + "</script>",
        "<!-- BEGIN WAYBACK TOOLBAR INSERT -->" * 20_000,
        "<script>" + "WB_wombat_Init('" * 100_000 + "</script>",
        "<script>WB_wombat_Init(" + '"2019' * 100_000 + "</script>",
    ):
        begun = datetime.now(UTC)
        assert read(page(head=WOMBAT, end=note), "p.html").items
        assert read(page(head=note), "p.html").items
        assert datetime.now(UTC) - begun < timedelta(seconds=10)
