"""`arshif.toml`: valid settings, and one clear line for invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Archive, SettingsInvalid, Source
from corpus.settings import parse_field_map, source_of_file, source_of_url

WHOLE = """
name = "أرشيف"

[sources."الرياض"]
hosts = ["alriyadh.com", "الرياض.example"]
files = ["riyadh*.csv"]
map = {text = "content", date = "date_extracted"}
title = "h1.article-title"
body = "div.article-body > p"
date = "time"
author = ".byline"

[sources."الغد"]
hosts = ["alghad.example"]
"""


def archive_with(directory: Path, settings: str) -> Path:
    Archive.create(directory).close()
    (directory / "arshif.toml").write_text(settings, encoding="utf-8")
    return directory


def test_sources_are_read(tmp_path: Path) -> None:
    with Archive.open(archive_with(tmp_path / "a", WHOLE)) as archive:
        riyadh, ghad = archive.settings.sources
    assert riyadh.name == "الرياض"
    assert riyadh.hosts == ("alriyadh.com", "xn--mgba3av1etb.example")
    assert riyadh.field_map == {"text": "content", "date": "date_extracted"}
    assert riyadh.selectors["body"] == "div.article-body > p"
    assert (ghad.files, ghad.field_map, ghad.selectors) == ((), {}, {})


def test_a_new_archive_explains_its_settings_and_reads_them(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "a", name='أرشيف "الصحافة"') as archive:
        assert archive.settings.name == 'أرشيف "الصحافة"'
        text = (tmp_path / "a" / "arshif.toml").read_text(encoding="utf-8")
    # Its commented example is valid.
    example = text[text.index("# [sources") :].replace("# ", "")
    with Archive.open(archive_with(tmp_path / "b", example)) as archive:
        (source,) = archive.settings.sources
        assert source.field_map == {"text": "content", "date": "published_on"}


WRONG: list[tuple[str, str, str]] = [
    ("not TOML", "name = ", "not valid TOML"),
    ("unknown", "nmae = 'x'", "unknown setting 'nmae'; known: name, contact, other_spellings, latin_names, private, engine, opensearch, meaning, pages, web, mail, follow, sources"),
    ("name", "name = 3", "name must be a text in quotes"),
    ("sources", "sources = 3", "sources must be tables, one per source"),
    ("a source that is no table", "sources.a = 3", 'sources."a" must be a table'),
    ("a source without name", '[sources." "]', "a source needs a name"),
    ("unknown in a source", "[sources.a]\nhost = ['x']", "sources.\"a\": unknown setting 'host'; known: hosts"),
    ("hosts", "[sources.a]\nhosts = 'x.example'", 'sources."a".hosts must be a list of texts in quotes'),
    ("a host that is none", "[sources.a]\nhosts = ['https://x.example/y']", "is not the name of a host"),
    ("an empty host", "[sources.a]\nhosts = [' ']", "must be a list of texts"),
    ("a host of two", "[sources.a]\nhosts = ['x.example']\n[sources.b]\nhosts = ['X.example']", 'already a host of "a"'),
    ("files", "[sources.a]\nfiles = [3]", 'sources."a".files must be a list'),
    ("map", "[sources.a]\nmap = 'x'", 'sources."a".map must be a table'),
    ("a field that is none", "[sources.a]\nmap = {txt = 'x'}", "sources.\"a\".map: there is no field 'txt'; known: id, url"),
    ("a name that is none", "[sources.a]\nmap = {text = 3}", 'sources."a".map: text must be a name'),
    ("a shown name", "[sources.a]\nname = 3", 'sources."a".name must be the name by which the source is shown'),
    ("an empty shown name", "[sources.a]\nname = ' '", 'sources."a".name must be the name'),
    ("a selector that is none", "[sources.a]\nbody = 'div..x'", "sources.\"a\".body: 'div..x' is not a CSS selector"),
    ("a selector of another kind", "[sources.a]\ntitle = ['h1']", 'sources."a".title must be a CSS selector'),
]  # fmt: skip


@pytest.mark.parametrize(("_", "text", "reason"), WRONG, ids=[row[0] for row in WRONG])
def test_invalid_settings_are_reported_with_their_location(_: str, text: str, reason: str, tmp_path: Path) -> None:
    directory = archive_with(tmp_path / "a", text)
    with pytest.raises(SettingsInvalid) as caught:
        Archive.open(directory)
    message = str(caught.value)
    assert message.startswith(str(directory / "arshif.toml"))
    assert reason in message
    assert len(message.splitlines()) == 1


A = Source("أ", hosts=("a.example",), files=("a-*.csv", "أخبار.jsonl"))
B = Source("ب", hosts=("sport.a.example",))

URLS = [
    ("http://a.example/x", A),
    ("https://www.a.example:8080/x", A),
    ("https://A.EXAMPLE", A),
    ("https://sport.a.example/x", B),
    ("https://m.sport.a.example/x", B),
    ("https://ba.example/x", None),
    ("https://a.example.org/", None),
    ("not an address", None),
    ("http://[", None),
    (None, None),
]


@pytest.mark.parametrize(("url", "source"), URLS)
def test_the_source_of_a_url(url: str | None, source: Source | None) -> None:
    assert source_of_url((A, B), url) is source


FILES = [
    ("in/a-2015.csv", A),
    ("x.zip/a-1.csv", A),
    ("in\\a-1.csv", A),
    ("in/\u0627\u0654خبار.jsonl", A),  # as macOS writes the name
    ("in/ba-1.csv", None),
    ("a-1.csv.gz", None),
]


@pytest.mark.parametrize(("name", "source"), FILES)
def test_the_source_of_a_file(name: str, source: Source | None) -> None:
    assert source_of_file((A, B), name) is source


def test_a_field_map_is_validated() -> None:
    assert parse_field_map({"text": " content "}) == {"text": "content"}
    with pytest.raises(ValueError, match="no field 'body'"):
        parse_field_map({"body": "x"})
