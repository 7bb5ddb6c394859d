"""Lists on a desk: order, notes, versions, bounds, links; two writers and processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive, ArticleNotFound, ArticleRemoved, exchange, make_article
from search_ui.access import lists
from search_ui.access.desks import DESKS_FILE, Desk, desks_path, new_desk, read_desks
from search_ui.errors import ListChanged, ListFull, ListNotFound, TextTooLong, TooManyLists
from tests.conftest import ROOT


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        with opened.batch():
            for number in range(5):
                opened.add(make_article(id=f"a{number}", title=f"خبر {number}", paragraphs=["نص الخبر"]))
        yield opened


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return new_desk(archive)[0]


@pytest.fixture
def filled(archive: Archive, desk: Desk) -> int:
    number = lists.create_list(archive, desk, "زيارة الوفد")
    lists.add_articles(archive, desk, number, ["a0", "a1", "a2"])
    return number


def ids(archive: Archive, desk: Desk, number: int) -> list[str]:
    return [item.entry.article_id for item in lists.items_of(archive, lists.get_list(archive, desk, number))]


def notes(archive: Archive, desk: Desk, number: int) -> dict[str, str]:
    items = lists.items_of(archive, lists.get_list(archive, desk, number))
    return {item.entry.article_id: item.entry.note for item in items}


def test_articles_are_added_at_the_end_once_and_with_the_text_they_have(
    archive: Archive, desk: Desk, filled: int
) -> None:
    assert lists.add_articles(archive, desk, filled, ["a1", "a3", "a3"]) == 1
    assert ids(archive, desk, filled) == ["a0", "a1", "a2", "a3"]
    entry = lists.items_of(archive, lists.get_list(archive, desk, filled))[0].entry
    assert (entry.revision, entry.content_hash) == (1, archive.get("a0").content_hash())


def test_an_article_that_cannot_be_read_adds_nothing(archive: Archive, desk: Desk, filled: int) -> None:
    archive.remove("a4")
    with pytest.raises(ArticleRemoved):
        lists.add_articles(archive, desk, filled, ["a3", "a4"])
    with pytest.raises(ArticleNotFound):
        lists.add_articles(archive, desk, filled, ["a3", "nothing"])
    assert ids(archive, desk, filled) == ["a0", "a1", "a2"]


@pytest.mark.parametrize(
    ("article", "place", "order"),
    [
        pytest.param("a2", 1, ["a2", "a0", "a1"], id="to the beginning"),
        pytest.param("a0", 3, ["a1", "a2", "a0"], id="to the end"),
        pytest.param("a0", 9999, ["a1", "a2", "a0"], id="beyond the end"),
        pytest.param("a2", 0, ["a2", "a0", "a1"], id="before the beginning"),
        pytest.param("a1", 2, ["a0", "a1", "a2"], id="where it is"),
        pytest.param("a9", 1, ["a0", "a1", "a2"], id="not on the list"),
    ],
)
def test_an_article_moves_to_a_place(
    archive: Archive, desk: Desk, filled: int, article: str, place: int, order: list[str]
) -> None:
    lists.move_article(archive, desk, filled, article, place)
    assert ids(archive, desk, filled) == order


def test_up_and_down_are_steps_that_end_at_the_ends(archive: Archive, desk: Desk, filled: int) -> None:
    lists.step_article(archive, desk, filled, "a2", -1)
    assert ids(archive, desk, filled) == ["a0", "a2", "a1"]
    lists.step_article(archive, desk, filled, "a0", -1)
    lists.step_article(archive, desk, filled, "a1", 1)
    assert ids(archive, desk, filled) == ["a0", "a2", "a1"]


def test_a_removal_is_undone_with_its_note_and_place(archive: Archive, desk: Desk, filled: int) -> None:
    lists.set_note(archive, desk, filled, "a1", 1, "ملاحظة")
    lists.remove_article(archive, desk, filled, "a1")
    assert ids(archive, desk, filled) == ["a0", "a2"]
    lists.restore_article(archive, desk, filled, "a1")
    assert ids(archive, desk, filled) == ["a0", "a1", "a2"]
    assert notes(archive, desk, filled)["a1"] == "ملاحظة"


def test_an_article_that_was_taken_off_comes_back_with_its_note(archive: Archive, desk: Desk, filled: int) -> None:
    lists.set_note(archive, desk, filled, "a0", 1, "ملاحظة")
    lists.remove_article(archive, desk, filled, "a0")
    assert lists.add_articles(archive, desk, filled, ["a0"]) == 1
    assert ids(archive, desk, filled) == ["a1", "a2", "a0"]
    assert notes(archive, desk, filled)["a0"] == "ملاحظة"


def test_the_second_window_overwrites_nothing(archive: Archive, desk: Desk, filled: int) -> None:
    lists.edit_list(archive, desk, filled, 1, "الاسم الأول", "")
    with pytest.raises(ListChanged):
        lists.edit_list(archive, desk, filled, 1, "الاسم الثاني", "")
    assert lists.get_list(archive, desk, filled).name == "الاسم الأول"
    lists.set_note(archive, desk, filled, "a0", 1, "الأولى")
    with pytest.raises(ListChanged):
        lists.set_note(archive, desk, filled, "a0", 1, "الثانية")
    lists.set_note(archive, desk, filled, "a1", 1, "ملاحظة أخرى لا تتعارض")
    assert notes(archive, desk, filled) == {"a0": "الأولى", "a1": "ملاحظة أخرى لا تتعارض", "a2": ""}


def test_a_note_of_an_article_that_was_taken_off_is_refused(archive: Archive, desk: Desk, filled: int) -> None:
    lists.remove_article(archive, desk, filled, "a0")
    with pytest.raises(ListChanged):
        lists.set_note(archive, desk, filled, "a0", 1, "ملاحظة")


def test_another_desk_sees_and_changes_nothing(archive: Archive, desk: Desk, filled: int) -> None:
    other = new_desk(archive)[0]
    assert lists.lists_of(archive, other) == []
    for attempt in (
        lambda: lists.get_list(archive, other, filled),
        lambda: lists.add_articles(archive, other, filled, ["a4"]),
        lambda: lists.edit_list(archive, other, filled, 1, "اسم", ""),
        lambda: lists.set_note(archive, other, filled, "a0", 1, "x"),
        lambda: lists.move_article(archive, other, filled, "a0", 2),
        lambda: lists.remove_article(archive, other, filled, "a0"),
        lambda: lists.share_list(archive, other, filled, notes=True),
        lambda: lists.delete_list(archive, other, filled),
    ):
        with pytest.raises(ListNotFound):
            attempt()
    assert ids(archive, desk, filled) == ["a0", "a1", "a2"]


def test_numbers_and_texts_are_bounded(
    archive: Archive, desk: Desk, filled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MAX_LISTS", 2)
    monkeypatch.setattr(lists, "MAX_ARTICLES", 4)
    lists.create_list(archive, desk, "ثانية")
    with pytest.raises(TooManyLists):
        lists.create_list(archive, desk, "ثالثة")
    with pytest.raises(ListFull):
        lists.add_articles(archive, desk, filled, ["a3", "a4"])
    assert ids(archive, desk, filled) == ["a0", "a1", "a2"]
    with pytest.raises(TextTooLong):
        lists.edit_list(archive, desk, filled, 1, "س" * (lists.MAX_NAME + 1), "")
    with pytest.raises(TextTooLong):
        lists.set_note(archive, desk, filled, "a0", 1, "س" * (lists.MAX_NOTE + 1))


def test_names_and_notes_lose_only_characters_that_cannot_be_shown(archive: Archive, desk: Desk, filled: int) -> None:
    lists.edit_list(archive, desk, filled, 1, " \u202eاسم\x00 \t <b>«قائمة»</b>\n", "سطر\r\n\r\nسطر\x07 \ud800")
    found = lists.get_list(archive, desk, filled)
    assert found.name == "اسم <b>«قائمة»</b>"
    assert found.description == "سطر\n\nسطر"


def test_a_link_is_stored_by_its_digest_replaced_and_withdrawn(archive: Archive, desk: Desk, filled: int) -> None:
    secret = lists.share_list(archive, desk, filled, notes=False)
    assert lists.shared_list(archive, secret).id == filled
    assert secret.encode() not in desks_path(archive).read_bytes()
    newer = lists.share_list(archive, desk, filled, notes=True)
    with pytest.raises(ListNotFound):
        lists.shared_list(archive, secret)
    lists.unshare_list(archive, desk, filled)
    for one in (newer, "", "x"):
        with pytest.raises(ListNotFound):
            lists.shared_list(archive, one)


def test_deleting_a_list_deletes_its_notes_and_its_link(archive: Archive, desk: Desk, filled: int) -> None:
    secret = lists.share_list(archive, desk, filled, notes=True)
    lists.delete_list(archive, desk, filled)
    assert lists.lists_of(archive, desk) == []
    assert read_desks(desks_path(archive), "SELECT * FROM list_items") == []
    with pytest.raises(ListNotFound):
        lists.shared_list(archive, secret)


def test_a_list_survives_an_import_into_a_new_archive(
    archive: Archive, desk: Desk, filled: int, tmp_path: Path
) -> None:
    exchange.export_archive(archive, tmp_path / "backup.jsonl")
    with Archive.create(tmp_path / "second") as second:
        exchange.import_archive(second, tmp_path / "backup.jsonl")
        desks_path(archive).rename(second.directory / DESKS_FILE)
        items = lists.items_of(second, lists.get_list(second, desk, filled))
        assert [second.get(one.entry.article_id).content_hash() for one in items] == [
            one.entry.content_hash for one in items
        ]


_ADD = """
import sys
from pathlib import Path
from corpus import Archive
from search_ui.access import lists
from search_ui.access.desks import Desk
with Archive.open(Path(sys.argv[1])) as archive:
    for number in range(int(sys.argv[3]), int(sys.argv[4])):
        lists.add_articles(archive, Desk(1), 1, [f"m{number}"])
        print(number, flush=True)
