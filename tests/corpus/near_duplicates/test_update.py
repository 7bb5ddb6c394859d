from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import (
    Archive,
    Article,
    ChangeKind,
    count_groups,
    group_names,
    groups_of,
    ingest,
    make_article,
    near_duplicates,
)
from corpus.groups import GroupCounts, group_problems
from corpus.near_duplicates import update as update_module
from corpus.near_duplicates.tables import GroupTables
from tests.conftest import ROOT

WORDS = (ROOT / "seeds" / "wire.jsonl").read_text(encoding="utf-8").split()
RETELLINGS = Path(__file__).parent / "retellings.jsonl"
NOT_FOUND = {"retold-wire-017-1", "retold-wire-023-1", "retold-wire-027-1"}
"""Retellings with hardly an unchanged sentence: their containment is below `MIN_CONTAINMENT`."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def sentence(seed: int, words: int = 40) -> str:
    """A sentence of words in an order that is unique to the seed."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def printed(article_id: str, *sentences: int, source: str = "", day: int = 0, dated: bool = True) -> Article:
    published = datetime(2020, 3, 1, 9, tzinfo=UTC) + timedelta(days=day)
    return make_article(
        id=article_id,
        title=f"عنوان {article_id}",
        paragraphs=[sentence(number) for number in sentences],
        source=source or f"جريدة {article_id}",
        published=published if dated else None,
    )


def add(archive: Archive, *articles: Article) -> None:
    with archive.batch():
        for article in articles:
            archive.add(article)


def groups(archive: Archive) -> list[set[str]]:
    """Updates the groups; returns them as sets of ids."""
    near_duplicates.group_changes(archive)
    found = groups_of(archive, (article.id for article in archive.articles()))
    whole = {group.name: {copy.article_id for copy in group.copies} for group in found.values()}
    return sorted(whole.values(), key=sorted)


def test_copies_of_one_story_are_a_group(archive: Archive) -> None:
    add(archive, printed("a", 1, 2, 3), printed("b", 1, 2, 4), printed("c", 1, 2, 3), printed("other", 5, 6, 7))
    assert groups(archive) == [{"a", "b", "c"}]
    assert group_names(archive, ["c", "other", "missing"]) == {"c": "a"}
    counts = count_groups(archive)
    assert (counts.groups, counts.articles, counts.pending) == (1, 3, 0)


def test_a_copy_of_the_first_half_is_in_the_group(archive: Archive) -> None:
    add(archive, printed("whole", 1, 2, 3, 4), printed("half", 1, 2), printed("tenth", 3))
    assert groups(archive) == [{"whole", "half"}]


def test_a_later_copy_joins_its_group_and_only_changed_articles_are_logged(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    assert groups(archive) == [{"a", "b"}]
    before = archive.last_change()
    add(archive, printed("c", 1, 2), printed("d", 8, 9))
    summary = near_duplicates.group_changes(archive)
    assert (summary.articles, summary.regrouped) == (2, 1)
    assert [(change.article_id, change.kind) for change in archive.changes(before)] == [
        ("c", ChangeKind.ADDED),
        ("d", ChangeKind.ADDED),
        ("c", ChangeKind.GROUPED),
    ]
    assert groups(archive) == [{"a", "b", "c"}]


def test_without_changes_nothing_is_written(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    near_duplicates.group_changes(archive)
    before = archive.last_change()
    assert near_duplicates.group_changes(archive).articles == 0
    assert archive.last_change() == before


def test_revisions_leave_and_rejoin_a_group(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2), printed("c", 1, 2))
    assert groups(archive) == [{"a", "b", "c"}]
    add(archive, printed("a", 8, 9))
    assert groups(archive) == [{"b", "c"}]
    assert group_names(archive, ["b"]) == {"b": "b"}
    add(archive, printed("a", 1, 2))
    assert groups(archive) == [{"a", "b", "c"}]


def test_a_revision_can_join_and_split_two_groups(archive: Archive) -> None:
    add(archive, printed("a", 1, 2, 3), printed("b", 1, 2, 3), printed("x", 7, 8, 9), printed("y", 7, 8, 9))
    assert groups(archive) == [{"a", "b"}, {"x", "y"}]
    add(archive, printed("x", 1, 2, 3), printed("y", 1, 2, 3))
    assert groups(archive) == [{"a", "b", "x", "y"}]
    add(archive, printed("x", 7, 8, 9), printed("y", 7, 8, 9))
    assert groups(archive) == [{"a", "b"}, {"x", "y"}]


def test_a_removed_article_leaves_its_group_until_it_is_restored(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2), printed("c", 1, 2))
    near_duplicates.group_changes(archive)
    archive.remove("a", "كذبة")
    assert groups(archive) == [{"b", "c"}]
    assert group_names(archive, ["a", "b", "c"]) == {"b": "b", "c": "b"}
    assert archive.run_sql("SELECT count(*) FROM sketches UNION ALL SELECT count(*) FROM group_members") == [(2,), (2,)]
    # The change log has entries for the others; the removed one's entry was there before.
    assert [change.article_id for change in archive.changes() if change.kind is ChangeKind.GROUPED][-2:] == ["b", "c"]
    archive.restore("a")
    assert groups(archive) == [{"a", "b", "c"}]
    assert group_names(archive, ["c"]) == {"c": "a"}


