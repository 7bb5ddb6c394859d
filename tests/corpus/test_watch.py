from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import Archive, CannotWatch
from corpus.ingest import AddSummary, InputFile, begins_as_page
from corpus.watch import FolderWatch
from tests.corpus.readers.made_files import PAGE


def line(article_id: str, text: str = "نص") -> str:
    return json.dumps({"id": article_id, "text": text}, ensure_ascii=False) + "\n"


class Watched:
    """A watched directory, polled at times that the test chooses."""

    def __init__(self, archive: Archive, directory: Path) -> None:
        self.archive = archive
        self.directory = directory
        self.time = 1_000_000.0
        self.restart()

    def restart(self) -> None:
        self.watch = FolderWatch(self.archive, [self.directory], settled=2, now=lambda: self.time)

    def write(self, name: str, content: str | bytes, *, age: float = 0) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (self.time - age, self.time - age))
        return path

    def poll(self, after: float = 10) -> AddSummary:
        self.time += after
        summary = AddSummary()
        self.files = self.watch.poll(summary)
        return summary

    def ids(self) -> list[str]:
        return sorted(article.id for article in self.archive.articles())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    (tmp_path / "in").mkdir()
    with Archive.create(tmp_path / "archive") as archive:
        yield Watched(archive, tmp_path / "in")


def test_a_file_is_read_once_at_the_second_poll(watched: Watched) -> None:
    watched.write("deep/a.jsonl", line("a"))
    watched.poll()
    assert (watched.ids(), watched.files, watched.watch.waiting()) == ([], 0, True)
    assert watched.poll().added == 1
    assert (watched.files, watched.watch.waiting()) == (1, False)
    summary = watched.poll()
    assert (summary.added, summary.unchanged, watched.files) == (0, 0, 0)


def test_a_growing_file_is_not_read_until_it_is_complete(watched: Watched) -> None:
    path = watched.write("a.jsonl", line("a"))
    watched.poll()
    for article_id in "bc":
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line(article_id))
        os.utime(path, (watched.time, watched.time))
        assert watched.poll(1).added == 0
    assert watched.poll(0.5).added == 0  # unchanged, but written to a moment ago
    assert watched.poll(1).added == 3


def test_a_growing_file_with_an_unchanged_mtime_is_not_read(watched: Watched) -> None:
    watched.write("a.jsonl", line("a"), age=1000)
    watched.poll()
    watched.write("a.jsonl", line("a") + line("b"), age=1010)
    assert watched.poll().added == 0
    assert watched.poll().added == 2


def test_temporary_files_are_never_read(watched: Watched) -> None:
    part = watched.write("a.jsonl.part", line("a"))
    hidden = watched.write(".b.jsonl.x1y2", line("b"))
    watched.write("empty.jsonl", "")
    for _ in range(3):
        watched.poll()
    assert (watched.ids(), watched.watch.waiting()) == ([], False)
    part.rename(watched.directory / "a.jsonl")
    hidden.rename(watched.directory / "b.jsonl")
    watched.poll()
    assert watched.poll().added == 2


def test_a_changed_file_is_read_again(watched: Watched) -> None:
    watched.write("a.jsonl", line("a", "قديم"))
    watched.poll()
    watched.poll()
    watched.write("a.jsonl", line("a", "جديد") + line("b"))
    watched.poll()
    summary = watched.poll()
    assert (summary.added, summary.revised) == (1, 1)


def test_a_file_with_only_a_new_mtime_is_not_read_again(watched: Watched) -> None:
    path = watched.write("a.jsonl", line("a"))
    watched.poll()
    watched.poll()
    os.utime(path, (watched.time, watched.time))
    watched.poll()
    watched.poll()
    assert (watched.files, watched.watch.waiting()) == (0, False)


def test_files_already_read_are_known_after_a_restart(watched: Watched) -> None:
    watched.write("a.jsonl", line("a"))
    watched.write("bad.jsonl", "{")
    watched.poll()
    assert watched.poll().refused == 1
    watched.restart()
    watched.poll()
    assert watched.poll().refused == 0
    assert watched.files == 0


