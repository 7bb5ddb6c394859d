"""What is removed from a stranger's page, what is rewritten in it, and which of several pictures is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from corpus import Archive
from corpus.readers.html_tree import MAX_TAGS
from corpus.replay.markup import Markup
from corpus.replay.supply import Part, Supply, data_uri, part_key
from tests.corpus.replay.saved_parts import BLUE, GREEN, PAGE_URL, PHOTO, RED

ADDRESS = "https://jarida.example/img/"
PARTS = {
    part_key(f"{ADDRESS}{name}"): Part(data, media_type)
    for name, data, media_type in (
        ("red.png", RED, "image/png"),
        ("green.png", GREEN, "image/png"),
        ("blue.png?size=2", BLUE, "image/png"),
        ("main.css", b"p { color: red }", "text/css"),
        ("page.png", b"<html><script>alert(1)</script>", "image/png"),
        (
            "drawing.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
            "",
        ),
    )
}
URIS = {data_uri("image/png", data): name for name, data in (("red", RED), ("green", GREEN), ("blue", BLUE))}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def rewritten(archive: Archive, body: str, head: str = "") -> tuple[BeautifulSoup, Markup]:
    markup = Markup(
        Supply(archive, datetime(2019, 3, 1, tzinfo=UTC), PARTS), lambda address: (f"/outside?{address}", "يقود")
    )
    text = markup.page(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", PAGE_URL)
    assert text is not None
    return BeautifulSoup(text, "html.parser"), markup


HOSTILE = [
    "<script>alert(1)</script>",
    "<script src='https://evil.example/x.js'></script>",
    "<svg><script>alert(1)</script><animate attributeName=href to='javascript:alert(1)'/></svg>",
    "<img src=x onerror=alert(1) OnLoad='x()'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<area href='vbscript:x'>",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<iframe src='https://evil.example/'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script><img src=https://evil.example/a.png onerror=x()>'></iframe>",
    "<object data='https://evil.example/x.swf'></object><embed src='https://evil.example/x.swf'>",
    "<form action='https://evil.example/' method=post><input name=q formaction='https://evil.example/'><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<meta http-equiv=Content-Security-Policy content=\"default-src 'unsafe-inline'\">",
    "<base href='https://evil.example/'><img src=a.png>",
    "<link rel=stylesheet href='https://evil.example/x.css'><link rel=icon href='https://evil.example/x.ico'>",
    "<link rel=preload as=image href='https://evil.example/x.png'><link rel=prefetch href='https://evil.example/'>",
    "<link rel='dns-prefetch preconnect' href='//evil.example'><link rel=manifest href='https://evil.example/m.json'>",
    "<img srcset='https://evil.example/a.png 1x, https://evil.example/b.png 2x'>",
    "<picture><source srcset='https://evil.example/a.png'><img src='https://evil.example/b.png'></picture>",
    "<img data-src='https://evil.example/a.png' data-bg='https://evil.example/c.png'>",
    "<div style='background:url(https://evil.example/a.png)'>x</div>",
    "<div style='background:u\\72l(https://evil.example/a.png)'>x</div>",
    "<style>@import 'https://evil.example/x.css'; a { background: url(//evil.example/a.png) }</style>",
    "<style>a::before { content: '</style><img src=https://evil.example/a.png>' }</style>",
    "<video src='https://evil.example/a.mp4' poster='https://evil.example/a.png' autoplay><source src='https://evil.example/b'></video>",
    "<audio src='https://evil.example/a.mp3'></audio><track src='https://evil.example/t.vtt'>",
    "<body background='https://evil.example/a.png'><table background='https://evil.example/b.png'><tr><td>x</table>",
    "<svg><image href='https://evil.example/a.png'/><use href='https://evil.example/s.svg#i'/></svg>",
    "<svg><feImage href='https://evil.example/a.png'/></svg>",
    "<input type=image src='https://evil.example/a.png'>",
    "<a href='#x' ping='https://evil.example/'>x</a><blockquote cite='https://evil.example/'>x</blockquote>",
    "<!--[if IE]><img src='https://evil.example/a.png'><![endif]--><!--><img src=https://evil.example/b.png>-->",
    "<html manifest='https://evil.example/m'><frameset><frame src='https://evil.example/'></frameset>",
    "<template><script>alert(1)</script><img src='https://evil.example/a.png'></template>",
    "<noscript><img src='https://evil.example/a.png'></noscript>",
    "<math><mtext><mglyph><style><img src=https://evil.example/a.png onerror=alert(1)>",
    "<div data-src='https://evil.example/a.png' data-lazy-src='https://evil.example/a.png'>x</div>",
    "<img src='//evil.example\x00/a.png'><img src='https://[evil'>",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_leads_out_runs_or_is_sent(archive: Archive, body: str) -> None:
    soup, _ = rewritten(archive, body)
    pages = [soup, *(BeautifulSoup(str(frame["srcdoc"]), "html.parser") for frame in soup.select("iframe[srcdoc]"))]
    for page in pages:
        assert not page.select(
            "script, object, embed, base, meta, form[action], [ping], link, audio, track, frame, animate"
        )
        for tag in page.find_all(True):
            for name, value in tag.attrs.items():
                text = " ".join(value) if isinstance(value, list) else str(value)
                assert not name.lower().startswith("on")
                assert "javascript" not in text.lower()
                assert "evil.example" not in text or name in ("srcdoc", "title")
        for style in page.find_all("style"):
            assert "<" not in style.get_text()
        assert all(control.has_attr("disabled") for control in page.select("input, button, select, textarea"))


def test_links_lead_out_only_where_the_reader_chooses(archive: Archive) -> None:
    soup, _ = rewritten(
        archive,
        f"<a href='/8' target=_top>x</a><a href='#p'>y</a><a href='{PAGE_URL}#q'>z</a><a href='mailto:a@b.example'>m</a>",
    )
    out, here, same, mail = soup.select("a")
    assert out.attrs == {
        "href": "/outside?https://jarida.example/8", "title": "يقود", "target": "_blank",
        "rel": ["noopener", "noreferrer", "nofollow"],
    }  # fmt: skip
    assert (here["href"], same["href"]) == ("#p", "#q")
    assert "href" not in mail.attrs


SHOWN: list[tuple[str, str, str | None]] = [
    ("as it is", "<img src=/img/red.png>", "red"),
    ("relative", "<img src='../img/red.png#x'>", "red"),
    ("of the wrong type", "<img src=/img/page.png>", None),
    ("not captured", "<img src=/img/none.png>", None),
    ("late", "<img src=/img/none.gif data-src=/img/green.png>", "green"),
    ("late, of a placeholder", f"<img src='{data_uri('image/png', RED)}' data-lazy-src=/img/green.png>", "green"),
    ("late, not captured", f"<img src='{data_uri('image/png', RED)}' data-src=/img/none.png>", "red"),
    ("the largest captured", "<img src=/img/red.png srcset='/img/none.png 3x, /img/green.png 2x, /img/red.png 1x'>", "green"),
    ("by width", "<img srcset='/img/red.png 300w,/img/blue.png?size=2 600w'>", "blue"),
    ("of a picture", "<picture><source srcset=/img/none.webp><source srcset=/img/green.png><img src=/img/none.png></picture>", "green"),
    ("a background", "<table background=/img/red.png><tr><td>x</table>", "red"),
    ("a late background", "<div data-bg=/img/red.png>x</div>", "red"),
    ("a poster", "<video poster=/img/red.png></video>", "red"),
    ("in a drawing", "<svg><image xlink:href=/img/red.png /></svg>", "red"),
    ("a button", "<input type=image src=/img/red.png>", "red"),
    ("in a style", "<p style='background: url(\"/img/red.png\") no-repeat'>x</p>", "red"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_the_picture_that_was_captured_is_shown(archive: Archive, body: str, expected: str | None) -> None:
    soup, _ = rewritten(archive, body)
    text = soup.body.decode() if soup.body else ""
    assert [name for uri, name in URIS.items() if uri in text] == ([expected] if expected else [])


def test_a_drawing_is_a_picture_of_its_own(archive: Archive) -> None:
    soup, _ = rewritten(archive, "<img src=/img/drawing.svg>")
    assert str(soup.img["src"] if soup.img else "").startswith("data:image/svg+xml;base64,")  # an <img> runs no scripts


def test_pictures_are_counted_once_and_dots_not_at_all(archive: Archive) -> None:
    photo = data_uri("image/png", PHOTO)
    _, markup = rewritten(
        archive,
        "<img src=/img/red.png><img src=/img/red.png><img src=/img/none.png><img src=/img/none.png><img src=''>"
        f"<img width=1 height=1 src=https://counter.example/><img src='{photo}'><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
    )
    assert (markup.pictures.shown, markup.pictures.all, markup.pictures.missing) == (2, 3, 1)


def test_what_is_shown_instead_of_scripts_is_not_shown_twice(archive: Archive) -> None:
    soup, _ = rewritten(
        archive,
        "<img data-src=/img/red.png><noscript><img src=/img/red.png></noscript>"
        "<noscript><img src=/img/green.png></noscript><noscript>Please enable JavaScript</noscript>",
    )
    assert [URIS.get(str(img.get("src"))) for img in soup.select("img")] == ["red", "green"]
    assert "JavaScript" not in soup.get_text()


STYLES = [
    ("<link rel=stylesheet href=/img/main.css media=print>", "print", True),
    ("<link rel=stylesheet href=/img/main.css media=print onload=\"this.media='all'\">", None, True),
    ("<link rel=preload as=style href=/img/main.css onload=\"this.rel='stylesheet'\">", None, True),
    ("<link rel='alternate stylesheet' href=/img/main.css>", None, False),
    ("<link rel=preload as=style href=/img/main.css>", None, False),
]


@pytest.mark.parametrize(("link", "media", "shown"), STYLES)
def test_stylesheets_apply_as_they_did(archive: Archive, link: str, media: str | None, shown: bool) -> None:
    soup, markup = rewritten(archive, "x", link)
    styles = [style for style in soup.select("style") if "color: red" in style.get_text()]
    assert bool(styles) is shown
    assert markup.styles.all == shown
    assert all(style.get("media") == media for style in styles)


def test_a_page_of_too_many_tags_is_not_shown(archive: Archive) -> None:
    markup = Markup(Supply(archive, datetime(2019, 3, 1, tzinfo=UTC)), lambda address: (address, ""))
    assert markup.page("<p>" * (MAX_TAGS + 1), PAGE_URL) is None


def test_deep_nesting_is_shown(archive: Archive) -> None:
    depth = MAX_TAGS // 3
    soup, _ = rewritten(archive, f"{'<div>' * depth}عمق{'</div>' * depth}")
    assert "عمق" in soup.get_text()


def test_ten_thousand_pictures_are_looked_up_only_so_often(archive: Archive) -> None:
    _, markup = rewritten(archive, "".join(f"<img src=/img/{number}.png>" for number in range(10_000)))
    assert (markup.pictures.shown, markup.pictures.all) == (0, 10_000)


PIECES = st.sampled_from(
    ["<img src=", "https://evil.example/", "'", '"', ">", "<a href=", "<style>", "</style>", "url(", ")", "<svg>", "<!--",
     "-->", "--!>", "<script>", "</script>", "onerror=x", " ", "<noscript>", "</noscript>", "<iframe srcdoc='", "@import ",
     "<title>", "<textarea>", "<template>", "<![CDATA[", "]]>", "<?x", "\x00", "\ufffe", "نص"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30))
def test_no_page_raises_or_keeps_a_script(pieces: list[str]) -> None:
    class NoArchive:
        def run_sql(self, *_: object) -> list[object]:
            return []

    supply = Supply(NoArchive(), datetime(2019, 3, 1, tzinfo=UTC))  # type: ignore[arg-type]
    text = Markup(supply, lambda _: ("/outside", "")).page("".join(pieces), PAGE_URL) or ""
    assert not BeautifulSoup(text, "lxml").select("script, [onerror], iframe:not([srcdoc])")
