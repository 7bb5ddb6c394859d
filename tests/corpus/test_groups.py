from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from corpus import Archive, groups_of, make_article, near_duplicates, parse_date

TEXT = "أنقذ خفر السواحل في مرجانة فجر اليوم الأربعاء بحارة كانوا على متن سفينة الشحن بعد أن شب حريق في غرفة محركاتها"


def copies(tmp_path: Path, *printed: tuple[str, datetime | None]) -> list[str]:
    with Archive.create(tmp_path / "archive") as archive:
        for name, published in printed:
            archive.add(make_article(id=name, title=name, paragraphs=[TEXT], source=name, published=published))
        near_duplicates.group_changes(archive)
        groups = groups_of(archive, [name for name, _ in printed])
        (group,) = set(groups.values())
        assert set(groups) == {name for name, _ in printed}
        assert group.first is group.copies[0]
        assert group.name == printed[0][0]
        return [copy.article_id for copy in group.copies]


def test_the_first_publisher_comes_first_regardless_of_which_was_added_first(tmp_path: Path) -> None:
    day = datetime(2018, 11, 14, 12, tzinfo=UTC)
    order = copies(tmp_path, ("late", day + timedelta(hours=9)), ("early", day), ("later", day + timedelta(days=1)))
    assert order == ["early", "late", "later"]


def test_copies_are_ordered_by_time_regardless_of_utc_offsets(tmp_path: Path) -> None:
    riyadh, tunis = timezone(timedelta(hours=3)), timezone(timedelta(hours=1))
    assert copies(
        tmp_path,
        ("tunis", datetime(2018, 11, 14, 11, tzinfo=tunis)),
        ("riyadh", datetime(2018, 11, 14, 12, tzinfo=riyadh)),
    ) == ["riyadh", "tunis"]


def test_days_sort_after_times_and_ties_by_order_of_addition(tmp_path: Path) -> None:
    assert copies(
        tmp_path,
        ("no date", None),
        ("a day", parse_date("2018-11-14")),
        ("the same day", parse_date("2018-11-14")),
        ("that evening", datetime(2018, 11, 14, 20, tzinfo=UTC)),
        ("the day after", datetime(2018, 11, 15, 6, tzinfo=UTC)),
    ) == ["that evening", "a day", "the same day", "the day after", "no date"]


def test_each_source_is_listed_once(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        for name, source in (("a", "النهضة"), ("b", "المنارة"), ("c", "النهضة"), ("d", None)):
            archive.add(make_article(id=name, paragraphs=[TEXT], source=source))
        near_duplicates.group_changes(archive)
        group = groups_of(archive, ["d"])["d"]
    assert group.sources == ("النهضة", "المنارة")
    assert [copy.article_id for copy in group.others("b")] == ["a", "c", "d"]


def test_groups_of_many_ids_are_read_in_one_call(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive, archive.batch():
        for number in range(1100):
            archive.add(make_article(id=str(number), paragraphs=["نص"]))
        assert groups_of(archive, map(str, range(1100))) == {}


def test_a_group_is_read_once_for_all_its_articles(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        names = [f"{number:04}" for number in range(1500)]
        with archive.batch():
            for name in names:
                archive.add(make_article(id=name, paragraphs=[TEXT], source=name))
            archive.run_sql("INSERT INTO group_members SELECT seq, 1 FROM articles")
        statements: list[str] = []
        archive.connection.set_trace_callback(statements.append)
        groups = groups_of(archive, names)
        archive.connection.set_trace_callback(None)
    assert [copy.article_id for copy in groups["0700"].copies] == names
    assert len({id(group) for group in groups.values()}) == 1
    assert len(statements) < 30
