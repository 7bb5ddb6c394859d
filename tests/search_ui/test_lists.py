"""The pages of lists: ticking, adding, notes, order, sharing, and files that are complete or refused."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from corpus import Archive, ArchiveWriteFailed, Page, make_article
from indexer import update_index
from search_ui.access import lists as stored
from search_ui.access.accounts import hash_password, set_user
from search_ui.web import create_app, lists
from tests.indexer.small_archive import fill
from tests.search_ui.small_site import Site, parsed, texts

HOSTILE = '=HYPERLINK("http://evil.example")<script>alert(1)</script>\u202e'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Archive.create(tmp_path / "archive", name="أرشيف الصحافة") as archive:
        fill(archive)
        update_index(archive)
        yield Site(archive)


def add(site: Site, *ids: str, **values: str) -> str:
    """Adds articles to a list; returns the address of its page."""
    answer = site.client.post("/lists/add", data={"id": list(ids), **values})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def order(site: Site, address: str) -> list[str]:
    page = site.page(address)
    return [str(link["href"]).removeprefix("/article/") for link in page.select(".listed h2 a")]


def change(site: Site, article: str, do: str, **values: str) -> TestResponse:
    return site.client.post("/lists/1/article", data={"id": article, "do": do, **values})


def test_every_hit_has_a_box_with_a_name_and_the_bar_is_their_form(site: Site) -> None:
    page = site.search("إيران")
    boxes = page.select(".hit input[name=id]")
    assert {box["value"] for box in boxes} == {"match", "iran"}
    assert all(box["form"] == "pick" for box in boxes)
    assert texts(page, ".pick-box")[0].startswith("تحديد:")
    assert page.select_one("form#pick[method=get]") is not None


def test_one_button_makes_a_list_named_after_the_search(site: Site) -> None:
    address = add(site, "match", "iran", name="إيران")
    assert address == "/lists/1?added=2&new=1"
    page = site.page(address)
    assert texts(page, "h1") == ["إيران"]
    assert order(site, address) == ["match", "iran"]
    assert "أُضيف: 2" in page.get_text()


def test_adding_again_says_what_was_there(site: Site) -> None:
    add(site, "match", name="إيران")
    address = add(site, "match", "iran", list="1")
    assert address == "/lists/1?added=1&present=1"
    assert "موجود في القائمة من قبل: 1" in site.page(address).get_text()


def test_the_article_page_and_the_bar_offer_the_readers_lists_newest_first(site: Site) -> None:
    add(site, "match", name="الأولى")
    add(site, "match", name="الثانية")
    for page in (site.page("/article/iran"), site.search("إيران")):
        assert texts(page, "select[name=list] option") == ["الثانية", "الأولى", "قائمة جديدة"]
    assert [one.split(" ")[0] for one in texts(site.page("/desk"), ".own-lists li")] == ["الثانية", "الأولى"]


def test_a_get_stores_nothing(site: Site) -> None:
    for path in (
        "/search?q=إيران",
        "/article/iran",
        "/selection?id=iran",
        "/selection.csv?id=iran",
        "/lists/1",
        "/desk",
    ):
        site.answer(path)
    assert not (site.archive.directory / "desks.db").exists()


def test_the_selection_is_in_the_order_given_and_each_once(site: Site) -> None:
    answer = site.answer("/selection", id=["iran", "match", "iran", "nothing"], name="إيران")
    page = parsed(answer)
    assert [str(one["href"]) for one in page.select(".listed h2 a")] == ["/article/iran", "/article/match"]
    assert "غير موجود في الأرشيف" in page.get_text()
    assert len(page.select("#citations p")) == 2
    written = list(csv.reader(io.StringIO(site.answer("/selection.csv", id=["iran", "match"]).text)))
    assert [row[3] for row in written[1:]] == ["iran", "match"]


@pytest.mark.parametrize("path", ["/selection.csv", "/lists/add"])
def test_nothing_ticked_is_said(site: Site, path: str) -> None:
    answer = site.answer(path) if path.startswith("/selection") else site.client.post(path)
    assert answer.status_code == 400
    assert "لم يُحدَّد أي مقال" in answer.text


def test_a_selection_is_bounded(site: Site) -> None:
    many = [f"x{number}" for number in range(lists.MAX_SELECTED + 5)]
    assert "أول 200" in site.answer("/selection", id=many).text
    assert site.client.post("/lists/add", data={"id": many}).status_code == 400


def test_articles_are_moved_removed_and_brought_back(site: Site) -> None:
    add(site, "talks", "budget", "match", name="قائمة")
    assert change(site, "match", "up").headers["Location"] == "/lists/1#article-2"
    assert order(site, "/lists/1") == ["talks", "match", "budget"]
    change(site, "talks", "down")
    change(site, "budget", "move", place="١")  # Arabic digits
    assert order(site, "/lists/1") == ["budget", "match", "talks"]
    assert change(site, "budget", "move", place="أول").status_code == 400
    removed = change(site, "match", "remove").headers["Location"]
    assert order(site, removed) == ["budget", "talks"]
    (undo,) = site.page(removed).select(".note button")
    assert (undo["name"], undo["value"]) == ("do", "restore")
    change(site, "match", "restore")
    assert order(site, "/lists/1") == ["budget", "match", "talks"]


def test_the_second_window_is_told_and_keeps_its_text(site: Site) -> None:
    add(site, "match", "iran", name="قائمة")
    values = {"id": "match", "version": "1"}
    assert site.client.post("/lists/1/note", data={**values, "note": "الأولى"}).status_code == 303
    second = site.client.post("/lists/1/note", data={**values, "note": "الثانية"})
    assert second.status_code == 409
    page = parsed(second)
    assert texts(page, ".own-note") == ["الأولى"]
    assert texts(page, "details[open] textarea[name=note]") == ["الثانية"]
    assert page.select_one(".note-and-place[open] input[name=version]")["value"] == "2"  # type: ignore[index]
    named = {"version": "1", "name": "اسم", "description": "وصف"}
    assert site.client.post("/lists/1", data=named).status_code == 303
    third = parsed(site.client.post("/lists/1", data={**named, "name": "اسم آخر"}))
    assert third.select_one("#name")["value"] == "اسم آخر"  # type: ignore[index]
    assert texts(third, "h1") == ["اسم"]


def test_a_text_that_is_too_long_is_not_lost(site: Site) -> None:
    add(site, "match", name="قائمة")
    long = "س" * (stored.MAX_NOTE + 1)
    answer = site.client.post("/lists/1/note", data={"id": "match", "version": "1", "note": long})
    assert answer.status_code == 400
    assert texts(parsed(answer), "textarea[name=note]") == [long]
    assert f"{stored.MAX_NOTE}" in answer.text


def test_a_text_is_not_lost_when_the_disk_is_full(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    add(site, "match", name="قائمة")

    def full(*_: object) -> None:
        raise ArchiveWriteFailed(site.archive.directory, "database or disk is full")

    monkeypatch.setattr(stored, "set_note", full)
    monkeypatch.setattr(stored, "edit_list", full)
    for path, values in (
        ("/lists/1/note", {"id": "match", "version": "1", "note": "ملاحظة طويلة"}),
        ("/lists/1", {"version": "1", "name": "اسم جديد", "description": "وصف طويل"}),
    ):
        answer = site.client.post(path, data=values)
        assert answer.status_code == 503
        written = texts(parsed(answer), "textarea")
        assert values.get("note", values.get("description")) in written
        assert "تعذّر الحفظ" in answer.text


def test_a_list_is_deleted_after_a_question(site: Site) -> None:
    add(site, "match", name="قائمة")
    assert "قائمة" in site.page("/lists/1/delete").h1.get_text()  # type: ignore[union-attr]
    assert site.client.post("/lists/1/delete").headers["Location"] == "/desk"
    assert site.answer("/lists/1").status_code == 404


def test_hostile_names_and_notes_are_shown_as_text_and_are_no_formula(site: Site) -> None:
    add(site, "match", name=HOSTILE)
    site.client.post("/lists/1/note", data={"id": "match", "version": "1", "note": HOSTILE})
    page = site.answer("/lists/1")
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    row = list(csv.reader(io.StringIO(site.answer("/lists/1.csv").text)))[1]
    assert row[2].startswith("'=HYPERLINK")
    for ending in ("txt", "bib", "ris", "jsonl", "pdf", "zip"):
        assert site.answer(f"/lists/1.{ending}").status_code == 200
    assert site.answer("/lists/1.exe").status_code == 404


def test_what_changed_or_went_is_said(site: Site) -> None:
    add(site, "match", "iran", "undated", "talks", name="قائمة")
    archive = site.archive
    archive.add(make_article(id="match", title="فوز اليابان", paragraphs=["نص آخر."], source="الغد"))
    archive.remove("iran")
    with sqlite3.connect(archive.database_file) as database:
        database.execute(
            "UPDATE revisions SET text = 'غيره' WHERE article = (SELECT seq FROM articles WHERE id = 'undated')"
        )
    database.close()
    page = site.page("/lists/1")
    states = [" ".join(texts(item, ".state")) for item in page.select(".listed > li")]
    assert "تغيّر النص" in states[0]
    assert page.select_one(".state a")["href"] == "/article/match/changes#version-2"  # type: ignore[index]
    assert "أُزيل" in states[1]
    assert "تالف" in states[2]
    assert states[3] == ""
    assert "زلزال" not in str(page.select(".listed > li")[1])  # the title of a removed article is not shown
    for ending in ("csv", "pdf", "zip"):
        refused = site.answer(f"/lists/1.{ending}")
        assert refused.status_code == 500
        assert "undated" in refused.text
        assert "ناقصا" in refused.text
    change(site, "undated", "remove")
    rows = list(csv.DictReader(io.StringIO(site.answer("/lists/1.csv").text.removeprefix("\ufeff"))))
    assert [row["state"] for row in rows] == ["changed", "removed", "same"]


def test_a_page_that_is_damaged_refuses_the_bundle_with_its_reason(site: Site) -> None:
    page = Page(b"<html>saved</html>", "text/html")
    site.archive.add(make_article(id="kept", title="خبر", paragraphs=["نص"]), page)
    add(site, "kept", name="قائمة")
    assert site.answer("/lists/1.zip").status_code == 200
    (file,) = (site.archive.directory / "pages").glob("*/*.gz")
    file.write_bytes(b"damaged")
    refused = site.answer("/lists/1.zip")
    assert refused.status_code == 500
    assert "صفحة" in refused.text
    assert str(site.archive.directory) not in refused.text
    assert site.answer("/lists/1.pdf").status_code == 200  # it contains no pages


def test_a_shared_list_is_read_only_and_shows_notes_only_if_its_owner_says_so(site: Site) -> None:
    add(site, "match", "iran", name="قائمة")
    site.client.post("/lists/1/note", data={"id": "match", "version": "1", "note": "سر المحرر"})
    bare = site.client.post("/lists/1/share").headers["Location"]
    owner = site.page(bare)
    assert bare in owner.select_one("#list-link").get_text()  # type: ignore[union-attr]
    other = create_app({"ARCHIVE": site.archive.directory}).test_client()
    answer = other.get(bare)
    page = parsed(answer)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.select_one('meta[name=robots][content*="noindex"]') is not None
    assert not page.select("main form, #list-link")
    assert texts(page, "h1") == ["قائمة"]
    for ending in ("", ".csv", ".jsonl", ".bib", ".ris", ".txt"):
        assert "سر المحرر" not in other.get(f"{bare}{ending}").text
    with_notes = site.client.post("/lists/1/share", data={"notes": "1"}).headers["Location"]
    assert other.get(bare).status_code == 404
    assert "سر المحرر" in other.get(with_notes).text
    assert "سر المحرر" in other.get(f"{with_notes}.jsonl").text
    site.client.post("/lists/1/unshare")
    assert other.get(with_notes).status_code == 404
    assert other.get("/lists/1").status_code == 404


def test_in_a_private_archive_a_link_needs_an_account_and_lists_belong_to_users(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "private") as archive:
        fill(archive)
        set_user(archive, "huda", hash_password("a long password"))
        set_user(archive, "omar", hash_password("a long password"))
    settings = tmp_path / "private" / "arshif.toml"
    settings.write_text("private = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    app = create_app({"ARCHIVE": tmp_path / "private"})
    huda, omar, stranger = (app.test_client() for _ in range(3))
    for client, name in ((huda, "huda"), (omar, "omar")):
        secret = parsed(client.get("/sign-in")).select_one("input[name=form]")["value"]  # type: ignore[index]
        client.post("/sign-in", data={"form": secret, "name": name, "password": "a long password"})
    assert huda.post("/lists/add", data={"id": "match", "name": "قائمة"}).status_code == 303
    link = huda.post("/lists/1/share").headers["Location"]
    assert omar.get("/lists/1").status_code == 404
    assert omar.get(link).status_code == 200
    for path in (link, f"{link}.zip", "/lists/1", "/selection?id=match", "/selection.csv?id=match"):
        assert stranger.get(path).status_code == 303
        assert "/sign-in" in stranger.get(path).headers["Location"]
    assert "/sign-in" in stranger.post("/lists/add", data={"id": "match"}).headers["Location"]


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    add(site, "match", name="قائمة")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert site.client.post("/lists/1/delete", headers=headers).status_code == 403
    assert site.answer("/lists/1").status_code == 200


def test_where_no_desk_can_be_stored_nothing_offers_a_list_but_citing_and_exporting_stay(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_ui.web.desk.can_store_desks", lambda archive: False)  # desk_is_writable uses it
    page = site.search("إيران")
    assert not page.select("[data-add]")
    assert page.select("#pick button[type=submit]")
    assert not site.page("/article/iran").select(".keep")
    assert site.answer("/selection.pdf", id="iran").status_code == 200


def test_desks_that_cannot_be_read_do_not_keep_anyone_from_searching(site: Site) -> None:
    add(site, "match", name="قائمة")
    (site.archive.directory / "desks.db").write_bytes(b"damaged" * 1000)
    for path in ("/search?q=إيران", "/article/iran", "/selection?id=iran"):
        answer = site.answer(path)
        assert answer.status_code == 200
        assert not parsed(answer).select("[data-add]")
    assert site.answer("/lists/1").status_code == 500


def test_desks_that_are_locked_hold_up_a_search_for_seconds_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from search_ui.access import private_database

    add(site, "match", name="قائمة")
    assert private_database._READ_TIMEOUT <= 3
    monkeypatch.setattr(private_database, "_READ_TIMEOUT", 0.1)
    with closing(sqlite3.connect(site.archive.directory / "desks.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert site.answer("/search?q=إيران").status_code == 200
        assert site.answer("/article/iran").status_code == 200
    assert site.answer("/lists/1").status_code == 200


@pytest.mark.parametrize("number", ["0", "2", str(2**63 - 1), str(2**63), "9" * 30, "9" * 5000, "٣"])
@pytest.mark.parametrize("path", ["/lists/{}", "/lists/{}.csv", "/lists/{}/delete", "/desk/follow/{}"])
def test_a_number_that_no_list_has_is_not_found(site: Site, path: str, number: str) -> None:
    add(site, "match", name="قائمة")
    assert site.answer(path.format(number)).status_code == 404
    assert site.client.post(path.format(number)).status_code in (404, 405)


def test_a_list_of_a_thousand_has_pages_and_whole_files(site: Site) -> None:
    with site.archive.batch():
        for number in range(1000):
            site.archive.add(make_article(id=f"m{number}", title=f"خبر {number}", paragraphs=["نص الخبر"]))
    add(site, "m0", name="طويلة")
    for start in range(1, 1000, lists.MAX_SELECTED):
        add(site, *(f"m{number}" for number in range(start, min(start + lists.MAX_SELECTED, 1000))), list="1")
    assert order(site, "/lists/1?page=10")[-1] == "m999"
    assert site.page("/lists/1?page=99").select_one("#article-901") is not None
    assert change(site, "m150", "up").headers["Location"] == "/lists/1?page=2#article-150"
    lines = site.answer("/lists/1.jsonl").text.splitlines()
    assert len(lines) == 1001
    assert json.loads(lines[0])["list"]["articles"] == 1000
    assert site.client.post("/lists/add", data={"id": "match", "list": "1"}).status_code == 400


def test_a_note_is_an_annotation_of_citations(site: Site) -> None:
    add(site, "match", name="قائمة")
    site.client.post("/lists/1/note", data={"id": "match", "version": "1", "note": "مهم & {عاجل}\nسطر"})
    assert "annotation = {مهم \\& \\{عاجل\\} سطر}," in site.answer("/lists/1.bib").text
    assert site.answer("/lists/1.ris").text.count("N1  - مهم & {عاجل} سطر\r\nER  - \r\n") == 1
    text = site.answer("/lists/1.txt").text
    assert "ملاحظة: مهم & {عاجل}\n" in text
    assert "http://localhost/article/match" in text
    english = site.answer("/lists/1.txt?lang=en").text
    assert "Note: " in english


def test_each_file_is_named_after_the_list_and_kept_by_no_cache(site: Site) -> None:
    add(site, "match", name="زيارة الوفد")
    answer = site.answer("/lists/1.pdf")
    assert re.search(r"filename\*=UTF-8''%D8%B2", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"%PDF-")
