"""Following on the page: what is new, and what readers can do with a followed search."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from corpus import Archive, make_article
from indexer import update_index
from search_ui.access.follows import all_follows
from search_ui.access.saved_searches import new_hits
from tests.search_ui.arshif import Arshif
from tests.search_ui.following.conftest import Desks
from tests.search_ui.small_site import address, parsed, texts

pytestmark = pytest.mark.slow


def follow(reader: FlaskClient, query: str = "زلزال", **values: Any) -> Any:
    """Follow a search as a reader does: by the button of the results, and its form."""
    results = parsed(reader.get("/search", query_string={"q": query}))
    page = parsed(reader.get(address(results, ".follow-button")))
    form = page.select_one("form.follow-form")
    assert form is not None
    fields = {str(one["name"]): str(one.get("value", "")) for one in form.select("input:not([type=radio])")}
    return reader.post(str(form["action"]), data=fields | values)


def desk(reader: FlaskClient) -> BeautifulSoup:
    answer = reader.get("/desk")
    assert answer.status_code == 200
    return parsed(answer)


def new(page: BeautifulSoup | Tag) -> list[str]:
    return texts(page, ".new-rows a")


def mark_read(reader: FlaskClient, page: BeautifulSoup) -> None:
    form = page.select_one("form[action$='/seen']")
    assert form is not None
    reader.post(str(form["action"]), data={"until": form.select("input")[0]["value"]})


def test_what_is_new_is_what_was_added_after_following(desks: Desks) -> None:
    reader = desks.reader()
    follow(reader)
    assert new(desk(reader)) == []
    desks.add(("a", "زلزال جديد"), ("b", "مباراة أخرى"))
    assert new(desk(reader)) == ["زلزال جديد"]
    assert texts(desk(reader), ".new-count") == ["جديد واحد"]


def test_new_hits_stay_new_until_they_are_marked_as_read(desks: Desks) -> None:
    reader = desks.reader()
    follow(reader)
    desks.add(("a", "زلزال أول"))
    for _ in range(2):  # neither a prefetch nor a second visit changes anything
        assert new(desk(reader)) == ["زلزال أول"]
    shown = desk(reader)
    desks.add(("b", "زلزال ثان"))
    mark_read(reader, shown)
    assert new(desk(reader)) == ["زلزال ثان"]  # came after the page was shown
    mark_read(reader, shown)  # the back button, and once more
    assert new(desk(reader)) == ["زلزال ثان"]


def test_nearest_articles_do_not_ring_and_revisions_do(desks: Desks) -> None:
    reader = desks.reader()
    follow(reader, "زلزال عنيف في اليونان")
    follow(reader, "مكتبات")
    desks.add(("near", "زلزال في اليابان"))
    desks.archive.add(
        make_article(id="undated", title="مقال بلا تاريخ", paragraphs=["نص معدل عن المكتبات."], source="الغد")
    )
    update_index(desks.archive)
    page = desk(reader)
    assert new(page) == ["مقال بلا تاريخ"]
    assert texts(page, ".new-rows .whole") == ["معدّل"]


def test_copies_of_a_story_are_one_line_and_each_is_counted(desks: Desks) -> None:
    from corpus.near_duplicates import group_changes

    reader = desks.reader()
    follow(reader, "القاهرة")
    words = "أعلن المتحدث باسم الوزارة في القاهرة أن الوفود ستصل تباعا لبحث جدول الأعمال وتوقيع الاتفاق النهائي " * 3
    for source in ("الغد", "النهضة"):
        text = [words + "خلال الأسبوع المقبل."]
        desks.archive.add(make_article(id=source, title="وفود في القاهرة", paragraphs=text, source=source))
    group_changes(desks.archive)
    update_index(desks.archive)
    page = desk(reader)
    assert new(page) == ["وفود في القاهرة"]
    assert texts(page, ".new-count") == ["جديدان"]
    assert "وأيضا" in texts(page, ".new-rows small")[0]


def test_the_form_says_what_is_followed(desks: Desks) -> None:
    page = parsed(desks.reader().get("/follow?q=زلزال+OR+سيول&source=الغد&after=2017-01-01&bogus=1"))
    assert "زلزال أو سيول" in texts(page, "dd")
    assert "نتيجة واحدة" in texts(page, "dd")
    assert texts(page, ".chips li") == ["المصدر: الغد", "من 1 كانون الثاني/يناير 2017"]
    assert len(page.select(".note")) == 1
    (name,) = page.select("#name")
    assert name["value"] == "زلزال OR سيول"
    assert page.select("#address, #webhook") == []  # neither is set up


def test_filters_are_kept(desks: Desks) -> None:
    reader = desks.reader()
    reader.post("/follow?q=زلزال&source=الغد&after=2018&match=any&forms=printed&spellings=false", data={"name": "x"})
    (one,) = all_follows(desks.archive)
    assert json.loads(one.text) == {
        "query": "زلزال", "sources": ["الغد"], "after": "2018-01-01", "match": "any", "forms": "printed", "typed": True,
    }  # fmt: skip
    desks.add(("a", "زلزال كبير"), source="النهضة")
    assert new(desk(reader)) == []


def test_a_followed_search_is_renamed_and_deleted(desks: Desks) -> None:
    reader = desks.reader()
    follow(reader)
    (one,) = all_follows(desks.archive)
    reader.post(f"/desk/follow/{one.id}/settings", data={"name": "  زلازل\u202e\n المنطقة "})
    assert texts(desk(reader), ".follow h3 a") == ["زلازل المنطقة"]
    assert [saved.name for saved in desks.archive.subscriptions()] == [one.subscription]
    assert reader.get(f"/desk/follow/{one.id}/delete").status_code == 405
    reader.post(f"/desk/follow/{one.id}/delete")
    assert desk(reader).select(".follow") == []
    assert desks.archive.subscriptions() == []
    assert reader.get(f"/desk/follow/{one.id}").status_code == 404


def test_another_reader_has_no_access(desks: Desks) -> None:
    follow(desks.reader())
    (one,) = all_follows(desks.archive)
    other = desks.reader()
    follow(other, "مفاوضات")
    for action in ("seen", "pause", "resume", "settings", "delete", "feed"):
        assert other.post(f"/desk/follow/{one.id}/{action}", data={"name": "x", "until": "9"}).status_code == 404
    assert other.get(f"/desk/follow/{one.id}").status_code == 404
    assert [found.name for found in all_follows(desks.archive)] == ["زلزال", "مفاوضات"]


def test_names_and_queries_are_escaped(desks: Desks) -> None:
    reader = desks.reader()
    attack = "<script>alert(1)</script>\"'<img src=x onerror=alert(1)>"
    follow(reader, name=attack)
    reader.post("/follow", query_string={"q": attack}, data={"name": ""})
    desks.archive.add(make_article(id="x", title=f"زلزال {attack}", paragraphs=["نص"], source=attack))
    update_index(desks.archive)
    for path in ("/desk", "/desk/follow/1", "/desk/follow/2"):
        page = desks_page = reader.get(path)
        assert "<img" not in page.text
        assert "<script>" not in desks_page.text


@pytest.mark.parametrize("name", ["", "   ", "\u202e\n", "x" * 5000], ids=["empty", "spaces", "invisible", "long"])
def test_every_name_becomes_one_of_a_line(desks: Desks, name: str) -> None:
    reader = desks.reader()
    assert reader.post("/follow?q=زلزال", data={"name": name}).status_code == 303
    (one,) = all_follows(desks.archive)
    assert 1 <= len(one.name) <= 80
    assert one.name.isprintable()


def test_a_desk_has_a_limited_number_of_followed_searches(make_desks: Callable[[str], Desks]) -> None:
    desks = make_desks("[follow]\nper_desk = 2\nper_archive = 3")
    reader, other = desks.reader(), desks.reader()
    assert [follow(reader, query).status_code for query in ("زلزال", "مفاوضات", "إيران")] == [303, 303, 400]
    assert [follow(other, query).status_code for query in ("زلزال", "مفاوضات")] == [303, 400]
    assert len(all_follows(desks.archive)) == len(desks.archive.subscriptions()) == 3
    assert "احذف" in follow(reader, "إيران").text


def test_a_costly_search_is_refused_when_it_is_followed(make_desks: Callable[[str], Desks]) -> None:
    desks = make_desks("[web]\nseconds = 0.01")
    query = " OR ".join(f"{letter}*~2" for letter in "ابتثجحخدذرزسشصضطظعغفقكلمنهوي") * 20
    assert desks.reader().post("/follow", query_string={"q": query}).status_code == 400
    assert desks.archive.subscriptions() == []


def test_an_archive_restored_from_an_older_copy_counts_from_now_on(desks: Desks) -> None:
    reader = desks.reader()
    older = desks.directory.with_name("older")
    shutil.copytree(desks.directory, older)
    follow(reader)
    desks.add(("a", "زلزال أول"))
    shutil.copy(desks.directory / "desks.db", older)
    desks.directory = older
    desks.configure("")
    page = desk(reader := _same(desks, reader))
    assert len(page.select(".follow .note")) == 1
    mark_read(reader, page)
    assert desk(reader).select(".follow .note") == []
    desks.add(("b", "زلزال ثان"))
    assert new(desk(reader)) == ["زلزال ثان"]


def test_a_rewritten_change_log_does_not_ring_again(desks: Desks) -> None:
    reader = desks.reader()
    follow(reader)
    with closing(sqlite3.connect(desks.directory / "articles.db")) as file, file:
        file.execute("DELETE FROM changes WHERE number = 2")
    Arshif(desks.directory.parent)("check", "--repair")
    Arshif(desks.directory.parent)("index")
    assert new(desk(reader)) == []
    desks.add(("b", "زلزال ثان"))
    assert new(desk(reader)) == ["زلزال ثان"]


def test_the_command_lists_followed_searches_and_leaves_their_hits_alone(desks: Desks) -> None:
    arshif, reader = Arshif(desks.directory.parent), desks.reader()
    arshif("alert", "add", "quakes", "زلزال")
    follow(reader)
    desks.add(("a", "زلزال أول"))
    (one,) = all_follows(desks.archive)
    lines = arshif("alert", "list").splitlines()
    assert [line.split("  ")[0] for line in lines] == ["quakes", one.subscription]
    assert "on the page" in lines[1]
    printed = arshif("alert")
    assert printed.startswith("quakes:")
    assert one.subscription not in printed
    assert arshif("alert").count("nothing new") == 1
    for _ in range(2):
        assert "زلزال أول" in arshif("alert", "--only", one.subscription)  # printed, and still new
    assert new(desk(reader)) == ["زلزال أول"]
    with Archive.open(desks.directory) as archive:
        assert [hits.name for hits in new_hits(archive)] == ["quakes"]
    arshif("alert", "remove", one.subscription)
    assert desk(reader).select(".follow") == []


def test_what_is_busy_is_said_and_nothing_is_half_stored(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus import ArchiveLocked

    def locked(*_: object) -> bool:
        raise ArchiveLocked(desks.directory, 10, None)

    monkeypatch.setattr(Archive, "subscribe", locked)
    answer = desks.reader().post("/follow?q=زلزال")
    assert answer.status_code == 503
    assert "مشغول" in answer.text
    assert all_follows(desks.archive) == []


def test_a_feed_opens_as_a_page_in_a_browser_and_links_to_archive_and_paper(desks: Desks) -> None:
    desks.archive.add(make_article(id="w", title="زلزال", paragraphs=["نص"], url="https://paper.example/1"))
    update_index(desks.archive)
    reader = desks.reader()
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = reader.get("/search.atom?q=زلزال", headers=browser)
    assert page.mimetype == "text/html"
    assert len(parsed(page).select(".new-rows a")) == 2
    for accept in ("application/atom+xml, application/xml;q=0.9, */*;q=0.1", "*/*", ""):
        feed = reader.get("/search.atom?q=زلزال", headers={"Accept": accept} if accept else {})
        assert feed.mimetype == "application/atom+xml"
        assert "Accept" in feed.headers["Vary"]
        assert '<link rel="alternate" type="text/html" href="http://localhost/article/w"/>' in feed.text
        assert '<link rel="via" href="https://paper.example/1"/>' in feed.text
        assert reader.get("/search.atom?q=زلزال", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    # A browser that asks with the tag of the feed gets the page.
    tagged = {**browser, "If-None-Match": feed.headers["ETag"]}
    assert reader.get("/search.atom?q=زلزال", headers=tagged).status_code == 200


def _same(desks: Desks, reader: FlaskClient) -> FlaskClient:
    """The reader's browser, after the server was restarted."""
    again = desks.reader()
    cookie = reader.get_cookie("arshif-desk")
    assert cookie is not None
    again.set_cookie("arshif-desk", cookie.value)
    return again