"""


def adding(archive: Archive, desk: Desk, first: int, last: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", _ADD, str(archive.directory), str(desk.id), str(first), str(last)]
    return subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)


def add_many(archive: Archive, count: int) -> None:
    with archive.batch():
        for number in range(count):
            archive.add(make_article(id=f"m{number}", paragraphs=["نص"]))


@pytest.mark.slow
def test_two_processes_that_add_to_one_list_lose_nothing(archive: Archive, desk: Desk) -> None:
    add_many(archive, 40)
    number = lists.create_list(archive, desk, "قائمة")
    both = [adding(archive, desk, 0, 20), adding(archive, desk, 20, 40)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    for process in both:
        assert process.stdout is not None
        process.stdout.close()
    assert sorted(ids(archive, desk, number)) == sorted(f"m{one}" for one in range(40))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_was_reported_as_saved_survives_a_kill(archive: Archive, desk: Desk) -> None:
    add_many(archive, 400)
    number = lists.create_list(archive, desk, "قائمة")
    process = adding(archive, desk, 0, 400)
    assert process.stdout is not None
    reported = process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait(timeout=10)
    process.stdout.close()
    saved = [f"m{line}" for line in (reported + rest).split()]
    found = ids(archive, desk, number)
    assert found[: len(saved)] == saved
    assert len(found) <= len(saved) + 1
    lists.add_articles(archive, desk, number, ["a0"])  # nothing is locked


def test_a_list_of_a_thousand_is_read_and_moved_quickly(archive: Archive, desk: Desk) -> None:
    add_many(archive, 1000)
    number = lists.create_list(archive, desk, "قائمة")
    lists.add_articles(archive, desk, number, [f"m{one}" for one in range(1000)])
    began = time.perf_counter()
    lists.move_article(archive, desk, number, "m999", 1)
    assert ids(archive, desk, number)[:2] == ["m999", "m0"]
    assert time.perf_counter() - began < 2
    with pytest.raises(ListFull):
        lists.add_articles(archive, desk, number, ["a0"])
