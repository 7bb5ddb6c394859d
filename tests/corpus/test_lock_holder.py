from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus import Archive, ArchiveLocked, make_article, read_holder, record_holder

HOLD = """
import sys
from pathlib import Path
from corpus import Archive
sys.argv = ["/usr/bin/arshif", "add", "news.jsonl"]
with Archive.open(Path({directory!r})) as archive, archive.batch():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A real process that is writing to the archive until the block ends."""
    program = [sys.executable, "-c", HOLD.format(directory=str(directory))]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr("corpus.database.LOCK_TIMEOUT", 0.3)
    with Archive.create(tmp_path / "archive") as opened:
        yield opened


def test_the_holder_of_the_lock_is_reported_after_a_timeout(archive: Archive) -> None:
    with held_by_another(archive.directory) as process:
        with pytest.raises(ArchiveLocked) as caught:
            archive.add(make_article(id="a", paragraphs=["نص"]))
        assert f"process {process.pid} (arshif add news.jsonl, since 20" in str(caught.value)
    assert archive.last_change() == 0
    assert archive.connection.execute("PRAGMA busy_timeout").fetchone() == (300,)


def test_a_killed_process_does_not_hold_the_lock(archive: Archive) -> None:
    with held_by_another(archive.directory):
        pass
    holder = archive.directory / ".articles.writer"
    assert holder.exists()
    assert read_holder(holder) is None
    archive.add(make_article(id="a", paragraphs=["نص"]))
    assert not holder.exists()


def test_the_name_of_the_holder_is_deleted_at_the_end(archive: Archive) -> None:
    with archive.batch():
        holder = json.loads((archive.directory / ".articles.writer").read_text(encoding="utf-8"))
        assert holder["pid"] == os.getpid()
    assert not (archive.directory / ".articles.writer").exists()


def test_the_name_of_the_next_holder_is_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "holder"
    with record_holder(path):
        path.write_text("the next one's", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "the next one's"


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"pid": "x"}', '{"pid": 1}', "\x00"])
def test_an_invalid_lock_file_names_no_holder(tmp_path: Path, text: str) -> None:
    path = tmp_path / "holder"
    path.write_text(text, encoding="utf-8")
    assert read_holder(path) is None
    assert read_holder(tmp_path / "none") is None


def test_a_holder_whose_name_cannot_be_written_continues(tmp_path: Path) -> None:
    with record_holder(tmp_path / "nowhere" / "holder"):
        pass
