"""Crash tests: kills processes at random moments of writing to an archive, and checks what they leave.

Each round starts a process that adds, indexes, merges, rebuilds, groups, removes, exports or imports in an endless
loop, and reports each completed step on a pipe. It is killed with SIGKILL, which cannot be caught. Then every reported
step must be in the archive, nothing twice, and the archive and its index intact; a search must succeed at once, and so
must the next command.

It tests durability against killed processes, not power cuts: the page cache of the system survives.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from corpus import Archive, Article, Page, exchange, group_names, ingest, make_article, near_duplicates, verify_archive
from indexer import IndexMissing, SearchRequest, rebuild_index, update_index, verify_index
from indexer.embedded.searcher import EmbeddedSearcher

LONGEST: Final = 0.5  # maximum seconds that a victim runs after its first step
_PAIRS: Final = 6  # of stories that a victim groups per step
_MOST_ARTICLES: Final = 5000  # a larger archive is replaced by a new one
_WORDS: Final = "انطلقت المفاوضات في أستانة حول وقف إطلاق النار بين الحكومة والمعارضة وقال الوزير إن المحادثات مستمرة"


class Broken(Exception):
    """A guarantee was broken."""


@dataclass(slots=True)
class Siege:
    """An archive under attack, and what it must contain."""

    place: Path
    chance: random.Random
    expected: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    leftovers: Counter[str] = field(default_factory=Counter)
    _round: int = 0

    @property
    def directory(self) -> Path:
        """The archive under attack."""
        return self.place / "archive"

    def begin(self) -> None:
        """Creates an archive with articles, pages, revisions and removals, and indexes it."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self.expected, self.removed = set(), set()
        with Archive.create(self.directory) as archive:
            with archive.batch():
                for number in range(300):
                    archive.add(_article(f"base{number}"), _page(number) if number < 20 else None)
                for number in range(20):
                    archive.add(_article(f"base{number}", "مراجعة"))
                    archive.remove(f"base{100 + number}", "تجربة")
            update_index(archive)
            self.expected = {article.id for article in archive.articles()}
            self.removed = {f"base{100 + number}" for number in range(20)}
            shutil.rmtree(self.place / "backup", ignore_errors=True)
            exchange.export_archive(archive, self.place / "backup", pages=True)

    def attack(self, action: str) -> None:
        """One round: starts a victim, kills it, and checks what is left.

        Raises:
            Broken: a guarantee was broken; the archive is left unchanged, to be examined.
        """
        if not self.expected or len(self.expected) > _MOST_ARTICLES:
            self.begin()
        self._round += 1
        prepare, work, check = ACTIONS[action]
        prepared = prepare(self, self._round)
        reported = self._kill(work, prepared)
        self.kills[action] += 1
        self.acknowledged += len(reported)
        check(self, prepared, reported)
        self._check_whole()

    def _kill(self, work: Callable[..., None], prepared: Any) -> list[Any]:
        """Runs a victim, kills it at a random moment, and returns the steps that it had reported."""
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        victim = context.Process(target=_run_victim, args=(work, self.directory, prepared, theirs))
        victim.start()
        theirs.close()
        reported: list[Any] = []
        try:
            if ours.recv() != "ready":
                raise Broken("the victim did not begin")
            until = monotonic() + self.chance.uniform(0, LONGEST)
            while (left := until - monotonic()) > 0:
                if ours.poll(left):
                    reported.append(ours.recv())
            victim.kill()
            while True:
                reported.append(ours.recv())
        except EOFError:
            pass
        victim.join()
        if victim.exitcode != -9:
            raise Broken(f"the victim ended by itself ({victim.exitcode}) after reporting {reported[-3:]}")
        return reported

    def _check_whole(self) -> None:
        with Archive.open(self.directory) as archive:
            result = verify_archive(archive)
            _require(not result.problems, "\n".join(result.problems))
            self.leftovers.update(note.split(" ", 1)[1][:24] for note in result.notes)
            there = {article.id for article in archive.articles()}
            _require(self.expected <= there, f"{len(self.expected - there)} articles are missing that were reported")
            _require(not self.removed & there, f"{self.removed & there} were removed and are there")
            # At once, regardless of the state of the index.
            try:
                verify_index(archive)
                page = EmbeddedSearcher(archive).search(SearchRequest("المفاوضات", page_size=100))
                found = [hit.id for hit in page.hits]
                _require(bool(found), "a search finds nothing")
                _require(len(found) == len(set(found)), "a search finds an article twice")
                _require(set(found) <= there, "a search finds what is not there")
            except IndexMissing:
                raise Broken("the index is gone") from None
            # The next command succeeds.
            update_index(archive)
            _require(verify_index(archive) == len(there), "the index does not hold what the archive holds")
            _require(EmbeddedSearcher(archive).document_count() == len(there), "an article is in the index twice")
            archive.add(_article(f"after{self._round}"), _page(self._round))
            update_index(archive)
            self.expected = there | {f"after{self._round}"}
            self._check_nothing_half_done(archive)

    def _check_nothing_half_done(self, archive: Archive) -> None:
        """The next writer deletes the leftovers of a killed process."""
        live = set()
        for path in archive.index_directory.iterdir():
            if match := re.match(r"MAIN_[0-9a-z]{10,}", path.name):
                live.add(match[0])
            else:
                _require(path.name in ("MAIN_WRITELOCK",) or path.suffix == ".toc", f"{path} was left")
        _require(len(live) == len(EmbeddedSearcher(archive).snapshot.segments), f"segments were left: {live}")
        _require(not list(archive.pages.unfinished()), "half-written pages were left")
        _require(not list(self.directory.glob(".*.writer")), "a writer's name was left")