def test_files_not_read_before_a_stop_are_read_later(watched: Watched) -> None:
    watched.write("a.jsonl", line("a"))
    watched.poll()
    watched.time += 10
    assert watched.watch.poll(AddSummary(), stop=lambda: True) == 0
    watched.restart()
    watched.poll()
    assert watched.poll().added == 1


def test_compressed_files_and_hundreds_of_files_are_read(watched: Watched) -> None:
    for number in range(250):
        watched.write(f"{number}.jsonl.gz", gzip.compress(line(str(number)).encode()))
    watched.poll()
    assert watched.poll().added == 250


def test_a_file_name_that_is_not_utf8_is_remembered(watched: Watched) -> None:
    name = os.fsdecode(b"\xce\xcf\xd1.jsonl")  # "خدر" in windows-1256
    try:
        watched.write(name, line("a"))
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    watched.poll()
    assert watched.poll().added == 1
    watched.poll()
    assert watched.files == 0


def test_files_of_the_archive_itself_are_not_read(watched: Watched, tmp_path: Path) -> None:
    (watched.archive.directory / "note.jsonl").write_text(line("own"), encoding="utf-8")
    watched.directory = tmp_path
    watched.restart()
    watched.poll()
    watched.poll()
    assert watched.ids() == []


def test_nothing_outside_the_directory_is_read(watched: Watched, tmp_path: Path) -> None:
    secret = tmp_path / "outside" / "secret.jsonl"
    secret.parent.mkdir()
    secret.write_text(line("secret"), encoding="utf-8")
    (watched.directory / "s.jsonl").symlink_to(secret)
    (watched.directory / "away").symlink_to(secret.parent, target_is_directory=True)
    watched.write("a.jsonl", line("a"))
    assert watched.poll().not_read == {"symbolic link": 2}
    assert watched.poll().not_read == {}  # reported once
    watched.poll()
    assert watched.ids() == ["a"]
    assert not watched.watch.waiting()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_directory_does_not_block(watched: Watched) -> None:
    os.mkfifo(watched.directory / "p.jsonl")
    watched.write("a.jsonl", line("a"))
    assert watched.poll().not_read == {"named pipe": 1}
    assert watched.poll().added == 1


def test_a_file_that_becomes_a_link_between_two_polls_is_not_read(watched: Watched, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text(line("secret"), encoding="utf-8")
    path = watched.write("a.jsonl", line("a"))
    watched.poll()
    path.unlink()
    path.symlink_to(secret)
    watched.poll()
    watched.poll()
    assert watched.ids() == []


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may read everything")
def test_an_unreadable_file_is_reported_once_and_retried(watched: Watched) -> None:
    path = watched.write("a.jsonl", line("a"))
    path.chmod(0)
    watched.poll()
    assert [refusal.reason for refusal in watched.poll().refusals] == ["Permission denied"]
    assert watched.poll().refused == 0
    path.chmod(0o600)
    assert watched.poll().added == 1


def test_a_directory_that_disappears_and_reappears_is_read(watched: Watched) -> None:
    away = watched.directory.with_name("away")
    watched.directory.rename(away)
    (refusal,) = watched.poll().refusals
    assert refusal.reason == "No such file or directory"
    assert watched.poll().refused == 0
    away.rename(watched.directory)
    watched.write("a.jsonl", line("a"))
    watched.poll()
    assert watched.poll().added == 1


def test_directories_that_cannot_be_watched_are_reported(watched: Watched, tmp_path: Path) -> None:
    with pytest.raises(CannotWatch, match="there is no such directory"):
        FolderWatch(watched.archive, [tmp_path / "nowhere"])
    with pytest.raises(CannotWatch, match="not a directory"):
        FolderWatch(watched.archive, [watched.write("a.jsonl", "")])


def test_a_page_without_an_extension_is_added_and_other_files_are_opened_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def sniff(file: InputFile) -> bool:
        opened.append(file.path.name)
        return begins_as_page(file)

    monkeypatch.setattr("corpus.watch.begins_as_page", sniff)
    watched.write("site/123", "<html><body>", age=5)
    watched.write("site/LICENSE", "text", age=5)
    for _ in range(3):
        watched.poll()
    assert sorted(opened) == ["123", "LICENSE"]
    watched.write("site/123", PAGE)
    watched.poll()
    assert watched.poll().added == 1
