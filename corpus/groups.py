"""Groups of near-duplicates: their members, and which of them printed the story first.

`corpus.near_duplicates` finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from corpus.archive import Archive
from corpus.article import has_hour

# SQLite's bound on variables in one statement is in the tens of thousands; far fewer keeps statements small.
_IDS_A_QUERY = 500
_UNDATED = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a story."""

    article_id: str
    title: str
    source: str | None
    published: datetime | None
    source_name: str | None = None
    """The name by which the source is shown, if it is another one."""

    @property
    def shown_source(self) -> str | None:
        """The source, for people."""
        return self.source_name or self.source


@dataclass(frozen=True, slots=True)
class Group:
    """The copies of one story, two or more: by publication time, undated ones last, ties in the order they were added.

    `name` is the id of the member that was added first: it stays the same while members come and go.
    """

    name: str
    copies: tuple[Copy, ...]

    @property
    def first(self) -> Copy:
        """The copy that comes first in this order; whether it was published first may not be known (`known_first`)."""
        return self.copies[0]

    @property
    def may_be_first(self) -> tuple[Copy, ...]:
        """The dated copies that no other copy is known to precede.

        Hours are compared as instants. A day without an hour precedes later days only, by its date.
        """
        dated = [copy.published for copy in self.copies if copy.published]
        earliest = min((time for time in dated if has_hour(time)), default=None)
        day = min((time.date() for time in dated), default=None)
        day_alone = min((time.date() for time in dated if not has_hour(time)), default=None)

        def preceded(published: datetime) -> bool:
            if not has_hour(published):
                return day is not None and day < published.date()
            by_hour = earliest is not None and earliest < published
            return by_hour or (day_alone is not None and day_alone < published.date())

        return tuple(copy for copy in self.copies if copy.published and not preceded(copy.published))

    @property
    def known_first(self) -> Copy | None:
        """The copy that was published first; None if that is not known: of days without hours, or undated copies."""
        first = self.may_be_first
        return first[0] if len(first) == 1 and all(copy.published for copy in self.copies) else None

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the copies, without duplicates, in the order of the copies."""
        return tuple(dict.fromkeys(copy.source for copy in self.copies if copy.source))

    def others(self, article_id: str) -> tuple[Copy, ...]:
        """The other copies."""
        return tuple(copy for copy in self.copies if copy.article_id != article_id)


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The numbers of groups, of articles in them, and of changes that have not been grouped."""

    groups: int
    articles: int
    pending: int


def group_names(archive: Archive, article_ids: Iterable[str]) -> dict[str, str]:
    """The names of the articles' groups, by article id; articles without a group are left out."""
    return {article_id: name for part in _parts(article_ids) for article_id, name in _names(archive, part)}


def groups_of(archive: Archive, article_ids: Iterable[str]) -> dict[str, Group]:
    """The articles' groups, by article id; articles without a group are left out."""
    names = group_names(archive, article_ids)
    copies: dict[str, list[Copy]] = {}
    for part in _parts(names.values()):  # each group once
        marks = ",".join("?" * len(part))
        rows = archive.run_sql(
            "SELECT named.id, copy.id, r.title, r.source, r.published"
            " FROM articles named JOIN group_members c ON c.named_by = named.seq"
            " JOIN articles copy ON copy.seq = c.article"
            " JOIN revisions r ON r.article = copy.seq AND r.number = copy.revision"
            f" WHERE named.id IN ({marks}) AND copy.removal IS NULL ORDER BY copy.seq",
            part,
        )
        for name, copy_id, title, source, published in rows:
            copies.setdefault(name, []).append(
                Copy(
                    copy_id,
                    title,
                    source,
                    archive.source_names.published(source, _printed(published)),
                    archive.source_names.other(source),
                )
            )
    groups = {
        name: Group(name, tuple(sorted(members, key=_time_printed)))
        for name, members in copies.items()
        if len(members) > 1
    }
    return {article_id: groups[name] for article_id, name in names.items() if name in groups}


def count_groups(archive: Archive) -> GroupCounts:
    """The counts, for display."""
    groups, articles, pending = archive.run_sql(
        "SELECT count(*), coalesce(sum(members), 0), (SELECT count(*) FROM changes, grouping"
        " WHERE changes.number > grouping.mark AND changes.kind <> 'grouped')"
        " FROM (SELECT count(*) AS members FROM group_members m JOIN articles a ON a.seq = m.article"
        " WHERE a.removal IS NULL GROUP BY m.named_by HAVING count(*) > 1)"
    )[0]
    return GroupCounts(groups, articles, pending)


def group_problems(archive: Archive) -> Iterator[str]:
    """Inconsistencies of the tables of groups, as text; groups that are behind the change log are not reported."""
    states = archive.run_sql("SELECT mark, version FROM grouping")
    if len(states) != 1 or not 0 <= states[0][0] <= archive.last_change():
        yield "the position up to which articles are grouped is unknown"
        return
    for named, members, first in archive.run_sql(
        "SELECT named_by, count(*), min(article) FROM group_members GROUP BY named_by"
    ):
        if members < 2 or named != first:
            yield f"the group of row {named} of articles does not exist"
    # A removed article leaves its group when the change log is next processed.
    strays = archive.run_sql(
        "SELECT id FROM articles WHERE removal IS NOT NULL AND (seq IN (SELECT article FROM group_members)"
        " OR seq IN (SELECT article FROM sketches)) AND NOT EXISTS (SELECT 1 FROM changes, grouping"
        " WHERE changes.article = seq AND changes.number > grouping.mark)"
    )
    for (article_id,) in strays:
        yield f"{article_id}: it was removed, but is still compared with others"
    sketched, hashed = archive.run_sql(
        "SELECT (SELECT coalesce(sum(length(hashes) / 4), 0) FROM sketches), (SELECT count(*) FROM sketch_hashes)"
    )[0]
    if sketched != hashed:
        yield f"{sketched:,} hashes of articles are recorded, but there are {hashed:,}"


def forget_groups(archive: Archive) -> None:
    """Empty the tables of groups, inside a `batch`: the next run groups every article."""
    for table in ("sketches", "sketch_hashes", "near_pairs", "group_members", "grouping"):
        archive.run_sql(f"DELETE FROM {table}")
    archive.run_sql("INSERT INTO grouping VALUES (0, 0)")


def _printed(published: str | None) -> datetime | None:
    """The publication time of a copy; None if it is damaged."""
    try:
        printed = datetime.fromisoformat(published or "")
    except ValueError:
        return None
    return printed if printed.tzinfo else None


def _names(archive: Archive, article_ids: list[str]) -> list[tuple[str, str]]:
    marks = ",".join("?" * len(article_ids))
    rows: list[tuple[str, str]] = archive.run_sql(
        "SELECT a.id, named.id FROM articles a JOIN group_members m ON m.article = a.seq"
        f" JOIN articles named ON named.seq = m.named_by WHERE a.id IN ({marks})",
        article_ids,
    )
    return rows


def _time_printed(copy: Copy) -> datetime:
    """The sort key of a copy: a day without a time counts as its end, since nothing tells what it preceded."""
    if copy.published is None:
        return _UNDATED
    return copy.published if has_hour(copy.published) else copy.published + _DAY


def _parts(ids: Iterable[str]) -> Iterable[list[str]]:
    distinct = list(dict.fromkeys(ids))
    return (distinct[start : start + _IDS_A_QUERY] for start in range(0, len(distinct), _IDS_A_QUERY))
