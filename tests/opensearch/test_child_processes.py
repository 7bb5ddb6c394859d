"""Preparing articles in child processes: the result is that of one process, and no process outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import IndexWriteFailed
from indexer.opensearch.documents import PendingArticle, prepare_all

pytestmark = pytest.mark.slow

ARTICLES = 60
PATIENCE = 60  # seconds; for a busy machine
ENDLESS = """
import sys
from itertools import repeat
from multiprocessing import active_children
from pathlib import Path
from corpus import Archive
from indexer.opensearch.documents import PendingArticle, prepare_all

if __name__ == "__main__":
    with Archive.open(Path(sys.argv[1])) as archive:
        for part in prepare_all(archive, "news", repeat([PendingArticle("n1", 1, True)]), 2):
            print(*(child.pid for child in active_children()), flush=True)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as archive:
        with archive.batch():
            for number in range(ARTICLES):
                text = f"والمفاوضات رقم {number} في أستانة " + " ".join(f"كلمة{number * at}" for at in range(20))
                archive.add(make_article(id=f"n{number}", title=f"خبر {number}", paragraphs=[text]))
        archive.remove("n7")
        yield archive


def batches(size: int = 7) -> list[list[PendingArticle]]:
    pending = [PendingArticle(f"n{number}", number + 1, number % 2 == 0) for number in range(ARTICLES)]
    return [pending[at : at + size] for at in range(0, ARTICLES, size)]


def test_several_processes_prepare_the_same_batches_in_the_same_order(archive: Archive) -> None:
    alone, beside = (list(prepare_all(archive, "news", batches(), processes)) for processes in (1, 3))
    assert [part.actions for part in alone] == [part.actions for part in beside]
    assert [part.indexed for part in alone] == [part.indexed for part in beside]
    assert sum(part.indexed for part in alone) == ARTICLES - 1
    for words in ("words", "known_words"):
        counted = [[sorted(getattr(part, words).documents()) for part in parts] for parts in (alone, beside)]
        assert counted[0] == counted[1]
        assert counted[0][0]
    gone = [action for part in alone for action in part.actions if action.body is None]
    assert [action.key for action in gone] == ["n7"]


def test_child_processes_end_when_preparing_is_abandoned(archive: Archive) -> None:
    prepared = prepare_all(archive, "news", batches(1), 2)
    next(prepared)
    assert active_children()
    prepared.close()
    assert active_children() == []


def test_a_killed_child_process_is_reported(archive: Archive) -> None:
    prepared = prepare_all(archive, "news", batches(1), 2)
    next(prepared)
    for child in active_children():
        child.kill()
    with pytest.raises(IndexWriteFailed, match="one of the 2 analysis processes was killed"):
        list(prepared)
    assert active_children() == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
def test_child_processes_end_when_their_parent_is_killed(archive: Archive, tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(script), str(archive.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while alive := [pid for pid in children if is_running(pid)]:
        assert time.monotonic() < until, f"still there: {alive}"
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