def run(kills: int, seed: int = 1) -> None:
    """Kills a number of victims, of each kind in turn, and prints a summary."""
    if sys.platform == "win32":
        sys.exit("there is no SIGKILL on Windows")
    began = monotonic()
    with tempfile.TemporaryDirectory() as place:
        siege = Siege(Path(place), random.Random(seed))
        for number in range(kills):
            action = list(ACTIONS)[number % len(ACTIONS)]
            try:
                siege.attack(action)
            except Exception as error:
                kept = Path(tempfile.mkdtemp(prefix="arshif-kills-"))
                shutil.copytree(place, kept, dirs_exist_ok=True)
                sys.exit(f"kill {number + 1} (seed {seed}), during {action}: {error!r}; see {kept}")
    print("| killed during | kills |\n|---|---|")
    for action, count in siege.kills.items():
        print(f"| {action} | {count} |")
    print(f"\n{kills} kills in {monotonic() - began:.0f} s; of {siege.acknowledged:,} reported steps none was lost.")
    print(f"Harmless leftovers: {dict(siege.leftovers) or 'none'}.")


# ------------------------------------------------------------------------------------- actions, and their checks
# For each action: the preparation, the victim's endless loop, and the check of the steps that it reported.


def _run_victim(work: Callable[..., None], directory: Path, prepared: Any, pipe: Connection) -> None:
    with Archive.open(directory) as archive:
        pipe.send("ready")
        work(archive, prepared, pipe.send)


def _prepare_lines(siege: Siege, number: int) -> list[Path]:
    """JSON Lines files of two and a half batches each."""
    files = []
    for part in range(8):
        file = siege.place / f"lines{part}.jsonl"
        lines = [f'{{"id": "r{number}-{part}-{n}", "text": "{_WORDS} {n}"}}\n' for n in range(1200)]
        file.write_text("".join(lines), encoding="utf-8")
        files.append(file)
    return files


def _add(archive: Archive, files: list[Path], report: Callable[[Any], None]) -> None:
    for part, file in enumerate(files):
        summary = ingest.AddSummary()
        ingest.add_paths(archive, [file], summary, progress=lambda *_, p=part, s=summary: report((p, s.added)))  # type: ignore[misc]
        report((part, summary.added))
    sleep(LONGEST)


def _check_added(siege: Siege, files: list[Path], reported: list[tuple[int, int]]) -> None:
    promised = {f"r{siege._round}-{part}-{n}" for part, added in reported for n in range(added)}
    siege.expected |= promised
    with Archive.open(siege.directory) as archive:
        summary = ingest.AddSummary()
        ingest.add_paths(archive, files[:1], summary)
        _require(summary.added + summary.unchanged == 1200, f"adding again: {summary}")
        _require(summary.revised == summary.refused == 0, f"adding again: {summary}")


def _prepare_pages(siege: Siege, number: int) -> list[Path]:
    directory = siege.place / "saved"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    files = []
    for n in range(300):
        file = directory / f"{n}.html"
        file.write_text(
            f"<html><head><title>عنوان {number} {n}</title></head><body><h1>عنوان {number} {n}</h1>"
            f"<article><p>{_WORDS} {_WORDS} {number} {n}.</p></article></body></html>",
            encoding="utf-8",
        )
        files.append(file)
    return files