def test_outdated_sketches_and_pairs_are_deleted(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    near_duplicates.group_changes(archive)
    for number in (10, 20, 30):
        add(archive, printed("a", number, number + 1))
        near_duplicates.group_changes(archive)
    tables = archive.run_sql(
        "SELECT (SELECT count(*) FROM sketches), (SELECT count(*) FROM sketch_hashes), (SELECT count(*) FROM near_pairs)"
    )
    assert tables == [(2, 32, 0)]


def test_reprints_in_one_paper_years_later_are_grouped(archive: Archive) -> None:
    add(archive, printed("a", 1, 2, source="النهضة"), printed("b", 1, 2, source="النهضة", day=1500))
    assert groups(archive) == [{"a", "b"}]


def test_undated_articles_are_grouped_if_nearly_identical(archive: Archive) -> None:
    add(archive, printed("a", 1, 2, 3), printed("b", 1, 2, 3, dated=False), printed("c", 1, 2, 4, dated=False))
    assert groups(archive) == [{"a", "b"}]


def test_a_daily_column_is_not_one_story(archive: Archive) -> None:
    # Two of three sentences are the same in the column of each day, which two papers print.
    days = range(0, 40, 4)
    papers = ("النهضة", "المنارة")
    add(
        archive,
        *(printed(f"{day}-{paper}", 1, 2, 100 + day, source=paper, day=day) for day in days for paper in papers),
    )
    assert groups(archive) == sorted(({f"{day}-{paper}" for paper in papers} for day in days), key=sorted)
    # Within days it is not grouped either: earlier articles show what is formula.
    add(archive, *(printed(f"next-{paper}", 1, 2, 300, source=paper, day=37) for paper in papers))
    assert {"next-النهضة", "next-المنارة"} in groups(archive)


def test_a_roundup_of_the_news_does_not_join_its_stories(archive: Archive) -> None:
    add(archive, *(printed(f"{story}{n}", story, story + 10) for story in (1, 2, 3) for n in "abc"))
    add(archive, printed("survey", 1, 2, 3, 11, 12, 13))
    assert groups(archive) == [{f"{story}{n}" for n in "abc"} for story in (1, 2, 3)]


def test_a_printing_cut_to_a_fifth_is_in_the_group(archive: Archive) -> None:
    story = range(1, 11)
    add(archive, printed("whole", *story), printed("copy", *story), printed("cut", 1, 2), printed("item", 6, 7))
    # The short text may be added first, and many papers may cut the story alike.
    assert groups(archive) == [{"whole", "copy", "cut"}]
    add(archive, printed("another cut", 1, 2), printed("a third", 21, 22), printed("its whole", *range(21, 31)))
    assert groups(archive) == [{"a third", "its whole"}, {"whole", "copy", "cut", "another cut"}]


def test_a_survey_does_not_join_the_story_that_it_begins_with(archive: Archive) -> None:
    add(archive, *(printed(f"{story}{n}", story, story + 10) for story in (1, 2, 3) for n in "ab"))
    add(archive, printed("survey", 1, 11, 2, 12, 3, 13))
    assert groups(archive) == [{f"{story}{n}" for n in "ab"} for story in (1, 2, 3)]
    # Without two of the stories nothing shows that it is one.
    for name in ("2a", "2b"):
        archive.remove(name)
    assert groups(archive) == [{"1a", "1b", "survey"}, {"3a", "3b"}]
    for name in ("2a", "2b"):
        archive.restore(name)
    assert groups(archive) == [{f"{story}{n}" for n in "ab"} for story in (1, 2, 3)]


def test_formulaic_stories_are_told_apart_by_what_is_not_formula(archive: Archive) -> None:
    # Four fifths are the formula of every week. Two papers add their own sentence to each, and shorten the rest.
    weeks = range(0, 40, 8)
    for week in weeks:
        names = [100 + week, 101 + week]
        add(archive, printed(f"{week}a", 1, 2, 3, *names, 200 + week, day=week))
        add(archive, printed(f"{week}b", 1, 2, 3, *names, 300 + week, day=week))
        add(archive, printed(f"{week}c", 1, 2, 3, 400 + week, 500 + week, 600 + week, day=week))
    assert groups(archive) == sorted(({f"{week}a", f"{week}b"} for week in weeks), key=sorted)


def test_a_story_printed_again_next_week_is_one_group(archive: Archive) -> None:
    add(archive, *(printed(name, *range(1, 11), day=day) for name, day in (("a", 0), ("b", 0), ("c", 8))))
    add(archive, printed("d", *range(1, 10), 77, day=8))  # 90 % of it
    assert groups(archive) == [{"a", "b", "c", "d"}]


def test_captions_are_not_grouped(archive: Archive) -> None:
    add(archive, *(make_article(id=name, title=name, paragraphs=["تصوير وكالة الأنباء"], source=name) for name in "ab"))
    assert groups(archive) == []


def test_a_headline_without_a_body_counts_as_text(archive: Archive) -> None:
    add(archive, *(make_article(id=name, title=sentence(1), paragraphs=[], source=name) for name in "ab"))
    assert groups(archive) == [{"a", "b"}]


@pytest.mark.slow
def test_hundreds_of_copies_are_one_group(archive: Archive) -> None:
    add(archive, *(printed(f"{n:04}", 1, 2) for n in range(600)))
    assert [len(group) for group in groups(archive)] == [600]
    add(archive, printed("late", 1, 2))
    assert [len(group) for group in groups(archive)] == [601]


def near_copy(number: int, *, changed: float = 0.05) -> Article:
    """The same story with some words changed, different ones in each copy."""
    chance = random.Random(number)
    text = [chance.choice(WORDS) if chance.random() < changed else word for word in sentence(1, 250).split()]
    published = datetime(2020, 3, 1, 9, tzinfo=UTC)
    return make_article(
        id=f"{number:04}", title="عنوان", paragraphs=[" ".join(text)], source=f"جريدة {number}", published=published
    )


@pytest.mark.slow
def test_near_copies_of_one_story_are_one_group_at_constant_cost_per_copy(archive: Archive) -> None:
    def pairs() -> int:
        return int(archive.run_sql("SELECT count(*) FROM near_pairs")[0][0])

    add(archive, *(near_copy(number) for number in range(200)))
    assert [len(group) for group in groups(archive)] == [200]
    before = pairs()
    add(archive, *(near_copy(number) for number in range(200, 500)))
    assert [len(group) for group in groups(archive)] == [500]
    assert pairs() - before < 300 * 10
    assert list(group_problems(archive)) == []


def test_followers_of_a_removed_article_follow_another(archive: Archive) -> None:
    add(archive, *(near_copy(number) for number in range(120)))
    near_duplicates.group_changes(archive)
    followed = archive.run_sql(
        "SELECT a.id FROM near_pairs p JOIN sketches s ON s.article = p.article JOIN articles a ON a.seq = p.other"
        " WHERE s.hashes = x'' LIMIT 1"
    )[0][0]
    archive.remove(followed)
    assert [len(group) for group in groups(archive)] == [119]
    add(archive, printed("0001", 7, 8, 9, source=archive.get("0001").source or ""))
    archive.restore(followed)
    assert groups(archive) == [{f"{number:04}" for number in range(120) if number != 1}]
    assert list(group_problems(archive)) == []


def test_a_revised_follower_leaves_its_group(archive: Archive) -> None:
    add(archive, *(near_copy(number) for number in range(120)))
    near_duplicates.group_changes(archive)
    (follower,) = archive.run_sql(
        "SELECT a.id FROM sketches s JOIN articles a ON a.seq = s.article WHERE s.hashes = x'' LIMIT 1"
    )[0]
    add(archive, printed(follower, 7, 8, 9, source=archive.get(follower).source or ""), printed("new", 7, 8, 9))
    assert sorted(len(group) for group in groups(archive)) == [2, 119]


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_those_of_a_rebuild_in_any_order_of_articles(
    archive: Archive, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(update_module, "_CHANGES_PER_BATCH", chance.choice([1, 3, 500]))
    for _ in range(12):
        for _ in range(chance.randrange(1, 6)):
            name, story = str(chance.randrange(40)), chance.randrange(6) * 10
            parts = chance.sample(range(story, story + 5), chance.randrange(1, 6))
            add(archive, printed(name, *parts, source=chance.choice("أبج"), day=chance.choice([0, 0, 1, 2, 9, 30])))
        kept_up = groups(archive)
    with archive.batch():
        archive.connection.execute("UPDATE grouping SET version = 0")
    monkeypatch.setattr(update_module, "_CHANGES_PER_BATCH", 500)
    assert groups(archive) == kept_up
    assert kept_up


def test_a_new_grouping_version_regroups_everything(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    near_duplicates.group_changes(archive)
    before = archive.last_change()
    monkeypatch.setattr(update_module, "GROUPING_VERSION", 99)
    assert near_duplicates.group_changes(archive).articles == 2
    assert groups(archive) == [{"a", "b"}]
    # Articles whose group stays the same are not indexed again.
    assert archive.last_change() == before


@pytest.mark.parametrize("method", ["add_sketch", "add_pairs", "set_groups", "set_state"])
def test_an_interrupted_run_continues_after_the_last_complete_batch(
    archive: Archive, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_module, "_CHANGES_PER_BATCH", 3)
    add(archive, *(printed(f"{n}", n % 3, 10 + n % 3) for n in range(9)))
    calls = 0
    whole = getattr(GroupTables, method)

    def interrupted(self: GroupTables, *args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return whole(self, *args)

    monkeypatch.setattr(GroupTables, method, interrupted)
    with pytest.raises(KeyboardInterrupt):
        near_duplicates.group_changes(archive)
    monkeypatch.undo()
    with Archive.open(archive.directory) as other:
        assert other.run_sql("SELECT count(*) FROM sketches")[0][0] in (0, 3)
        assert groups(other) == [{str(n) for n in range(9) if n % 3 == kind} for kind in range(3)]
        entries = [change.article_id for change in other.changes() if change.kind is ChangeKind.GROUPED]
        assert len(set(entries)) == 9


def test_progress_is_reported_from_zero_to_the_total(archive: Archive) -> None:
    add(archive, *(printed(f"{n}", n) for n in range(7)))
    seen: list[tuple[int, int]] = []
    near_duplicates.group_changes(archive, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 7)
    assert seen[-1] == (7, 7)


def test_a_read_only_archive_is_reported_in_one_line(archive: Archive) -> None:
    from corpus import ArchiveWriteFailed

    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    archive.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(ArchiveWriteFailed, match="read-only"):
        near_duplicates.group_changes(archive)


def test_retellings_are_grouped_and_other_articles_are_not(archive: Archive) -> None:
    summary = ingest.AddSummary()
    ingest.add_paths(archive, [ROOT / "seeds" / "pages", ROOT / "seeds" / "wire.jsonl", RETELLINGS], summary)
    assert (summary.refusals, summary.warnings) == ([], [])
    stories: dict[str, set[str]] = {}
    for line in RETELLINGS.read_text(encoding="utf-8").splitlines():
        retelling = json.loads(line)
        if retelling["id"] not in NOT_FOUND:
            stories.setdefault(retelling["retells"], {retelling["retells"]}).add(retelling["id"])
    wire = {f"wire-00{n}" for n in (1, 2, 3, 4)}
    found = groups(archive)
    assert wire in found
    river = [group for group in found if {archive.get(one).title[:6] for one in group} & {"اتفاق", "مرجانة", "بعد مف"}]
    assert [len(group) for group in river if not any(one.startswith(("wire", "retold")) for one in group)] == [3]
    assert sorted((group for group in found if any(one.startswith("retold") for one in group)), key=sorted) == sorted(
        stories.values(), key=sorted
    )
    assert len(found) == len(stories) + 2


def test_a_removed_article_is_hidden_at_once_and_rejoins_its_group(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2), printed("c", 1, 2))
    assert groups(archive) == [{"a", "b", "c"}]
    archive.remove("a")
    # Removed articles are hidden even before the groups are updated.
    assert [copy.article_id for copy in groups_of(archive, ["b"])["b"].copies] == ["b", "c"]
    assert (count_groups(archive).groups, count_groups(archive).articles) == (1, 2)
    assert groups(archive) == [{"b", "c"}]
    assert group_names(archive, "abc") == {"b": "b", "c": "b"}
    archive.remove("c")
    assert (count_groups(archive).groups, groups_of(archive, ["b", "c"])) == (0, {})
    assert groups(archive) == []
    assert count_groups(archive) == GroupCounts(0, 0, 0)
    archive.restore("a")
    archive.restore("c")
    assert groups(archive) == [{"a", "b", "c"}]
    assert list(group_problems(archive)) == []


def test_an_article_removed_and_restored_between_runs_stays_in_its_group(archive: Archive) -> None:
    add(archive, printed("a", 1, 2), printed("b", 1, 2))
    assert groups(archive) == [{"a", "b"}]
    last = archive.last_change()
    archive.remove("a")
    archive.restore("a")
    assert groups(archive) == [{"a", "b"}]
    assert [change.kind for change in archive.changes(since=last)] == [ChangeKind.REMOVED, ChangeKind.RESTORED]


def test_removed_articles_do_not_attract_new_members(archive: Archive) -> None:
    add(archive, printed("a", 1, 2))
    groups(archive)
    archive.remove("a")
    add(archive, printed("b", 1, 2))
    assert groups(archive) == []
