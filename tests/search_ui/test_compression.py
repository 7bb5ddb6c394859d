from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive
from indexer import update_index
from search_ui.access.accounts import make_token
from search_ui.web import create_app
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Archive.create(tmp_path_factory.mktemp("compressed") / "archive") as archive:
        fill(archive)
        update_index(archive)
        yield Site(archive)


@pytest.mark.parametrize("where", ["/", "/search?q=ايران", "/article/talks", "/help", "/api/v1/search?q=ايران"])
def test_pages_are_compressed(site: Site, where: str) -> None:
    plain, packed = site.client.get(where), site.client.get(where, headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    if "api" not in where:  # whose response says how long it took
        assert gzip.decompress(packed.data) == plain.data


def test_styles_are_compressed_and_fonts_are_not(site: Site) -> None:
    styles = site.client.get("/static/arshif.css", headers={"Accept-Encoding": "gzip, deflate"})
    font = site.client.get("/static/fonts/noto-sans-arabic-2.012.woff2", headers=GZIP)
    assert styles.headers["Content-Encoding"] == "deflate"
    assert "Content-Encoding" not in font.headers


@pytest.mark.parametrize("ending", ["csv", "jsonl", "bib", "ris", "atom"])
def test_files_are_sent_as_they_are(site: Site, ending: str) -> None:
    assert "Content-Encoding" not in site.client.get(f"/search.{ending}?q=ايران", headers=GZIP).headers


def test_an_unchanged_response_is_not_sent_again(site: Site) -> None:
    first = site.client.get("/api/v1/search?q=ايران", headers=GZIP)
    again = site.client.get("/api/v1/search?q=ايران", headers={**GZIP, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data


def test_a_private_archive_is_not_compressed(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive)
        update_index(archive)
        token = make_token(archive, "reader")
    settings = tmp_path / "archive" / "arshif.toml"
    settings.write_text(settings.read_text("utf-8") + "\nprivate = true\n", "utf-8")
    client = create_app({"ARCHIVE": tmp_path / "archive"}).test_client()
    answer = client.get("/api/v1/search?q=ايران", headers={**GZIP, "Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.data)["total"] > 0


def test_the_icon_is_where_programs_look_for_it(site: Site) -> None:
    icon = site.client.get("/favicon.ico")
    assert icon.status_code == 200
    assert icon.data[:4] == b"\0\0\1\0"
    assert icon.mimetype in ("image/x-icon", "image/vnd.microsoft.icon")


def test_the_query_as_understood_has_no_invisible_characters(site: Site) -> None:
    understood = site.client.get("/api/v1/search?q=تاريخ:2017 أو x").get_json()["understood"]
    assert understood == "تاريخ:2017-01-01..2017-12-31 أو (x)"