def _add_pages(archive: Archive, files: list[Path], report: Callable[[Any], None]) -> None:
    for number, file in enumerate(files):
        ingest.add_paths(archive, [file], ingest.AddSummary())
        report(number)
    sleep(LONGEST)


def _check_pages(siege: Siege, files: list[Path], reported: list[int]) -> None:
    with Archive.open(siege.directory) as archive:
        summary = ingest.AddSummary()
        ingest.add_paths(archive, [files[number] for number in reported], summary)
        _require(summary.unchanged == len(reported), f"pages are missing that were reported as added: {summary}")


def _index(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    """Adds many articles per step, so that most of the time is spent indexing."""
    for part in range(1000):
        with archive.batch():
            ids = [f"i{number}-{part}-{n}" for n in range(150)]
            for article_id in ids:
                archive.add(_article(article_id))
        update_index(archive)
        report(ids)


def _merge(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    """Adds one article per step: each becomes a segment that is merged at once."""
    for part in range(100_000):
        archive.add(_article(f"m{number}-{part}"))
        update_index(archive)
        report([f"m{number}-{part}"])


def _reindex(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    for part in range(1000):
        archive.add(_article(f"x{number}-{part}"))
        rebuild_index(archive)
        report([f"x{number}-{part}"])


def _check_indexed(siege: Siege, number: int, reported: list[list[str]]) -> None:
    promised = {article_id for ids in reported for article_id in ids}
    siege.expected |= promised
    with Archive.open(siege.directory) as archive:
        indexed = set(EmbeddedSearcher(archive).snapshot.article_ids())
        _require(
            promised <= indexed, f"{len(promised - indexed)} articles are not indexed that were reported as indexed"
        )


def _prepare_ids(siege: Siege, number: int) -> list[str]:
    return siege.chance.sample(sorted(siege.expected - {"base0"}), min(150, len(siege.expected) // 3))


def _prepare_grouped(siege: Siege, number: int) -> Path:
    """A separate archive: the articles of the one under attack are all near-duplicates."""
    place = siege.place / "grouped"
    Archive.create(place).close()
    return place


def _group(archive: Archive, place: Path, report: Callable[[Any], None]) -> None:
    """Adds pairs of copies; one copy of every third pair is removed, so that its group dissolves."""
    with Archive.open(place) as target:
        for part in range(1000):
            pairs = [f"{part}-{n}" for n in range(_PAIRS)]
            with target.batch():
                for name in pairs:
                    for paper in "ab":
                        target.add(_story(name, paper))
            near_duplicates.group_changes(target)
            with target.batch():
                for name in pairs[::3]:
                    target.remove(f"{name}a")
            near_duplicates.group_changes(target)
            update_index(target)
            report(part)


def _check_grouped(siege: Siege, place: Path, reported: list[int]) -> None:
    with Archive.open(place) as archive:
        result = verify_archive(archive)
        _require(not result.problems, "\n".join(result.problems))
        if reported:
            verify_index(archive)
        near_duplicates.group_changes(archive)
        update_index(archive)
        result = verify_archive(archive)
        _require(not result.problems, "\n".join(result.problems))
        _require(verify_index(archive) == result.articles, "the index does not hold what the archive holds")
        there = {article.id for article in archive.articles()}
        promised = {f"{part}-{n}b" for part in reported for n in range(_PAIRS)}
        _require(promised <= there, f"{len(promised - there)} articles are missing that were reported as grouped")
        whole = {one[:-1] for one in there if {one[:-1] + "a", one[:-1] + "b"} <= there}
        expected = {f"{name}{paper}": f"{name}a" for name in whole for paper in "ab"}
        _require(group_names(archive, there) == expected, "the groups are not those of the stories")
    shutil.rmtree(place)


def _remove(archive: Archive, ids: list[str], report: Callable[[Any], None]) -> None:
    for number, article_id in enumerate(ids):
        archive.remove(article_id, "تجربة")
        report((article_id, "removed"))
        if number % 3 == 0:
            archive.restore(article_id)
            report((article_id, "restored"))
        if number % 5 == 0:
            update_index(archive)
    sleep(LONGEST)


def _check_removed(siege: Siege, ids: list[str], reported: list[tuple[str, str]]) -> None:
    last = dict(reported)
    siege.expected -= set(ids)
    siege.expected |= {article_id for article_id, state in last.items() if state == "restored"}
    # The last one reported as removed may have been restored without a report.
    sure = [article_id for article_id, state in list(last.items())[:-1] if state == "removed"]
    siege.removed |= set(sure)


def _prepare_nothing(siege: Siege, number: int) -> int:
    return number


def _export(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    for part in range(1000):
        exchange.export_archive(archive, archive.directory.parent / f"out{part % 3}.jsonl.gz")
        report(f"out{part % 3}.jsonl.gz")
        target = archive.directory.parent / f"out{number}-{part}"
        exchange.export_archive(archive, target, pages=True)
        report(target.name)


def _check_exported(siege: Siege, number: int, reported: list[str]) -> None:
    there = {path.name for path in siege.place.glob("out*")}
    _require(set(reported) <= there, f"exports are missing that were reported: {set(reported) - there}")
    sources = sorted(siege.place.glob("out*"))
    # Every export is complete, reported or not.
    for source in siege.chance.sample(sources, min(2, len(sources))):
        with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "back") as back:
            exchange.import_archive(back, source)
            if source.is_dir():
                with Archive.open(siege.directory) as archive:
                    _require(not (found := exchange.compare_archives(archive, back)), "\n".join(found))
    with Archive.open(siege.directory) as archive:
        for left in list(siege.place.glob(".out*")):
            siege.leftovers["unfinished exports"] += 1
            target = siege.place / left.name[1:].partition(".new-")[0]
            shutil.rmtree(target, ignore_errors=True)
            exchange.export_archive(archive, target, pages=not target.name.endswith(".gz"))
    _require(not list(siege.place.glob(".out*")), "an unfinished export was left after the next to the same place")
    for path in siege.place.glob("out*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _import(archive: Archive, number: int, report: Callable[[Any], None]) -> None:
    place = archive.directory.parent
    for part in range(1000):
        with Archive.create(place / f"in{part}") as target:
            report(part)
            exchange.import_archive(target, place / "backup")
            report(f"in{part}")


def _check_imported(siege: Siege, number: int, reported: list[Any]) -> None:
    begun = [path for path in siege.place.glob("in*") if path.name[2:].isdigit() and int(path.name[2:]) in reported]
    for path in begun:
        with Archive.open(path) as target:
            result = verify_archive(target)
            _require(not result.problems, "\n".join(result.problems))
            _require(result.articles in (0, 280), f"half of an import is there: {result.articles} articles")
            _require(
                result.articles == 280 or path.name not in reported, f"{path.name} was reported as imported and is not"
            )
            exchange.import_archive(target, siege.place / "backup")
            with Archive.create(siege.place / "whole") as whole:
                exchange.import_archive(whole, siege.place / "backup")
                _require(not (found := exchange.compare_archives(whole, target)), "\n".join(found))
            update_index(target)
            _require(verify_index(target) == 280, "the index of an import does not hold what it should")
        shutil.rmtree(siege.place / "whole")
    for path in siege.place.glob("in*"):
        shutil.rmtree(path)


def _article(article_id: str, more: str = "") -> Article:
    return make_article(id=article_id, title=f"خبر {article_id}", paragraphs=[f"{_WORDS} {more} {article_id}"])


def _story(name: str, paper: str) -> Article:
    """A story that two papers print, unlike all other stories."""
    words = random.Random(name).choices(_WORDS.split(), k=60)
    return make_article(
        id=name + paper, paragraphs=[" ".join(words)], source=paper, published=datetime(2020, 1, 1, tzinfo=UTC)
    )


def _page(number: int) -> Page:
    return Page(f"<html><p>{_WORDS} {number}</p></html>".encode(), "text/html")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise Broken(message)


ACTIONS: Final[dict[str, tuple[Callable[..., Any], Callable[..., None], Callable[..., None]]]] = {
    "add": (_prepare_lines, _add, _check_added),
    "add pages": (_prepare_pages, _add_pages, _check_pages),
    "index": (_prepare_nothing, _index, _check_indexed),
    "merge": (_prepare_nothing, _merge, _check_indexed),
    "reindex": (_prepare_nothing, _reindex, _check_indexed),
    "group": (_prepare_grouped, _group, _check_grouped),
    "remove": (_prepare_ids, _remove, _check_removed),
    "export": (_prepare_nothing, _export, _check_exported),
    "import": (_prepare_nothing, _import, _check_imported),
}
