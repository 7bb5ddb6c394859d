from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Archive, make_article
from indexer import IndexDamaged, IndexMissing, rebuild_index, update_index, verify_index
from indexer.embedded.build import open_writer


def test_an_intact_index(archive: Archive) -> None:
    update_index(archive)
    archive.add(make_article(id="talks", paragraphs=["نص آخر"]))
    update_index(archive)
    archive.add(make_article(id="not yet indexed", paragraphs=["نص"]))
    assert verify_index(archive) == 5


def test_a_damaged_article_is_not_damage_of_the_index(archive: Archive) -> None:
    with archive.batch():
        archive.connection.execute("UPDATE revisions SET title = title || 'x' WHERE article = 1")
    rebuild_index(archive)
    assert verify_index(archive) == archive.article_count() - 1


def test_an_archive_without_an_index(archive: Archive) -> None:
    with pytest.raises(IndexMissing):
        verify_index(archive)


@pytest.mark.parametrize("pattern", ["*.arr", "*.sim"])
@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_an_altered_byte_is_found(archive: Archive, pattern: str, place: float) -> None:
    update_index(archive)
    (path,) = archive.index_directory.glob(pattern)
    alter(path, place)
    with pytest.raises(IndexDamaged, match="is damaged"):
        verify_index(archive)
    rebuild_index(archive)
    assert verify_index(archive) == 5


def alter(path: Path, place: float) -> None:
    """Alters a byte that is not padding between arrays."""
    data = bytearray(path.read_bytes())
    at = int(len(data) * place)
    while not data[at]:
        at += 1
    data[at] ^= 0xFF
    path.write_bytes(data)


def test_articles_that_the_index_lacks(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    with Archive.create(tmp_path / "other") as other:
        for number in range(5):
            other.add(make_article(id=f"o{number}", paragraphs=["نص"]))
        archive.index_directory.rename(other.index_directory)
        with pytest.raises(IndexDamaged, match="5 articles of the archive are missing from it"):
            verify_index(other)


def test_changes_during_indexing_are_not_damage(archive: Archive) -> None:
    # The index is at change 5, but one later article was added, and one removed, before they were read.
    archive.add(make_article(id="later", paragraphs=["نص"]))
    archive.remove("iran")
    rebuild_index(archive)
    with open_writer(archive.index_directory) as writer:
        writer.commit(5)
    assert verify_index(archive) == 5


def test_an_index_ahead_of_its_archive(archive: Archive, tmp_path: Path) -> None:
    update_index(archive)
    with Archive.create(tmp_path / "empty") as empty:
        archive.index_directory.rename(empty.index_directory)
        with pytest.raises(IndexDamaged, match="ahead of the archive"):
            verify_index(empty)
